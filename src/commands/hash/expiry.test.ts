/** Fields that expire: what the commands answer and refuse, and that the memory comes back without anybody asking. */
import { describe, expect, test } from 'vitest';
import { Engine, type EngineArgument } from '../testing/engine.ts';

function start(): Engine {
  return new Engine({ shards: 1 });
}

/** A hash of small form, or of big form, with fields `a`, `b` and `c` among others. */
function withHash(size: 'small' | 'big', engine = start()): Engine {
  const values = size === 'small' ? ['1', '2', '3'] : ['1', '2'.repeat(100), '3'];
  engine.run('HSET', 'h', 'a', values[0] ?? '', 'b', values[1] ?? '', 'c', values[2] ?? '');
  return engine;
}

function refusal(engine: Engine, ...words: readonly EngineArgument[]): string {
  const reply = engine.run(...words);
  return reply instanceof Error ? reply.message : `no error: ${String(reply)}`;
}

describe.each(['small', 'big'] as const)('in a %s hash', (size) => {
  test('HEXPIRE answers for each field, and its conditions hold as documented', () => {
    const engine = withHash(size);
    const expire = (...words: readonly EngineArgument[]) => engine.run('HPEXPIRE', 'h', ...words);
    expect(expire(1000, 'FIELDS', 3, 'a', 'none', 'b')).toEqual([1, -2, 1]);
    expect(expire(2000, 'NX', 'FIELDS', 2, 'a', 'c')).toEqual([0, 1]);
    expect(expire(500, 'GT', 'FIELDS', 1, 'a')).toEqual([0]);
    expect(expire(1000, 'GT', 'FIELDS', 1, 'a')).toEqual([0]);
    expect(expire(1500, 'GT', 'FIELDS', 1, 'a')).toEqual([1]);
    expect(expire(1500, 'LT', 'FIELDS', 1, 'a')).toEqual([0]);
    expect(expire(700, 'LT', 'FIELDS', 1, 'a')).toEqual([1]);
    expect(expire(0, 'FIELDS', 1, 'b')).toEqual([2]);
    expect(engine.run('HEXISTS', 'h', 'b')).toBe(0);
    engine.run('HPERSIST', 'h', 'FIELDS', 1, 'a');
    expect(expire(10, 'XX', 'FIELDS', 1, 'a')).toEqual([0]);
    expect(expire(10, 'GT', 'FIELDS', 1, 'a')).toEqual([0]);
    expect(expire(10, 'LT', 'FIELDS', 1, 'a')).toEqual([1]);
    expect(engine.run('HPTTL', 'h', 'FIELDS', 3, 'a', 'b', 'c')).toEqual([10, -2, 2000]);
    engine.balanced();
  });

  test('times are told rounded up, from now or since the epoch', () => {
    const engine = withHash(size);
    const nowMs = engine.clock.nowMs();
    engine.run('HPEXPIRE', 'h', 1001, 'FIELDS', 1, 'a');
    expect(engine.run('HTTL', 'h', 'FIELDS', 2, 'a', 'c')).toEqual([2, -1]);
    expect(engine.run('HPTTL', 'h', 'FIELDS', 1, 'a')).toEqual([1001]);
    expect(engine.run('HPEXPIRETIME', 'h', 'FIELDS', 1, 'a')).toEqual([nowMs + 1001]);
    expect(engine.run('HEXPIRETIME', 'h', 'FIELDS', 1, 'a')).toEqual([
      Math.ceil((nowMs + 1001) / 1000),
    ]);
    const seconds = Math.floor(nowMs / 1000) + 60;
    expect(engine.run('HEXPIREAT', 'h', seconds, 'FIELDS', 1, 'b')).toEqual([1]);
    expect(engine.run('HPEXPIREAT', 'h', nowMs + 5, 'FIELDS', 1, 'c')).toEqual([1]);
    expect(engine.run('HEXPIRETIME', 'h', 'FIELDS', 1, 'b')).toEqual([seconds]);
    expect(engine.run('HPERSIST', 'h', 'FIELDS', 3, 'a', 'none', 'a')).toEqual([1, -2, -1]);
    expect(engine.run('HTTL', 'none', 'FIELDS', 1, 'a')).toEqual([-2]);
  });

  test('what sets a value takes the expiry away, what changes one keeps it', () => {
    const engine = withHash(size);
    engine.run('HPEXPIRE', 'h', 1000, 'FIELDS', 2, 'a', 'c');
    engine.run('HINCRBY', 'h', 'a', 5);
    engine.run('HINCRBYFLOAT', 'h', 'c', '0.5');
    expect(engine.run('HPTTL', 'h', 'FIELDS', 2, 'a', 'c')).toEqual([1000, 1000]);
    engine.run('HSET', 'h', 'a', '1');
    engine.run('HSETEX', 'h', 'KEEPTTL', 'FIELDS', 1, 'c', 'kept');
    expect(engine.run('HPTTL', 'h', 'FIELDS', 2, 'a', 'c')).toEqual([-1, 1000]);
    engine.run('HSETEX', 'h', 'FIELDS', 1, 'c', 'not kept');
    expect(engine.run('HPTTL', 'h', 'FIELDS', 1, 'c')).toEqual([-1]);
    engine.balanced();
  });

  test('HGETEX, HGETDEL and HSETEX read and write with expiries', () => {
    const engine = withHash(size);
    expect(engine.run('HGETEX', 'h', 'PX', 50, 'FIELDS', 2, 'a', 'none')).toEqual(['1', null]);
    expect(engine.run('HGETEX', 'h', 'FIELDS', 1, 'a', 'PERSIST')).toEqual(['1']);
    expect(engine.run('HPTTL', 'h', 'FIELDS', 1, 'a')).toEqual([-1]);
    expect(engine.run('HGETEX', 'h', 'FIELDS', 1, 'a', 'EXAT', 1)).toEqual(['1']);
    expect(engine.run('HGETDEL', 'h', 'FIELDS', 2, 'a', 'c')).toEqual([null, '3']);
    expect(engine.run('HLEN', 'h')).toBe(1);
    expect(engine.run('HSETEX', 'h', 'FNX', 'EX', 9, 'FIELDS', 2, 'b', 'x', 'd', 'y')).toBe(0);
    expect(engine.run('HSETEX', 'h', 'FXX', 'EX', 9, 'FIELDS', 2, 'b', 'x', 'd', 'y')).toBe(0);
    expect(engine.run('HSETEX', 'h', 'FIELDS', 2, 'b', 'x', 'd', 'y', 'EX', 9)).toBe(1);
    expect(engine.run('HTTL', 'h', 'FIELDS', 2, 'b', 'd')).toEqual([9, 9]);
    expect(engine.run('HSETEX', 'h', 'PXAT', 0, 'FIELDS', 2, 'b', 'x', 'd', 'y')).toBe(1);
    expect(engine.run('EXISTS', 'h')).toBe(0);
    expect(engine.run('HSETEX', 'h', 'FXX', 'FIELDS', 1, 'b', 'x')).toBe(0);
    engine.balanced();
  });

  test('a field is gone when its time comes, whoever asks', () => {
    const engine = withHash(size);
    engine.run('HPEXPIRE', 'h', 10, 'FIELDS', 1, 'a');
    engine.run('HPEXPIRE', 'h', 20, 'FIELDS', 2, 'b', 'c');
    engine.clock.advance(10);
    expect(engine.run('HLEN', 'h')).toBe(2);
    expect(engine.run('HGET', 'h', 'a')).toBeNull();
    expect(engine.run('HSETNX', 'h', 'a', 'again')).toBe(1);
    engine.run('HDEL', 'h', 'a');
    engine.clock.advance(10);
    expect(engine.run('EXISTS', 'h')).toBe(0);
    expect(engine.run('DBSIZE')).toBe(0);
    engine.balanced();
  });

  test('without anybody asking, the memory comes back', () => {
    const engine = withHash(size);
    engine.run('HPEXPIRE', 'h', 10, 'FIELDS', 1, 'b');
    engine.run('INFO');
    expect(String(engine.run('INFO', 'keyspace'))).toMatch(/,subexpiry=1/);
    const before = engine.keyspace.usedBytes;
    engine.advance(10);
    expect(engine.keyspace.usedBytes).toBeLessThan(before);
    expect(engine.keyspace.stats.expiredFields).toBe(1);
    expect(String(engine.run('INFO', 'keyspace'))).toMatch(/,subexpiry=0/);
    engine.run('HPEXPIRE', 'h', 10, 'FIELDS', 2, 'a', 'c');
    engine.advance(10);
    expect(engine.run('DBSIZE')).toBe(0);
  });

  test('expiries go along with the key, or with its end', () => {
    const engine = withHash(size);
    engine.run('HPEXPIRE', 'h', 10, 'FIELDS', 1, 'a');
    for (const command of ['COPY h copied', 'RENAME h renamed', 'MOVE copied 1', 'SWAPDB 0 2']) {
      engine.run(...command.split(' '));
      engine.verify();
    }
    engine.run('SELECT', 2);
    expect(engine.run('HPTTL', 'renamed', 'FIELDS', 2, 'a', 'c')).toEqual([10, -1]);
    engine.run('SELECT', 1);
    expect(engine.run('HPTTL', 'copied', 'FIELDS', 1, 'a')).toEqual([10]);
    engine.run('SET', 'copied', 'text');
    engine.verify();
    engine.run('FLUSHDB');
    engine.verify();
    engine.advance(10);
    engine.run('SELECT', 2);
    expect(engine.run('HLEN', 'renamed')).toBe(2);
    engine.balanced();
  });
});

test('a sweep of many fields takes slices, not all at once', () => {
  const engine = start();
  const count = 5000;
  for (let index = 0; index < count; index++) {
    engine.run('HSETEX', 'h', 'PX', 10, 'FIELDS', 1, `f${index}`, 'v');
  }
  engine.run('HSET', 'h', 'stays', 'v');
  engine.clock.advance(10);
  engine.keyspace.setNow(engine.clock.nowMs());
  // Time stands, so a slice that looks at the clock only between batches ends with none left to spend.
  expect(engine.services.expiry.sweep(0)).toBe(true);
  expect(engine.keyspace.stats.expiredFields).toBeLessThan(200);
  expect(engine.keyspace.stats.expiredFields).toBeGreaterThan(0);
  engine.advance(0);
  expect(engine.run('HGETALL', 'h')).toEqual(['stays', 'v']);
  engine.balanced();
});

test('what was to expire in the year 4200 is refused', () => {
  const engine = withHash('small');
  const refused = "ERR invalid expire time in 'hpexpireat' command";
  expect(refusal(engine, 'HPEXPIREAT', 'h', 2 ** 46, 'FIELDS', 1, 'a')).toBe(refused);
  expect(engine.run('HPEXPIREAT', 'h', 2 ** 46 - 1, 'FIELDS', 1, 'a')).toEqual([1]);
  expect(engine.run('HPEXPIRETIME', 'h', 'FIELDS', 1, 'a')).toEqual([2 ** 46 - 1]);
});

describe('refuses in the words of Redis', () => {
  const fields = 'Mandatory argument FIELDS is missing or not at the right position';
  test.each([
    ['HEXPIRE h x FIELDS 1 a', 'value is not an integer or out of range'],
    ['HEXPIRE h -1 FIELDS 1 a', 'invalid expire time, must be >= 0'],
    ['HEXPIRE h 9223372036854775807 FIELDS 1 a', "invalid expire time in 'hexpire' command"],
    ['HEXPIRE h 1 NX XX FIELDS 1 a', 'Multiple condition flags specified'],
    ['HEXPIRE h 1 NX FIELDS 1', 'FIELDS requires at least numfields and one field argument'],
    ['HEXPIRE h 1 FIELDS 0 a', 'Parameter `numFields` should be greater than 0'],
    ['HEXPIRE h 1 FIELDS 2 a', 'wrong number of arguments'],
    ['HEXPIRE h 1 FIELDS 1 a b', 'unknown argument: b'],
    ['HEXPIRE h 1 FIELDS 1 a FIELDS 1 b', 'FIELDS keyword specified multiple times'],
    ['HEXPIRE h 1 NX NX NX', fields],
    ['HTTL h FIELD 1 a', fields],
    ['HTTL h FIELDS x a', 'Number of fields must be a positive integer'],
    ['HTTL h FIELDS 2 a', 'The `numfields` parameter must match the number of arguments'],
    ['HPERSIST h FIELDS 1 a b', 'The `numfields` parameter must match the number of arguments'],
    ['HGETDEL h FIELDS 0 a', 'Number of fields must be a positive integer'],
    ['HGETEX h EX FIELDS 1 a', 'value is not an integer or out of range'],
    ['HGETEX h FIELDS 1 a EX', 'missing expire time'],
    ['HGETEX h FIELDS 2 a', 'wrong number of arguments'],
    ['HGETEX h FIELDS x a', 'invalid number of fields'],
    ['HGETEX h KEEPTTL FIELDS 1 a', 'unknown argument'],
    [
      'HGETEX h EX 1 PERSIST FIELDS 1 a',
      'Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified',
    ],
    ['HSETEX h FNX FXX FIELDS 1 a 1', 'Only one of FXX or FNX arguments can be specified'],
    ['HSETEX h PERSIST FIELDS 1 a 1', 'unknown argument'],
    ['HSETEX h FIELDS 2 a 1', 'wrong number of arguments'],
    [
      'HSETEX h EX 1 KEEPTTL FIELDS 1 a 1',
      'Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified',
    ],
    ['HSETEX h EX 0x1 FIELDS 1 a 1', 'value is not an integer or out of range'],
    ['HSETEX h NOPE FIELDS 1 a 1', 'unknown argument: NOPE'],
  ])('%s', (words, expected) => {
    const engine = withHash('small');
    expect(refusal(engine, ...words.split(' '))).toBe(`ERR ${expected}`);
    expect(engine.run('HGETALL', 'h')).toEqual(['a', '1', 'b', '2', 'c', '3']);
  });
});

describe('of very many fields due at once, a command removes some, and the others are as if they were gone', () => {
  const due = 3000;

  /** A hash with two fields that stay and {@link due} whose time has come, `due:2999` the last, and that no sweep removes. */
  function withDueFields(): Engine {
    const engine = start();
    const names = Array.from({ length: due }, (_, i) => `due:${i}`);
    engine.run('HSET', 'h', 'stays', 'one', 'too', 'two', ...names.flatMap((name) => [name, 'x']));
    engine.run('HPEXPIRE', 'h', 999, 'FIELDS', names.length, ...names);
    engine.run('HPEXPIRE', 'h', 1000, 'FIELDS', 1, 'due:2999');
    engine.services.expiry.enabled = false;
    engine.advance(1000);
    return engine;
  }

  const expired = (engine: Engine) => engine.keyspace.stats.expiredFields;

  test.each([
    [['HLEN', 'h'], 2],
    [['HEXISTS', 'h', 'due:2999'], 0],
    [['HGET', 'h', 'due:2999'], null],
    [
      ['HMGET', 'h', 'due:2999', 'stays'],
      [null, 'one'],
    ],
    [['HDEL', 'h', 'due:2999', 'due:2998'], 0],
    [
      ['HPTTL', 'h', 'FIELDS', 2, 'due:2999', 'stays'],
      [-2, -1],
    ],
    [['HPEXPIRE', 'h', 9000, 'FIELDS', 1, 'due:2999'], [-2]],
    [
      ['HSCAN', 'h', 0, 'COUNT', 9999, 'MATCH', 'due:*'],
      ['0', []],
    ],
    [['HSET', 'h', 'due:2999', 'anew'], 1],
    [['HSETNX', 'h', 'due:2999', 'anew'], 1],
    [['HINCRBY', 'h', 'due:2999', 5], 5],
  ] as const)('%j', (words, reply) => {
    const engine = withDueFields();
    expect(engine.run(...words)).toEqual(reply);
    expect(expired(engine)).toBeGreaterThan(0);
    expect(expired(engine)).toBeLessThan(due / 2);
    engine.verify();
  });

  test('walks and draws meet the others only', () => {
    const engine = withDueFields();
    expect(engine.run('HKEYS', 'h')).toHaveLength(2);
    expect(new Set(engine.run('HRANDFIELD', 'h', -100) as string[])).toEqual(
      new Set(['stays', 'too']),
    );
    expect(engine.run('HRANDFIELD', 'h', 100)).toHaveLength(2);
    expect(['stays', 'too']).toContain(engine.run('HRANDFIELD', 'h'));
    expect(expired(engine)).toBeLessThan(due);
    engine.verify();
  });

  test('a field that is written anew has no expiry, and the last one that is not due takes the key along', () => {
    const engine = withDueFields();
    engine.run('HSET', 'h', 'due:2999', 'anew');
    expect(engine.run('HPTTL', 'h', 'FIELDS', 1, 'due:2999')).toEqual([-1]);
    expect(engine.run('HDEL', 'h', 'stays', 'too', 'due:2999')).toBe(3);
    expect(expired(engine)).toBeLessThan(due);
    expect(engine.run('EXISTS', 'h')).toBe(0);
    engine.balanced();
  });

  test('all are gone after as many commands as it takes', () => {
    const engine = withDueFields();
    for (let calls = 0; calls < 10; calls++) engine.run('HLEN', 'h');
    expect(expired(engine)).toBe(due);
    expect(engine.run('HGETALL', 'h')).toHaveLength(4);
    engine.balanced();
  });
});
