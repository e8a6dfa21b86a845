/** The npm client @upstash/redis against a live server, unchanged: commands over HTTP. */
import { Redis, type RedisConfigNodejs } from '@upstash/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type InProcessServer, portOf, startInProcess } from '../kit/in-process.ts';

let zippy: InProcessServer;
let url = '';

beforeAll(async () => {
  zippy = await startInProcess(['--requirepass', 'secret'], { httpPort: 'any' });
  url = `http://${zippy.host}:${portOf(zippy, 'HTTP')}`;
});

afterAll(() => zippy.stop());

function client(options: Partial<RedisConfigNodejs> = {}): Redis {
  const given = { url, token: 'secret', retry: false as const, enableTelemetry: false };
  return new Redis({ ...given, enableAutoPipelining: false, ...options });
}

/** The ways in which it may be used. */
const manners: [string, Partial<RedisConfigNodejs>][] = [
  ['base64, as by default', {}],
  ['text', { responseEncoding: false }],
  ['pipelines made by itself', { enableAutoPipelining: true }],
];

describe.each(manners)('@upstash/redis with %s', (_name, options) => {
  const redis = () => client(options);

  beforeEach(() => redis().flushall());

  test('stores strings, and what it makes strings of', async () => {
    const db = redis();
    expect(await db.ping()).toBe('PONG');
    expect(await db.echo('hé')).toBe('hé');
    expect(await db.set('key', 'välue', { ex: 100, nx: true })).toBe('OK');
    expect(await db.set('key', 'other', { nx: true })).toBe(null);
    expect(await db.get('key')).toBe('välue');
    expect(await db.set('object', { a: [1, 'é'], b: null })).toBe('OK');
    expect(await db.get('object')).toEqual({ a: [1, 'é'], b: null });
    expect(await db.ttl('key')).toBeGreaterThan(90);
    expect(await db.getrange('key', 0, 0)).toBe('v');
    expect(await db.append('key', '!')).toBe(7);
    expect(await db.mset({ x: 1, y: 2 })).toBe('OK');
    expect(await db.mget('x', 'none', 'y')).toEqual([1, null, 2]);
    expect(await db.incrby('x', 41)).toBe(42);
    expect(await db.incrbyfloat('x', 0.5)).toBe(42.5);
    expect(await db.getdel('y')).toBe(2);
    expect(await db.strlen('key')).toBe(7);
    expect(await db.exists('x', 'y', 'key')).toBe(2);
    expect(await db.del('x', 'key')).toBe(2);
    expect((await db.keys('*')).sort()).toEqual(['object']);
    expect(await db.type('object')).toBe('string');
    expect(await db.dbsize()).toBe(1);
    expect(await db.randomkey()).toBe('object');
  });

  test('has lists, sets, hashes and sorted sets', async () => {
    const db = redis();
    expect(await db.rpush('list', 'a', 'b', 'c')).toBe(3);
    expect(await db.lrange('list', 0, -1)).toEqual(['a', 'b', 'c']);
    expect(await db.lpop('list')).toBe('a');
    expect(await db.lmove('list', 'other', 'left', 'right')).toBe('b');
    expect(await db.lpos('list', 'c')).toBe(0);
    expect(await db.sadd('set', 'a', 'b')).toBe(2);
    expect((await db.smembers('set')).sort()).toEqual(['a', 'b']);
    expect(await db.smismember('set', ['a', 'z'])).toEqual([1, 0]);
    expect(await db.hset('hash', { name: 'Ada', year: 1815 })).toBe(2);
    expect(await db.hgetall('hash')).toEqual({ name: 'Ada', year: 1815 });
    expect(await db.hmget('hash', 'name', 'none')).toEqual({ name: 'Ada', none: null });
    expect(await db.hincrby('hash', 'year', 1)).toBe(1816);
    expect(await db.hexpire('hash', 'year', 100)).toEqual([1]);
    expect(await db.zadd('z', { score: 1, member: 'a' }, { score: 2.5, member: 'b' })).toBe(2);
    expect(await db.zrange('z', 0, -1, { withScores: true })).toEqual(['a', 1, 'b', 2.5]);
    expect(await db.zscore('z', 'b')).toBe(2.5);
    expect(await db.zrank('z', 'b')).toBe(1);
    expect(await db.zincrby('z', 2, 'a')).toBe(3);
    expect(await db.zpopmax('z')).toEqual(['a', 3]);
  });

  test('has streams, bitmaps, HyperLogLog, geo and scans', async () => {
    const db = redis();
    const id = await db.xadd('stream', '*', { name: 'Ada', n: 1 });
    expect(await db.xrange('stream', '-', '+')).toEqual({ [id]: { name: 'Ada', n: 1 } });
    expect(await db.xlen('stream')).toBe(1);
    expect(await db.xgroup('stream', { type: 'CREATE', group: 'g', id: '0' })).toBe('OK');
    expect(await db.xreadgroup('g', 'me', 'stream', '>')).toEqual([
      ['stream', [[id, ['name', 'Ada', 'n', 1]]]],
    ]);
    expect(await db.xack('stream', 'g', id)).toBe(1);
    expect(await db.setbit('bits', 7, 1)).toBe(0);
    expect(await db.bitcount('bits', 0, -1)).toBe(1);
    expect(await db.pfadd('hll', 'a', 'b', 'a')).toBe(1);
    expect(await db.pfcount('hll')).toBe(2);
    await db.geoadd('geo', { longitude: 13.361389, latitude: 38.115556, member: 'Palermo' });
    expect(Number(await db.geodist('geo', 'Palermo', 'Palermo'))).toBe(0);
    expect(await db.geopos('geo', 'Palermo')).toEqual([
      { lng: expect.closeTo(13.361389, 4), lat: expect.closeTo(38.115556, 4) },
    ]);
    const [cursor, found] = await db.scan(0, { match: 's*', count: 100 });
    expect([String(cursor), found]).toEqual(['0', ['stream']]);
    expect(await db.sadd('set', 'a')).toBe(1);
    expect((await db.sscan('set', 0))[1]).toEqual(['a']);
  });

  test('runs scripts', async () => {
    const db = redis();
    const source = "return {KEYS[1], ARGV[1], 'OK', {1, 'x'}}";
    expect(await db.eval(source, ['k'], ['v'])).toEqual(['k', 'v', 'OK', [1, 'x']]);
    const sha = await db.scriptLoad('return ARGV[1]');
    expect(await db.evalsha(sha, [], ['é'])).toBe('é');
    const script = db.createScript<number>('return tonumber(ARGV[1]) * 2');
    expect(await script.exec([], ['21'])).toBe(42);
  });

  test('runs pipelines and transactions', async () => {
    const db = redis();
    const pipeline = db.pipeline().set('k', { a: 1 }).get('k').incr('n').hset('h', { f: 'v' });
    expect(await pipeline.exec()).toEqual(['OK', { a: 1 }, 1, 1]);
    const withErrors = await db.pipeline().incr('k').get('n').exec({ keepErrors: true });
    expect(withErrors[0]?.error).toMatch(/^ERR value is not an integer/);
    expect(withErrors[1]?.result).toBe(1);
    await expect(db.pipeline().incr('k').exec()).rejects.toThrow(
      /Command 1 \[ incr \] failed: ERR/,
    );
    expect(await db.multi().incr('n').get('n').exec()).toEqual([2, 2]);
  });

  test('says what went wrong', async () => {
    const db = redis();
    await db.set('k', 'v');
    await expect(db.lpush('k', 'x')).rejects.toThrow(/WRONGTYPE/);
    await expect(client({ token: 'wrong' }).get('k')).rejects.toThrow(/WRONGPASS/);
  });
});

test('@upstash/redis puts calls of one tick together', async () => {
  const db = client({ enableAutoPipelining: true });
  const before = zippy.server.services.clients.accepted;
  const values = await Promise.all([db.set('a', 1), db.incr('a'), db.get('a'), db.get('none')]);
  expect(values).toEqual(['OK', 2, 2, null]);
  expect(zippy.server.services.clients.accepted - before).toBeLessThan(4);
});

test('@upstash/redis gets messages', async () => {
  const db = client();
  const news = db.subscribe<{ n: number }>(['news']);
  const patterns = db.psubscribe<{ n: number }>('n*');
  const heard = new Promise((resolve) => news.on('message', resolve));
  const matched = new Promise((resolve) => patterns.on('pmessage', resolve));
  while ((await db.publish('news', 'are you there')) < 2);
  await db.publish('news', { n: 1 });
  expect(await heard).toMatchObject({ channel: 'news' });
  expect(await matched).toMatchObject({ pattern: 'n*', channel: 'news' });
  await news.unsubscribe();
  await patterns.unsubscribe();
  while (zippy.server.services.clients.count > 0) await new Promise(setImmediate);
});
