/** What commands on hashes do at their edges, and the words in which they refuse. */
import { describe, expect, test } from 'vitest';
import { Engine, type EngineArgument } from '../testing/engine.ts';

const wrongType = /^WRONGTYPE /;

function start(protocol: 2 | 3 = 2): Engine {
  return new Engine({ shards: 1, protocol });
}

/** The error a command is answered with. */
function refusal(engine: Engine, ...words: readonly EngineArgument[]): string {
  const reply = engine.run(...words);
  return reply instanceof Error ? reply.message : `no error: ${String(reply)}`;
}

/** A hash of `count` fields, `f0` and so on. */
function fill(engine: Engine, key: string, count: number, value = 'v'): void {
  const pairs = Array.from({ length: count }, (_, index) => [`f${index}`, value]);
  engine.run('HSET', key, ...pairs.flat());
}

describe('what OBJECT ENCODING tells', () => {
  test('a hash is a listpack up to as many fields as configured, and stays a hashtable', () => {
    const engine = start();
    fill(engine, 'h', 512);
    expect(engine.run('OBJECT', 'ENCODING', 'h')).toBe('listpack');
    engine.run('HSET', 'h', 'one more', 'v');
    expect(engine.run('OBJECT', 'ENCODING', 'h')).toBe('hashtable');
    engine.run('HDEL', 'h', 'one more', ...Array.from({ length: 511 }, (_, i) => `f${i}`));
    expect(engine.run('HGETALL', 'h')).toEqual(['f511', 'v']);
    expect(engine.run('OBJECT', 'ENCODING', 'h')).toBe('hashtable');
    engine.balanced();
  });

  test.each([
    ['a field', ['x'.repeat(65), 'v']],
    ['a value', ['f', 'x'.repeat(65)]],
  ])('%s that is too long makes it a hashtable', (_, pair) => {
    const engine = start();
    engine.run('HSET', 'h', 'f', 'x'.repeat(64));
    expect(engine.run('OBJECT', 'ENCODING', 'h')).toBe('listpack');
    engine.run('HSET', 'h', ...pair);
    engine.run('HSET', 'new', ...pair);
    expect(engine.run('OBJECT', 'ENCODING', 'h')).toBe('hashtable');
    expect(engine.run('OBJECT', 'ENCODING', 'new')).toBe('hashtable');
    engine.balanced();
  });

  test('fields that expire make a small hash a listpackex, which it stays', () => {
    const engine = start();
    engine.run('HSET', 'h', 'f', 'v', 'g', 'w');
    engine.run('HEXPIRE', 'h', 10, 'FIELDS', 1, 'f');
    expect(engine.run('OBJECT', 'ENCODING', 'h')).toBe('listpackex');
    engine.run('HPERSIST', 'h', 'FIELDS', 1, 'f');
    expect(engine.run('OBJECT', 'ENCODING', 'h')).toBe('listpackex');
    fill(engine, 'h', 600);
    expect(engine.run('OBJECT', 'ENCODING', 'h')).toBe('hashtable');
    engine.balanced();
  });

  test('a limit beyond what a pack holds is kept to where it is', () => {
    const engine = start();
    engine.run('CONFIG', 'SET', 'hash-max-listpack-entries', 1_000_000);
    fill(engine, 'h', 6000);
    engine.run('HEXPIRE', 'h', 10, 'FIELDS', 1, 'f77');
    expect(engine.run('HLEN', 'h')).toBe(6000);
    engine.balanced();
  });
});

test('replies are maps and pairs in RESP3, and flat before', () => {
  for (const protocol of [2, 3] as const) {
    const engine = start(protocol);
    engine.run('HSET', 'h', 'f', '1');
    const map = protocol === 3 ? new Map([['f', '1']]) : ['f', '1'];
    expect(engine.run('HGETALL', 'h')).toEqual(map);
    const pairs = protocol === 3 ? [['f', '1']] : ['f', '1'];
    expect(engine.run('HRANDFIELD', 'h', 5, 'WITHVALUES')).toEqual(pairs);
    expect(engine.run('HRANDFIELD', 'h', -2)).toEqual(['f', 'f']);
    expect(engine.run('HRANDFIELD', 'none')).toBeNull();
    expect(engine.run('HRANDFIELD', 'none', 3)).toEqual([]);
    expect(engine.run('HSCAN', 'h', 0)).toEqual(['0', ['f', '1']]);
    expect(engine.run('HSCAN', 'h', 0, 'NOVALUES', 'MATCH', 'f*')).toEqual(['0', ['f']]);
  }
});

test('HINCRBY and HINCRBYFLOAT refuse in their own words, and keep what was there', () => {
  const engine = start();
  engine.run('HSET', 'h', 'text', 'abc', 'max', '9223372036854775807', 'huge', '1e4900');
  expect(refusal(engine, 'HINCRBY', 'h', 'text', 1)).toBe('ERR hash value is not an integer');
  expect(refusal(engine, 'HINCRBYFLOAT', 'h', 'text', 1)).toBe('ERR hash value is not a float');
  expect(refusal(engine, 'HINCRBY', 'h', 'max', 1)).toBe(
    'ERR increment or decrement would overflow',
  );
  expect(refusal(engine, 'HINCRBYFLOAT', 'h', 'f', 'inf')).toBe('ERR value is NaN or Infinity');
  expect(refusal(engine, 'HINCRBYFLOAT', 'h', 'f', 'x')).toBe('ERR value is not a valid float');
  expect(engine.run('HINCRBY', 'h', 'max', -1)).toBe(9223372036854775806n);
  expect(engine.run('HINCRBYFLOAT', 'h', 'new', '0.1')).toBe('0.1');
  expect(engine.run('HINCRBYFLOAT', 'h', 'new', '0.2')).toBe('0.3');
});

test('HRANDFIELD refuses counts that nobody could reply to', () => {
  const engine = start();
  engine.run('HSET', 'h', 'f', 'v');
  expect(refusal(engine, 'HRANDFIELD', 'h', '-9223372036854775807')).toBe(
    'ERR value is out of range',
  );
  expect(refusal(engine, 'HRANDFIELD', 'h', 1, 'VALUES')).toBe('ERR syntax error');
  expect(refusal(engine, 'HRANDFIELD', 'h', 'x', 'VALUES')).toMatch(/not an integer/);
  expect(refusal(engine, 'HRANDFIELD', 'h', '9223372036854775806', 'WITHVALUES')).toBe(
    'ERR value is out of range',
  );
});

test.each([40, 2000])('HRANDFIELD takes any of %d fields as likely as another', (size) => {
  const engine = start();
  fill(engine, 'h', size);
  const met = new Map<string, number>();
  const rounds = 60;
  const wanted = size / 4;
  for (let round = 0; round < rounds; round++) {
    const fields = engine.run('HRANDFIELD', 'h', wanted);
    if (!Array.isArray(fields)) throw new Error('an array');
    expect(new Set(fields).size).toBe(wanted);
    for (const field of fields) met.set(String(field), (met.get(String(field)) ?? 0) + 1);
  }
  expect(met.size).toBe(size);
  // Of a mean of 15 and a deviation of 3.4, nothing strays further than this.
  for (const times of met.values()) expect(Math.abs(times - rounds / 4)).toBeLessThan(18);
});

test('HSCAN meets every field that stays, while others come and go', () => {
  const engine = start();
  fill(engine, 'h', 3000);
  const met = new Set<string>();
  let cursor = '0';
  let round = 0;
  do {
    const reply = engine.run('HSCAN', 'h', cursor, 'COUNT', 50, 'NOVALUES', 'MATCH', 'f*');
    if (!Array.isArray(reply) || !Array.isArray(reply[1])) throw new Error('a cursor and fields');
    cursor = String(reply[0]);
    for (const field of reply[1]) met.add(String(field));
    engine.run('HSET', 'h', `new ${round}`, 'v');
    engine.run('HDEL', 'h', `f${2000 + round++}`);
  } while (cursor !== '0');
  for (let index = 0; index < 2000; index++) expect(met.has(`f${index}`)).toBe(true);
  expect(engine.run('HSCAN', 'h', '18446744073709551615')).toEqual(['0', []]);
  expect(refusal(engine, 'HSCAN', 'h', 'x')).toBe('ERR invalid cursor');
  expect(engine.run('HSCAN', 'none', 0, 'rubbish')).toEqual(['0', []]);
  expect(refusal(engine, 'HSCAN', 'h', 0, 'rubbish')).toBe('ERR syntax error');
});

test('a value of another type is left alone', () => {
  const engine = start();
  engine.run('SET', 's', 'text');
  engine.run('HSET', 'h', 'f', 'v');
  expect(refusal(engine, 'HSET', 's', 'f', 'v')).toMatch(wrongType);
  expect(refusal(engine, 'HGETEX', 's', 'rubbish', 'x', 'y')).toMatch(wrongType);
  expect(refusal(engine, 'GET', 'h')).toMatch(wrongType);
  expect(engine.run('TYPE', 'h')).toBe('hash');
  expect(engine.run('GET', 's')).toBe('text');
});

describe('HIMPORT', () => {
  test('makes hashes of the fields that the client has prepared', () => {
    const engine = start();
    expect(engine.run('HIMPORT', 'PREPARE', 'user', 'name', '', '\x00\xff')).toBe('OK');
    engine.run('HSET', 'h', 'old', 'value');
    engine.run('HEXPIRE', 'h', 10, 'FIELDS', 1, 'old');
    engine.run('EXPIRE', 'h', 10);
    expect(engine.run('HIMPORT', 'SET', 'h', 'user', 'alice', 'b', 'x'.repeat(100))).toBe('OK');
    expect(engine.run('HMGET', 'h', 'name', '', '\x00\xff', 'old')).toEqual([
      ...['alice', 'b', 'x'.repeat(100)],
      null,
    ]);
    expect(engine.run('TTL', 'h')).toBe(-1);
    expect(engine.run('HIMPORT', 'DISCARD', 'user')).toBe(1);
    expect(engine.run('HIMPORT', 'DISCARD', 'user')).toBe(0);
    expect(engine.run('HLEN', 'h')).toBe(3);
    engine.balanced();
  });

  test('refuses what was not prepared, by this client', () => {
    const engine = start();
    engine.run('HIMPORT', 'PREPARE', 'f', 'a', 'b');
    expect(refusal(engine, 'HIMPORT', 'PREPARE', 'g', 'a', 'a')).toBe(
      'ERR duplicate field name in fieldset',
    );
    expect(refusal(engine, 'HIMPORT', 'SET', 'h', 'g', '1', '2')).toBe('ERR no such fieldset');
    expect(refusal(engine, 'HIMPORT', 'SET', 'h', 'f', '1')).toBe(
      'ERR value count does not match fieldset field count',
    );
    engine.run('SET', 's', 'text');
    expect(refusal(engine, 'HIMPORT', 'SET', 's', 'f', '1', '2')).toMatch(wrongType);
    const other = engine.connect().run('HIMPORT', 'SET', 'h', 'f', '1', '2');
    expect(other).toEqual(new Error('ERR no such fieldset'));
    engine.run('HIMPORT', 'PREPARE', 'g', 'a');
    expect(engine.run('HIMPORT', 'DISCARDALL')).toBe(2);
    engine.run('HIMPORT', 'PREPARE', 'f', 'a');
    engine.run('RESET');
    expect(refusal(engine, 'HIMPORT', 'SET', 'h', 'f', '1')).toBe('ERR no such fieldset');
    expect(engine.run('EXISTS', 'h')).toBe(0);
  });

  test('keeps no more names than a client may have', () => {
    const engine = start();
    const name = 'n'.repeat(1 << 20);
    let prepared = 0;
    while (engine.run('HIMPORT', 'PREPARE', prepared, name) === 'OK') prepared++;
    expect(prepared).toBe(15);
    engine.run('HIMPORT', 'DISCARD', 3);
    expect(engine.run('HIMPORT', 'PREPARE', 'again', name)).toBe('OK');
  });
});

describe('the memory of a hash', () => {
  const tenFields = Array.from({ length: 10 }, (_, index) => [`field:${index}`, `value:${index}`]);

  test('of ten small fields is 280 bytes at most, its key of 16 bytes included', () => {
    const engine = start();
    const count = 10_000;
    const before = engine.keyspace.usedBytes;
    for (let index = 0; index < count; index++) {
      const key = `hash:${String(index).padStart(11, '0')}`;
      for (const pair of tenFields) engine.run('HSET', key, ...pair);
    }
    const bytes = (engine.keyspace.usedBytes - before) / count;
    expect(bytes).toBeLessThanOrEqual(280);
    engine.balanced();
  });

  test('of 100 000 fields is 50 bytes a field, and MEMORY USAGE knows', () => {
    const engine = start();
    const before = engine.keyspace.usedBytes;
    const count = 100_000;
    for (let index = 0; index < count; index++) {
      engine.run('HSET', 'h', `field:${String(index).padStart(6, '0')}`, 'a value of 16 b.');
    }
    const bytes = engine.keyspace.usedBytes - before;
    expect(bytes / count).toBeLessThanOrEqual(50);
    const told = Number(engine.run('MEMORY', 'USAGE', 'h', 'SAMPLES', 100));
    expect(Math.abs(told / bytes - 1)).toBeLessThan(0.05);
    engine.run('DEL', 'h');
    expect(engine.keyspace.lazyFree.pending).toBe(true);
    engine.balanced();
  });
});
