/** The part of the suite for the data types that every Redis has. */
import { expect, test } from 'vitest';
import type { Using } from './store.ts';

export function testKeys(using: Using): void {
  test('has keys with types, names and times to live', async () => {
    const { store } = using();
    expect(await store.exists('k:a', 'k:b')).toBe(0);
    await store.set('k:a', 'x', { ex: 100 });
    expect(await store.type('k:a')).toBe('string');
    expect(await store.type('k:none')).toBe('none');
    expect(await store.ttl('k:a')).toBe(100);
    expect(await store.ttl('k:none')).toBe(-2);
    expect(await store.pexpire('k:a', 5000, 'gt')).toBe(false);
    expect(await store.persist('k:a')).toBe(true);
    expect(await store.ttl('k:a')).toBe(-1);
    expect(await store.expireat('k:a', 4_000_000_000)).toBe(true);
    expect(await store.expiretime('k:a')).toBe(4_000_000_000);
    await store.rename('k:a', 'k:b');
    expect(await store.renamenx('k:b', 'k:b2')).toBe(true);
    expect(await store.copy('k:b2', 'k:c')).toBe(true);
    expect(await store.copy('k:b2', 'k:c')).toBe(false);
    expect((await store.keys('k:*')).sort()).toEqual(['k:b2', 'k:c']);
    expect(await store.objectEncoding('k:c')).toBe('embstr');
    const dump = await store.dump('k:c');
    expect(await store.dump('k:none')).toBeNull();
    await store.restore('k:d', 0, dump ?? new Uint8Array());
    expect(await store.get('k:d')).toBe('x');
    expect(await store.touch('k:c', 'k:none')).toBe(1);
    expect(await store.del('k:b2', 'k:c', 'k:none')).toBe(2);
    expect(await store.unlink('k:d')).toBe(1);
  });
}

export function testStrings(using: Using): void {
  test('has strings, which may be any text or bytes', async () => {
    const { store } = using();
    for (const text of ['', 'ascii', 'é', '日本', '😀', ' '.repeat(100), 'x'.repeat(50_000)]) {
      expect(await store.set(`s:${text.slice(0, 60)}`, text)).toBe(true);
      expect(await store.get(`s:${text.slice(0, 60)}`)).toBe(text);
    }
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    await store.set('s:bytes', bytes);
    const read = await store.bytes.get('s:bytes');
    expect(Array.from(read ?? [])).toEqual(Array.from(bytes));
    await store.set(Uint8Array.of(0, 255), 'by a key of bytes');
    expect(await store.get(Uint8Array.of(0, 255))).toBe('by a key of bytes');
    await store.set('s:n', 12.5);
    expect(await store.get('s:n')).toBe('12.5');
    expect(await store.get('s:none')).toBeNull();
  });

  test('has strings that are set under conditions, counted, cut and joined', async () => {
    const { store } = using();
    expect(await store.set('s:c', 'a', { xx: true })).toBe(false);
    expect(await store.set('s:c', 'a', { nx: true })).toBe(true);
    expect(await store.getset('s:c', 'b')).toBe('a');
    expect(await store.set('s:c', 'c', { ifeq: 'b', px: 60_000 })).toBe(true);
    expect(await store.getex('s:c', { persist: true })).toBe('c');
    expect(await store.digest('s:c')).toMatch(/^[0-9a-f]{16}$/);
    expect(await store.delex('s:c', { ifeq: 'other' })).toBe(false);
    expect(await store.getdel('s:c')).toBe('c');
    await store.mset({ 's:m1': 1, 's:m2': 'two' });
    expect(await store.mget('s:m1', 's:none', 's:m2')).toEqual(['1', null, 'two']);
    expect(await store.msetnx({ 's:m1': 1, 's:m3': 3 })).toBe(false);
    expect(await store.msetex(new Map([['s:m3', '3']]), { ex: 60 })).toBe(true);
    expect(await store.incr('s:i')).toBe(1);
    expect(await store.incrby('s:i', 41)).toBe(42);
    expect(await store.decrby('s:i', 2)).toBe(40);
    expect(await store.decr('s:i')).toBe(39);
    expect(await store.incrbyfloat('s:f', 0.5)).toBe(0.5);
    expect(await store.increx('s:x', { by: 7, ubound: 5, saturate: true })).toEqual([5, 5]);
    expect(await store.append('s:a', 'hello')).toBe(5);
    expect(await store.setrange('s:a', 5, ' you')).toBe(9);
    expect(await store.getrange('s:a', -3, -1)).toBe('you');
    expect(await store.strlen('s:a')).toBe(9);
    expect(await store.setnx('s:a', 'no')).toBe(false);
    await store.setex('s:e', 100, 'x');
    await store.psetex('s:e', 100_000, 'x');
    await store.mset({ 's:l1': 'ohmytext', 's:l2': 'mynewtext' });
    expect(await store.lcs('s:l1', 's:l2')).toBe('mytext');
    expect(await store.lcsLen('s:l1', 's:l2')).toBe(6);
    expect(await store.lcsIdx('s:l1', 's:l2', { minmatchlen: 4 })).toMatchObject({ len: 6 });
  });
}

export function testBits(using: Using): void {
  test('has bits, and estimates of how many', async () => {
    const { store } = using();
    expect(await store.setbit('b:1', 7, 1)).toBe(0);
    expect(await store.getbit('b:1', 7)).toBe(1);
    await store.set('b:2', Uint8Array.of(0xff, 0xf0));
    expect(await store.bitcount('b:2')).toBe(12);
    expect(await store.bitcount('b:2', { start: 1, end: 1 })).toBe(4);
    expect(await store.bitpos('b:2', 0)).toBe(12);
    expect(await store.bitpos('b:2', 0, { start: 1 })).toBe(12);
    expect(await store.bitop('and', 'b:3', 'b:1', 'b:2')).toBe(2);
    const steps = [
      { set: 'u8', offset: '#0', value: 250 },
      { overflow: 'fail' },
      { incrby: 'u8', offset: '#0', by: 10 },
      { get: 'u4', offset: 0 },
    ] as const;
    expect(await store.bitfield('b:4', ...steps)).toEqual([0, null, 15]);
    expect(await store.bitfield_ro('b:4', { get: 'u8', offset: 0 })).toEqual([250]);
    expect(await store.pfadd('b:p', 'a', 'b')).toBe(true);
    expect(await store.pfadd('b:p', 'a')).toBe(false);
    await store.pfmerge('b:q', 'b:p');
    expect(await store.pfcount('b:p', 'b:q')).toBe(2);
  });
}

export function testLists(using: Using): void {
  test('has lists', async () => {
    const { store } = using();
    expect(await store.rpush('l:1', 'b', 'c', 'd')).toBe(3);
    expect(await store.lpush('l:1', 'a')).toBe(4);
    expect(await store.lpushx('l:none', 'x')).toBe(0);
    expect(await store.rpushx('l:1', 'e')).toBe(5);
    expect(await store.lrange('l:1')).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await store.lindex('l:1', -1)).toBe('e');
    await store.lset('l:1', 0, 'A');
    expect(await store.linsert('l:1', 'before', 'b', 'ab')).toBe(6);
    expect(await store.lpos('l:1', 'c')).toBe(3);
    expect(await store.lposCount('l:1', 'c', 0)).toEqual([3]);
    expect(await store.lrem('l:1', 0, 'ab')).toBe(1);
    expect(await store.lpop('l:1')).toBe('A');
    expect(await store.rpop('l:1')).toBe('e');
    expect(await store.lpopCount('l:none', 2)).toBeNull();
    expect(await store.rpopCount('l:1', 2)).toEqual(['d', 'c']);
    expect(await store.llen('l:1')).toBe(1);
    expect(await store.lmove('l:1', 'l:2', 'left', 'right')).toBe('b');
    expect(await store.lmpop(['l:1', 'l:2'], 'left')).toEqual({ key: 'l:2', elements: ['b'] });
    expect(await store.lmpop('l:1', 'left')).toBeNull();
    await store.rpush('l:3', 3, 1, 2);
    expect(await store.sort('l:3', { order: 'desc', limit: { offset: 0, count: 2 } })).toEqual([
      '3',
      '2',
    ]);
    expect(await store.sort_ro('l:3')).toEqual(['1', '2', '3']);
    expect(await store.sortStore('l:3', 'l:4')).toBe(3);
    expect(await store.lmovem('l:4', 'l:5', 'left', 'right', { count: 2 })).toEqual(['1', '2']);
    await store.ltrim('l:3', 0, 0);
    expect(await store.llen('l:3')).toBe(1);
  });
}

export function testSets(using: Using): void {
  test('has sets', async () => {
    const { store } = using();
    expect(await store.sadd('set:1', 'a', 'b', 'c')).toBe(3);
    expect(await store.sadd('set:2', 'b', 'c', 'd')).toBe(3);
    expect(await store.smembers('set:1')).toEqual(new Set(['a', 'b', 'c']));
    expect(await store.smembers('set:none')).toEqual(new Set());
    expect(await store.sismember('set:1', 'a')).toBe(true);
    expect(await store.smismember('set:1', 'a', 'x')).toEqual([true, false]);
    expect(await store.sinter('set:1', 'set:2')).toEqual(new Set(['b', 'c']));
    expect(await store.sdiff('set:1', 'set:2')).toEqual(new Set(['a']));
    expect((await store.sunion('set:1', 'set:2')).size).toBe(4);
    expect(await store.sintercard(['set:1', 'set:2'], 1)).toBe(1);
    expect(await store.sunioncard(['set:1', 'set:2'])).toBe(4);
    expect(await store.sdiffcard(['set:1', 'set:2'])).toBe(1);
    expect(await store.sinterstore('set:3', 'set:1', 'set:2')).toBe(2);
    expect(await store.sunionstore('set:4', 'set:1', 'set:2')).toBe(4);
    expect(await store.sdiffstore('set:5', 'set:1', 'set:2')).toBe(1);
    expect(await store.smove('set:1', 'set:2', 'a')).toBe(true);
    expect(await store.srem('set:1', 'b', 'x')).toBe(1);
    expect(await store.srandmember('set:1')).toBe('c');
    expect(await store.srandmemberCount('set:1', -2)).toEqual(['c', 'c']);
    expect(await store.spop('set:1')).toBe('c');
    expect(await store.spop('set:1')).toBeNull();
    expect((await store.spopCount('set:4', 9)).length).toBe(4);
    expect(await store.scard('set:2')).toBe(4);
    const [bytes] = await store.bytes.smembers('set:5');
    expect(bytes).toBeInstanceOf(Uint8Array);
  });
}

export function testHashes(using: Using): void {
  test('has hashes, with fields that expire', async () => {
    const { store } = using();
    expect(await store.hset('h:1', { name: 'Ada', born: 1815 })).toBe(2);
    expect(await store.hset('h:1', [['city', 'London']])).toBe(1);
    expect(await store.hget('h:1', 'name')).toBe('Ada');
    expect(await store.hgetall('h:1')).toEqual(
      new Map([
        ['name', 'Ada'],
        ['born', '1815'],
        ['city', 'London'],
      ]),
    );
    expect(await store.hgetall('h:none')).toEqual(new Map());
    expect(await store.hmget('h:1', 'name', 'x')).toEqual(['Ada', null]);
    expect(await store.hsetnx('h:1', 'name', 'Bob')).toBe(false);
    expect(await store.hexists('h:1', 'city')).toBe(true);
    expect(await store.hlen('h:1')).toBe(3);
    expect(await store.hstrlen('h:1', 'name')).toBe(3);
    expect((await store.hkeys('h:1')).sort()).toEqual(['born', 'city', 'name']);
    expect((await store.hvals('h:1')).sort()).toEqual(['1815', 'Ada', 'London']);
    expect(await store.hincrby('h:1', 'born', 1)).toBe(1816);
    expect(await store.hincrbyfloat('h:1', 'born', 0.5)).toBe(1816.5);
    expect(await store.hexpire('h:1', 100, ['name', 'x'])).toEqual([1, -2]);
    expect(await store.hpexpire('h:1', 50_000, ['name'], 'gt')).toEqual([0]);
    expect(await store.hexpireat('h:1', 4_000_000_000, ['city'])).toEqual([1]);
    expect(await store.hpexpireat('h:1', 4_000_000_000_000, ['city'])).toEqual([1]);
    expect(await store.httl('h:1', 'name', 'born', 'x')).toEqual([100, -1, -2]);
    expect((await store.hpttl('h:1', 'name'))[0]).toBeGreaterThan(90_000);
    expect(await store.hexpiretime('h:1', 'city')).toEqual([4_000_000_000]);
    expect(await store.hpexpiretime('h:1', 'city')).toEqual([4_000_000_000_000]);
    expect(await store.hpersist('h:1', 'name', 'born')).toEqual([1, -1]);
    expect(await store.hsetex('h:1', { a: 1 }, { ex: 10, fxx: true })).toBe(false);
    expect(await store.hsetex('h:1', { a: 1 }, { ex: 10 })).toBe(true);
    expect(await store.hgetex('h:1', { persist: true }, 'a')).toEqual(['1']);
    expect(await store.hgetdel('h:1', 'a', 'x')).toEqual(['1', null]);
    expect(await store.hdel('h:1', 'born', 'city')).toBe(2);
    expect(await store.hrandfield('h:1')).toBe('name');
    expect(await store.hrandfieldCount('h:1', 5)).toEqual(['name']);
    expect(await store.hrandfieldWithvalues('h:1', 1)).toEqual(new Map([['name', 'Ada']]));
  });
}

export function testSortedSets(using: Using): void {
  test('has sorted sets', async () => {
    const { store } = using();
    expect(await store.zadd('z:1', { ada: 10, bob: 20 })).toBe(2);
    expect(await store.zadd('z:1', [{ member: 'max', score: Number.POSITIVE_INFINITY }])).toBe(1);
    expect(await store.zadd('z:1', { ada: 11 }, { gt: true, ch: true })).toBe(1);
    expect(await store.zaddIncr('z:1', 1, 'none', { xx: true })).toBeNull();
    expect(await store.zincrby('z:1', 1.5, 'bob')).toBe(21.5);
    expect(await store.zscore('z:1', 'max')).toBe(Number.POSITIVE_INFINITY);
    expect(await store.zscore('z:1', 'none')).toBeNull();
    expect(await store.zmscore('z:1', 'ada', 'none')).toEqual([11, null]);
    expect(await store.zrank('z:1', 'bob')).toBe(1);
    expect(await store.zrevrank('z:1', 'bob')).toBe(1);
    expect(await store.zrankWithscore('z:1', 'bob')).toEqual({ rank: 1, score: 21.5 });
    expect(await store.zrevrankWithscore('z:1', 'none')).toBeNull();
    expect(await store.zrange('z:1')).toEqual(['ada', 'bob', 'max']);
    expect(await store.zrange('z:1', '(11', Number.POSITIVE_INFINITY, { by: 'score' })).toEqual([
      'bob',
      'max',
    ]);
    expect(await store.zrangeWithscores('z:1', 0, 0)).toEqual([{ member: 'ada', score: 11 }]);
    expect(await store.zrangestore('z:2', 'z:1', 0, 1)).toBe(2);
    expect(await store.zcount('z:1', Number.NEGATIVE_INFINITY, 21.5)).toBe(2);
    await store.zadd('z:lex', { a: 0, b: 0, c: 0 });
    expect(await store.zlexcount('z:lex', '[a', '(c')).toBe(2);
    expect(await store.zremrangebylex('z:lex', '[a', '[a')).toBe(1);
    expect(await store.zremrangebyrank('z:lex', 0, 0)).toBe(1);
    expect(await store.zremrangebyscore('z:lex', 0, 0)).toBe(1);
    expect(await store.zunion(['z:1', 'z:2'])).toHaveLength(3);
    expect(await store.zinterWithscores(['z:1', 'z:2'], { aggregate: 'max' })).toEqual([
      { member: 'ada', score: 11 },
      { member: 'bob', score: 21.5 },
    ]);
    expect(await store.zinter(['z:1', 'z:2'], { weights: [1, -1] })).toHaveLength(2);
    expect(await store.zunionWithscores('z:2')).toHaveLength(2);
    expect(await store.zdiff(['z:1', 'z:2'])).toEqual(['max']);
    expect(await store.zdiffWithscores(['z:2', 'z:1'])).toEqual([]);
    expect(await store.zunionstore('z:3', ['z:1', 'z:2'])).toBe(3);
    expect(await store.zinterstore('z:4', ['z:1', 'z:2'])).toBe(2);
    expect(await store.zdiffstore('z:5', ['z:1', 'z:2'])).toBe(1);
    expect(await store.zintercard(['z:1', 'z:2'])).toBe(2);
    expect(await store.zrandmember('z:5')).toBe('max');
    expect(await store.zrandmemberCount('z:5', 3)).toEqual(['max']);
    expect(await store.zrandmemberWithscores('z:2', 9)).toHaveLength(2);
    expect(await store.zpopmin('z:1')).toEqual({ member: 'ada', score: 11 });
    expect(await store.zpopmax('z:none')).toBeNull();
    expect(await store.zpopmaxCount('z:2', 1)).toEqual([{ member: 'bob', score: 21.5 }]);
    expect(await store.zpopminCount('z:2', 5)).toEqual([{ member: 'ada', score: 11 }]);
    expect(await store.zmpop(['z:2', 'z:5'], 'min')).toEqual({
      key: 'z:5',
      members: [{ member: 'max', score: Number.POSITIVE_INFINITY }],
    });
    expect(await store.zrem('z:1', 'bob')).toBe(1);
    expect(await store.zcard('z:1')).toBe(1);
  });
}
