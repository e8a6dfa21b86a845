/** The npm client ioredis against a live server, in both protocols it speaks. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type InProcessServer, startInProcess } from '../kit/in-process.ts';

let zippy: InProcessServer;

beforeAll(async () => {
  zippy = await startInProcess();
});

afterAll(() => zippy.stop());

describe.each([2, 3] as const)('ioredis over RESP%i', (protocol) => {
  let redis: Redis;

  beforeAll(async () => {
    redis = new Redis({ host: zippy.host, port: zippy.port, protocol, connectionName: 'tests' });
    await new Promise((resolve) => redis.once('ready', resolve));
  });

  beforeEach(() => redis.flushall());

  afterAll(() => redis.quit());

  test('introduces itself when it connects', async () => {
    const info = String(await redis.client('INFO'));
    expect(info).toMatch(/ name=tests /);
    expect(info).toMatch(/ lib-name=ioredis/);
    expect(info).toMatch(new RegExp(` resp=${protocol}`));
  });

  test('reads the server’s INFO', async () => {
    expect(await redis.info('server')).toMatch(/^redis_version:\d+\.\d+\.\d+\r$/m);
  });

  test('stores strings with every kind of option', async () => {
    expect(await redis.set('key', 'value', 'EX', 100, 'NX')).toBe('OK');
    expect(await redis.set('key', 'other', 'NX')).toBe(null);
    expect(await redis.set('key', 'other', 'KEEPTTL', 'GET')).toBe('value');
    expect(await redis.ttl('key')).toBeGreaterThan(90);
    expect(await redis.append('key', '!')).toBe(6);
    expect(await redis.getrange('key', 0, 2)).toBe('oth');
    expect(await redis.mset('a', '1', 'b', '2')).toBe('OK');
    expect(await redis.mget('a', 'none', 'b')).toEqual(['1', null, '2']);
    expect(await redis.incrby('a', 41)).toBe(42);
    expect(await redis.incrbyfloat('a', 0.5)).toBe('42.5');
    expect(await redis.del('a', 'b', 'none')).toBe(2);
  });

  test('keeps keys and values of any bytes', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await redis.set(bytes, bytes);
    expect(await redis.getBuffer(bytes)).toEqual(bytes);
    const big = Buffer.alloc(3_000_000, 'zippy');
    await redis.set('big', big);
    expect(await redis.getBuffer('big')).toEqual(big);
  });

  test('runs pipelines, with a mistake in the middle', async () => {
    const pipeline = redis.pipeline().set('n', 'one').incr('n').get('n');
    for (let i = 0; i < 2000; i++) pipeline.incr('counter');
    const results = (await pipeline.exec()) ?? [];
    expect(results[0]).toEqual([null, 'OK']);
    expect(results[1]?.[0]?.message).toBe('ERR value is not an integer or out of range');
    expect(results[2]).toEqual([null, 'one']);
    expect(results.at(-1)).toEqual([null, 2000]);
  });

  test('runs commands as one, unless a watched key has changed', async () => {
    const replies = await redis.multi().set('a', '1').incr('a').lpush('a', 'x').get('a').exec();
    expect(replies?.map(([, reply]) => reply ?? 'error')).toEqual(['OK', 2, 'error', '2']);
    await redis.watch('a');
    const other = redis.duplicate();
    await other.set('a', 'theirs');
    expect(await redis.multi().set('a', 'ours').exec()).toBe(null);
    expect(await redis.get('a')).toBe('theirs');
    await other.quit();
  });

  test('waits for what another client pushes', async () => {
    const other = redis.duplicate();
    const popped = other.blpop('none', 'queue', 10);
    await vi.waitFor(async () => {
      expect(await redis.info('clients')).toMatch(/^blocked_clients:1\r$/m);
    });
    await redis.rpush('queue', 'job');
    expect(await popped).toEqual(['queue', 'job']);
    expect(await redis.exists('queue')).toBe(0);
    await other.quit();
  });

  test('walks all keys', async () => {
    const keys = Array.from({ length: 500 }, (_, i) => `key:${i}`);
    await redis.mset(...keys.flatMap((key) => [key, 'x']));
    const seen = new Set<string>();
    for await (const some of redis.scanStream({ match: 'key:*', count: 50 })) {
      for (const key of some as string[]) seen.add(key);
    }
    expect([...seen].sort()).toEqual([...keys].sort());
  });

  test('reports errors as the server words them', async () => {
    await expect(redis.call('NOSUCH', 'x')).rejects.toThrow("ERR unknown command 'NOSUCH'");
    await expect(redis.call('GET')).rejects.toThrow(
      "ERR wrong number of arguments for 'get' command",
    );
  });

  test('comes back by itself after its connection was killed', async () => {
    await redis.set('key', 'value');
    const before = await redis.client('ID');
    const ready = new Promise((resolve) => redis.once('ready', resolve));
    const { clients } = zippy.server.services;
    clients.find(Number(before))?.connection.destroy();
    await ready;
    expect(await redis.get('key')).toBe('value');
    expect(await redis.client('ID')).not.toBe(before);
  });
});

test('ioredis with a password and a database of its own', async () => {
  await using guarded = await startInProcess(['--requirepass', 'secret']);
  const options = { host: guarded.host, port: guarded.port, db: 3 };
  const redis = new Redis({ ...options, password: 'secret' });
  expect(await redis.set('key', 'value')).toBe('OK');
  expect(await redis.client('INFO')).toMatch(/ db=3 /);
  await redis.quit();
  const stranger = new Redis({ ...options, password: 'wrong', retryStrategy: () => null });
  stranger.on('error', () => {});
  await expect(stranger.get('key')).rejects.toThrow();
  stranger.disconnect();
});
