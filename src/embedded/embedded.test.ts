import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AbstractConnector, Redis } from 'ioredis';
import { createClient } from 'redis';
import { describe, expect, test } from 'vitest';
import { ManualClock } from '#platform/clock.ts';
import { open, startServer } from './open.ts';

describe('an embedded store', () => {
  test('answers at once where nothing has to be waited for', async () => {
    await using store = await open();
    const { sync } = store;
    expect(sync.set('key', 'value')).toBe(true);
    expect([sync.get('key'), sync.get('key'), sync.get('none')]).toEqual(['value', 'value', null]);
    expect(sync.hset('hash', { a: 1 })).toBe(1);
    expect([...sync.hscan('hash')]).toEqual([['a', '1']]);
    expect(sync.bytes.get('key')).toEqual(Buffer.from('value'));
    expect(() => sync.lpush('key', 'x')).toThrow(expect.objectContaining({ code: 'WRONGTYPE' }));
    expect(() => sync.get('hash')).toThrow(expect.objectContaining({ code: 'WRONGTYPE' }));
  });

  test('reads nothing that is no longer true, whoever changed it and however', async () => {
    const clock = new ManualClock();
    await using store = await open({ clock });
    const { sync } = store;
    const changes: readonly [change: () => unknown, value: string | null][] = [
      [() => sync.append('key', '!'), 'value!'],
      [() => sync.setrange('key', 0, 'V'), 'Value'],
      [() => sync.del('key'), null],
      [() => sync.rename('other', 'key'), 'other'],
      [() => sync.copy('other', 'key', { replace: true }), 'other'],
      [() => sync.flushdb(), null],
      [() => sync.swapdb(0, 1), null],
      [() => sync.move('key', 2), null],
      [() => sync.eval('redis.call("set", KEYS[1], "script")', { keys: ['key'] }), 'script'],
      [() => sync.bytes.set('key', Uint8Array.of(0x41)), 'A'],
      [() => [sync.pexpire('key', 10), sync.get('key'), clock.advance(10)], null],
      [() => [sync.set('key', 'a', { px: 10 }), sync.get('key'), clock.advance(9)], 'a'],
    ];
    for (const [change, value] of changes) {
      sync.flushall();
      sync.set('key', 'value');
      sync.set('other', 'other');
      expect(sync.get('key')).toBe('value');
      await change();
      expect(sync.get('key'), String(change)).toBe(value);
      expect(await store.get('key'), String(change)).toBe(value);
    }
  });

  test('tells others of what it writes past requests', async () => {
    await using store = await open({ config: { 'notify-keyspace-events': 'KEA' } });
    await using events = await store.psubscribe('__keyevent@0__:*');
    const popped = store.execute('WATCH', 'key');
    await popped;
    await store.execute('MULTI');
    await store.execute('GET', 'key');
    store.sync.set('key', 'value');
    expect(await store.execute('EXEC')).toBeNull();
    expect((await events.next()).value).toMatchObject({
      channel: '__keyevent@0__:set',
      message: 'key',
    });
    expect(await store.info('commandstats')).toMatch(/cmdstat_set:calls=[1-9]/);
  });

  test('holds a limit of memory', async () => {
    await using store = await open({
      maxmemory: '4mb',
      eviction: 'allkeys-lru',
      config: { shards: 1 },
    });
    const value = 'x'.repeat(1000);
    for (let i = 0; i < 8000; i++) store.sync.set(`key:${i}`, value);
    const keys = store.sync.dbsize();
    expect(keys).toBeGreaterThan(500);
    expect(keys).toBeLessThan(6000);
    expect(store.sync.get('key:7999')).toBe(value);
  });

  test('with a directory has its data again when it is opened again', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'zippy-embedded-'));
    for (const fsync of ['always', 'everysec'] as const) {
      const options = { dir: join(dir, 'new', fsync), fsync };
      {
        await using store = await open(options);
        expect(await store.set('key', fsync)).toBe(true);
        store.sync.set('sync', fsync);
        await store.hset('hash', { fsync });
      }
      await using store = await open(options);
      expect(await store.mget('key', 'sync')).toEqual([fsync, fsync]);
      expect(await store.hget('hash', 'fsync')).toBe(fsync);
    }
    rmSync(dir, { recursive: true });
  });

  test('refuses options that are none', async () => {
    await expect(open({ maxmemory: 'much' })).rejects.toThrow(/maxmemory/);
    // As JavaScript would have it.
    const wrong = { directory: '/x' } as object;
    await expect(open(wrong)).rejects.toThrow(TypeError);
    await expect(open({ config: { 'no-such': 1 } })).rejects.toThrow(/no-such/);
  });

  test('lets clients of Redis in on request', async () => {
    await using store = await open();
    await store.set('key', 'value');
    const { url } = await store.listen();
    const client = createClient({ url });
    await client.connect();
    expect(await client.get('key')).toBe('value');
    await client.set('key', 'other');
    expect(store.sync.get('key')).toBe('other');
    await client.close();
  });
});

describe('ioredis without a socket', () => {
  test('does what it does with one', async () => {
    await using store = await open();
    const redis = new Redis({ Connector: store.ioredisConnector(AbstractConnector) });
    expect(await redis.set('key', 'value')).toBe('OK');
    expect(store.sync.get('key')).toBe('value');
    expect(await redis.pipeline().incr('n').incr('n').exec()).toEqual([
      [null, 1],
      [null, 2],
    ]);
    const big = 'x'.repeat(3_000_000);
    await redis.set('big', big);
    expect((await redis.get('big'))?.length).toBe(big.length);
    const subscriber = redis.duplicate();
    const heard = new Promise((resolve) => subscriber.once('message', (...args) => resolve(args)));
    await subscriber.subscribe('news');
    const popped = redis.duplicate().blpop('list', 0);
    await store.rpush('list', 'a');
    expect(await popped).toEqual(['list', 'a']);
    await store.publish('news', 'hello');
    expect(await heard).toEqual(['news', 'hello']);
    await expect(redis.incr('key')).rejects.toThrow('not an integer');
    await redis.quit();
    subscriber.disconnect();
  });
});

describe('a server for tests', () => {
  test('has a clock that can be moved', async () => {
    const clock = new ManualClock();
    await using server = await startServer({ clock });
    const client = createClient({ url: server.url });
    await client.connect();
    await client.set('key', 'value', { expiration: { type: 'EX', value: 60 } });
    clock.advance(59_999);
    expect(await client.exists('key')).toBe(1);
    const waiting = client.blPop('list', 30);
    await expect.poll(() => server.store.info('clients')).toContain('blocked_clients:1');
    clock.advance(30_000);
    expect(await waiting).toBeNull();
    expect(await client.exists('key')).toBe(0);
    client.destroy();
  });

  test('is gone with all it held', async () => {
    const first = await startServer();
    await first.store.set('key', 'value');
    await first.close();
    await using second = await startServer();
    expect(await second.store.get('key')).toBeNull();
    expect(second.port).not.toBe(0);
  });
});
