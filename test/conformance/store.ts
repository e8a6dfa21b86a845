/**
 * What every store promises, whichever way it is reached: one suite, run through each door. Every test has its own keys in
 * a store that the suite opened, so that a door is set up once.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '#client/store.ts';
import { ZippyError } from '#client/zippy-error.ts';
import {
  testBits,
  testHashes,
  testKeys,
  testLists,
  testSets,
  testSortedSets,
  testStrings,
} from './data-types.ts';

export interface StoreUnderTest {
  readonly store: Store;
  /** Whether the server has BEGIN and COMMIT. */
  readonly hasTransactions: boolean;
  /** Whether untyped replies have the shapes of RESP2, which knows no maps. */
  readonly isResp2?: true;
  readonly close: () => Promise<void>;
}

export type Using = () => StoreUnderTest;

/** The suite for stores that `open` makes. */
export function describeStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`a store, ${name},`, () => {
    let opened: StoreUnderTest | undefined;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());
    const using: Using = () => {
      if (opened === undefined) throw new Error('the store did not open');
      return opened;
    };
    testKeys(using);
    testStrings(using);
    testBits(using);
    testLists(using);
    testSets(using);
    testHashes(using);
    testSortedSets(using);
    testPlaces(using);
    testStreams(using);
    testGroups(using);
    testWaiting(using);
    testScans(using);
    testScripts(using);
    testServer(using);
    testMessages(using);
    testPipelines(using);
    testErrors(using);
    testTransactions(using);
  });
}

function testPlaces(using: Using): void {
  test('has places', async () => {
    const { store } = using();
    const Palermo = { longitude: 13.361389, latitude: 38.115556 };
    const Catania = { longitude: 15.087269, latitude: 37.502669 };
    expect(await store.geoadd('g:1', { Palermo, Catania })).toBe(2);
    expect(await store.geodist('g:1', 'Palermo', 'Catania', 'km')).toBeCloseTo(166.2742, 3);
    expect(await store.geodist('g:1', 'Palermo', 'none')).toBeNull();
    const [place, none] = await store.geopos('g:1', 'Palermo', 'none');
    expect(place?.longitude).toBeCloseTo(Palermo.longitude, 4);
    expect(none).toBeNull();
    expect(await store.geohash('g:1', 'Palermo')).toEqual(['sqc8b49rny0']);
    const area = { from: { member: 'Palermo' }, by: { radius: 200 }, unit: 'km' } as const;
    expect(await store.geosearch('g:1', { ...area, order: 'asc' })).toEqual(['Palermo', 'Catania']);
    const found = await store.geosearchPlaces('g:1', {
      from: { longitude: 15, latitude: 37 },
      by: { width: 400, height: 400 },
      unit: 'km',
      order: 'asc',
      count: 1,
    });
    expect(found[0]?.member).toBe('Catania');
    expect(found[0]?.distance).toBeCloseTo(56.4413, 3);
    expect(await store.geosearchstore('g:2', 'g:1', area, { storedist: true })).toBe(2);
  });
}

function testStreams(using: Using): void {
  test('has streams', async () => {
    const { store } = using();
    expect(await store.xadd('x:1', { a: 1 }, { id: '1-1' })).toBe('1-1');
    expect(await store.xadd('x:none', { a: 1 }, { nomkstream: true })).toBeNull();
    await store.xadd('x:1', { a: 2, b: 'two' }, { id: '2-1', trim: { maxlen: 10 } });
    const first = { id: '1-1', fields: new Map([['a', '1']]) };
    expect(await store.xrange('x:1', '-', '+', 1)).toEqual([first]);
    expect((await store.xrevrange('x:1')).map(({ id }) => id)).toEqual(['2-1', '1-1']);
    expect(await store.xread({ 'x:1': '0' }, { count: 1, maxcount: 1, maxsize: 100 })).toEqual(
      new Map([['x:1', [first]]]),
    );
    expect(await store.xread({ 'x:1': '$' })).toBeNull();
    expect(await store.xlen('x:1')).toBe(2);
    expect(await store.xinfoStream('x:1')).toMatchObject({ length: 2 });
    await store.xsetid('x:1', '5-0');
    expect(await store.xdelex('x:1', ['1-1', '9-9'])).toEqual([1, -1]);
    expect(await store.xtrim('x:1', { maxlen: 0 })).toBe(1);
    expect(await store.xdel('x:1', '2-1')).toBe(0);
    await store.xcfgset('x:1', { duration: 10 });
  });
}

function testGroups(using: Using): void {
  test('has groups of consumers', async () => {
    const { store } = using();
    await store.xgroupCreate('xg', 'g', '0', { mkstream: true });
    for (const n of [1, 2, 3]) await store.xadd('xg', { n }, { id: `${n}-0` });
    const read = await store.xreadgroup('g', 'ada', { xg: '>' }, { count: 2 });
    expect(read?.get('xg')?.map(({ id }) => id)).toEqual(['1-0', '2-0']);
    expect(await store.xpending('xg', 'g')).toEqual({
      count: 2,
      minId: '1-0',
      maxId: '2-0',
      consumers: new Map([['ada', 2]]),
    });
    const pending = await store.xpendingRange('xg', 'g', { consumer: 'ada' });
    expect(pending[0]).toMatchObject({ id: '1-0', consumer: 'ada', deliveries: 1 });
    expect(await store.xclaimJustid('xg', 'g', 'bob', 0, '1-0')).toEqual(['1-0']);
    expect((await store.xclaim('xg', 'g', 'bob', 0, ['2-0']))[0]?.fields.get('n')).toBe('2');
    const claimed = await store.xautoclaim('xg', 'g', 'eve', 0);
    expect(claimed).toMatchObject({ next: '0-0', deleted: [] });
    expect(claimed.entries).toHaveLength(2);
    expect(await store.xack('xg', 'g', '1-0')).toBe(1);
    expect(await store.xackdel('xg', 'g', '2-0')).toEqual([1]);
    expect(await store.xgroupCreateconsumer('xg', 'g', 'new')).toBe(true);
    expect(await store.xgroupDelconsumer('xg', 'g', 'new')).toBe(0);
    expect(await store.xinfoGroups('xg')).toMatchObject([{ name: 'g', pending: 0 }]);
    expect((await store.xinfoConsumers('xg', 'g')).map(({ name }) => name)).toContain('eve');
    await store.xreadgroup('g', 'ada', { xg: '>' });
    expect(await store.xnack('xg', 'g', 'fail', '3-0')).toBe(1);
    await store.xgroupSetid('xg', 'g', '$');
    expect(await store.xgroupDestroy('xg', 'g')).toBe(true);
    expect(await store.xgroupDestroy('xg', 'g')).toBe(false);
  });
}

function testWaiting(using: Using): void {
  test('waits for keys, and answers others meanwhile', async () => {
    const { store } = using();
    const waiting = [
      store.blpop('w:list'),
      store.blmove('w:from', 'w:to', 'left', 'right'),
      store.bzpopmin(['w:zset']),
      store.bzmpop('w:zset2', 'max'),
      store.blmpop('w:list2', 'right'),
      store.xread({ 'w:stream': '0' }, { block: 0 }),
      store.brpop('w:list3'),
      store.bzpopmax('w:zset3'),
    ];
    await store.rpush('w:list', 'a');
    await store.rpush('w:from', 'b');
    await store.zadd('w:zset', { c: 1 });
    await store.zadd('w:zset2', { d: 2 });
    await store.rpush('w:list2', 'e');
    await store.xadd('w:stream', { f: 1 }, { id: '1-1' });
    await store.rpush('w:list3', 'g');
    await store.zadd('w:zset3', { h: 3 });
    expect(await Promise.all(waiting)).toEqual([
      { key: 'w:list', element: 'a' },
      'b',
      { key: 'w:zset', member: 'c', score: 1 },
      { key: 'w:zset2', members: [{ member: 'd', score: 2 }] },
      { key: 'w:list2', elements: ['e'] },
      new Map([['w:stream', [{ id: '1-1', fields: new Map([['f', '1']]) }]]]),
      { key: 'w:list3', element: 'g' },
      { key: 'w:zset3', member: 'h', score: 3 },
    ]);
  });

  test('waits no longer than asked', async () => {
    const { store } = using();
    expect(await store.blpop('w:none', { timeout: 0.01 })).toBeNull();
    expect(await store.xread({ 'w:none': '0' }, { block: 10 })).toBeNull();
    const controller = new AbortController();
    const waiting = store.blpop('w:none', { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
}

function testScans(using: Using): void {
  test('is walked with iterators', async () => {
    const { store } = using();
    const names = Array.from({ length: 200 }, (_, i) => `m${i}`);
    await store.mset(names.map((name) => [`scan:${name}`, name] as const));
    await store.sadd('scan:set', ...names);
    await store.hset('scan:hash', Object.fromEntries(names.map((name, i) => [name, i])));
    await store.zadd('scan:zset', Object.fromEntries(names.map((name, i) => [name, i])));
    const keys = await collect(store.scan({ match: 'scan:m*', type: 'string', count: 50 }));
    expect(new Set(keys).size).toBe(200);
    expect(new Set(await collect(store.sscan('scan:set')))).toEqual(new Set(names));
    const fields = new Map(await collect(store.hscan('scan:hash')));
    expect(fields.get('m7')).toBe('7');
    expect(fields.size).toBe(200);
    const scored = await collect(store.zscan('scan:zset', { match: 'm19' }));
    expect(scored).toEqual([{ member: 'm19', score: 19 }]);
  });
}

function testScripts(using: Using): void {
  test('runs scripts and functions', async () => {
    const { store } = using();
    const call = { keys: ['sc:1'], args: ['x', 2] };
    expect(await store.eval('return {KEYS[1], ARGV[1], ARGV[2] + 1}', call)).toEqual([
      'sc:1',
      'x',
      3,
    ]);
    const sha = await store.scriptLoad('return 1');
    expect(await store.evalsha(sha)).toBe(1);
    expect(await store.evalsha_ro(sha)).toBe(1);
    expect(await store.eval_ro('return redis.call("exists", KEYS[1])', { keys: ['none'] })).toBe(0);
    expect(await store.scriptExists(sha, 'f'.repeat(40))).toEqual([true, false]);
    const code =
      '#!lua name=conformance\nredis.register_function{function_name="twice", callback=function(k, a) return a[1] * 2 end, flags={"no-writes"}}';
    expect(await store.functionLoad(code, { replace: true })).toBe('conformance');
    expect(await store.fcall('twice', { args: [21] })).toBe(42);
    expect(await store.fcall_ro('twice', { args: [4] })).toBe(8);
    const dump = await store.functionDump();
    await store.functionRestore(dump, 'replace');
    expect(await store.functionList()).toHaveLength(1);
    await store.functionDelete('conformance');
    await expect(store.evalsha('f'.repeat(40))).rejects.toMatchObject({ code: 'NOSCRIPT' });
  });
}

function testServer(using: Using): void {
  test('tells of itself and is configured', async () => {
    const { store, isResp2 } = using();
    expect(await store.ping()).toBe('PONG');
    await store.set('srv:1', 'x');
    expect(await store.dbsize()).toBeGreaterThan(0);
    expect(await store.time()).toBeGreaterThan(1_600_000_000_000);
    expect(await store.info('server')).toContain('redis_version:');
    await store.configSet({ 'slowlog-max-len': 77 });
    expect((await store.configGet('slowlog-*')).get('slowlog-max-len')).toBe('77');
    expect(await store.memoryUsage('srv:1')).toBeGreaterThan(0);
    expect(await store.memoryUsage('srv:none')).toBeNull();
    expect(await store.execute('SET', 'srv:2', 'y')).toBe('OK');
    expect(await store.execute('HSET', 'srv:3', 'a', 1)).toBe(1);
    const fields = isResp2 === true ? ['a', '1'] : new Map([['a', '1']]);
    expect(await store.execute('HGETALL', 'srv:3')).toEqual(fields);
    expect(await store.move('srv:2', 1)).toBe(true);
    expect(await store.lastsave()).toBeGreaterThanOrEqual(0);
  });
}

function testMessages(using: Using): void {
  test('hands on what is published', async () => {
    const { store } = using();
    await using messages = await store.subscribe('news', 'weather');
    await using patterns = await store.psubscribe('ne*');
    await using bytes = await store.bytes.subscribe('news');
    expect(await store.publish('news', 'hello')).toBe(3);
    expect(await store.publish('nobody', 'hello')).toBe(0);
    expect(await messages.next()).toEqual({
      done: false,
      value: { channel: 'news', message: 'hello' },
    });
    const { value } = await patterns.next();
    expect(value).toEqual({ pattern: 'ne*', channel: 'news', message: 'hello' });
    expect((await bytes.next()).value?.message).toEqual(Buffer.from('hello'));
    expect(await store.pubsubNumsub('news')).toEqual(new Map([['news', 2]]));
    expect(await store.pubsubNumpat()).toBe(1);
    expect((await store.pubsubChannels('*')).sort()).toEqual(['news', 'weather']);
    const next = messages.next();
    await messages.close();
    expect(await next).toEqual({ done: true, value: undefined });
    await expect.poll(() => store.pubsubNumsub('news')).toEqual(new Map([['news', 1]]));
  });

  test('ends a subscription whose loop is left', async () => {
    const { store } = using();
    const messages = await store.subscribe('loop');
    for (const text of ['a', 'b', 'c']) await store.publish('loop', text);
    const heard: string[] = [];
    for await (const { message } of messages) {
      heard.push(message);
      if (heard.length === 2) break;
    }
    expect(heard).toEqual(['a', 'b']);
    await expect.poll(() => store.publish('loop', 'd')).toBe(0);
  });
}

function testPipelines(using: Using): void {
  test('sends commands together', async () => {
    const { store } = using();
    const [set, n, list] = await store.pipeline((p) => [
      p.set('p:1', 'x'),
      p.incrby('p:n', 5),
      p.rpush('p:l', 'a', 'b').then((length) => length * 2),
    ]);
    expect([set, n, list]).toEqual([true, 5, 4]);
    const failing = store.pipeline((p) => [p.lpush('p:1', 'x'), p.incr('p:n')]);
    await expect(failing).rejects.toMatchObject({ code: 'WRONGTYPE' });
    expect(await store.get('p:n')).toBe('6');
    const atomic = await store.pipeline((p) => [p.incr('p:n'), p.get('p:n')] as const, {
      atomic: true,
    });
    expect(atomic).toEqual([7, '7']);
    const refused = store.pipeline((p) => [p.incr('p:n'), p.execute('NOSUCH')], { atomic: true });
    await expect(refused).rejects.toBeInstanceOf(ZippyError);
    expect(await store.get('p:n')).toBe('7');
  });
}

function testErrors(using: Using): void {
  test('throws the errors of commands, with their codes', async () => {
    const { store } = using();
    await store.set('e:1', 'text');
    const error = await store.lpush('e:1', 'x').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ZippyError);
    expect(error).toMatchObject({
      name: 'ZippyError',
      code: 'WRONGTYPE',
      message: 'WRONGTYPE Operation against a key holding the wrong kind of value',
    });
    await expect(store.incr('e:1')).rejects.toMatchObject({ code: 'ERR' });
    await expect(store.execute('NOSUCH')).rejects.toThrow(/unknown command/);
    await store.rpush('e:list', 'x');
    await expect(store.get('e:list')).rejects.toMatchObject({ code: 'WRONGTYPE' });
  });
}

function testTransactions(using: Using): void {
  test('commits what a transaction did when it returns, and rolls it back when it throws', async (context) => {
    const { store, hasTransactions } = using();
    if (!hasTransactions) return context.skip();
    await store.mset({ 't:a': 100, 't:b': 0 });
    const left = await store.transaction(async (tx) => {
      await tx.incrby('t:b', 30);
      expect(await tx.get('t:b')).toBe('30');
      return tx.decrby('t:a', 30);
    });
    expect(left).toBe(70);
    expect(await store.mget('t:a', 't:b')).toEqual(['70', '30']);
    const failing = store.transaction(async (tx) => {
      await tx.set('t:a', 'lost');
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await store.get('t:a')).toBe('70');
    const reading = store.transaction((tx) => tx.set('t:a', 'x'), { readonly: true });
    await expect(reading).rejects.toBeInstanceOf(ZippyError);
  });

  test('lets transactions that count the same key lose nothing', async (context) => {
    const { store, hasTransactions } = using();
    if (!hasTransactions) return context.skip();
    await store.set('t:n', 0);
    const once = () =>
      store.transaction(async (tx) => tx.set('t:n', Number(await tx.get('t:n')) + 1), {
        retries: 100,
      });
    await Promise.all(Array.from({ length: 8 }, once));
    expect(await store.get('t:n')).toBe('8');
  });
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
