import { beforeEach, describe, expect, test } from 'vitest';
import { Engine, type EngineArgument, type EngineClient } from '../testing/engine.ts';

let engine: Engine;

beforeEach(() => {
  engine = new Engine();
});

function failing(text: string): Error {
  return new Error(`ERR ${text}`);
}

describe('a score is set', () => {
  test('only as far as the conditions allow', () => {
    engine.run('ZADD', 'k', 5, 'a');
    expect(engine.run('ZADD', 'k', 'NX', 9, 'a', 1, 'b')).toBe(1);
    expect(engine.run('ZADD', 'k', 'XX', 'CH', 7, 'a', 1, 'c')).toBe(1);
    expect(engine.run('ZADD', 'k', 'GT', 'CH', 6, 'a', 2, 'b')).toBe(1);
    expect(engine.run('ZADD', 'k', 'LT', 'CH', 6, 'a', 3, 'b', 4, 'd')).toBe(2);
    expect(engine.run('ZADD', 'k', 'GT', 'INCR', -1, 'a')).toBe(null);
    expect(engine.run('ZADD', 'k', 'XX', 'INCR', 1, 'missing')).toBe(null);
    expect(engine.run('ZADD', 'new', 'XX', 1, 'a')).toBe(0);
    expect(engine.run('EXISTS', 'new')).toBe(0);
    expect(engine.run('ZRANGE', 'k', 0, -1, 'WITHSCORES')).toEqual('b 2 d 4 a 6'.split(' '));
    engine.balanced();
  });

  test('to no sum of opposite infinities, and then nothing changes', () => {
    engine.run('ZADD', 'k', 'inf', 'a');
    expect(engine.run('ZINCRBY', 'k', '-inf', 'a')).toEqual(
      failing('resulting score is not a number (NaN)'),
    );
    expect(engine.run('ZSCORE', 'k', 'a')).toBe('inf');
  });

  test.each<[words: EngineArgument[], text: string]>([
    [['NX', 'XX', 1, 'a'], 'XX and NX options at the same time are not compatible'],
    [['GT', 'NX', 1, 'a'], 'GT, LT, and/or NX options at the same time are not compatible'],
    [['INCR', 1, 'a', 2, 'b'], 'INCR option supports a single increment-element pair'],
    [[1, 'a', 2], 'syntax error'],
    [['NX', 'CH'], 'syntax error'],
    [[1, 'a', 'nan', 'b'], 'value is not a valid float'],
  ])('never with %j', (words, text) => {
    expect(engine.run('ZADD', 'k', ...words)).toEqual(failing(text));
    expect(engine.run('EXISTS', 'k')).toBe(0);
  });

  test('and announced once, where anything changes', () => {
    const { writes } = engine.keyspace;
    engine.run('ZADD', 'k', 1, 'a', 2, 'b');
    const before = writes.dirty;
    engine.run('ZADD', 'k', 1, 'a', 2, 'b');
    expect(writes.dirty).toBe(before);
    engine.run('ZADD', 'k', 1, 'a', 3, 'b', 4, 'c');
    expect(writes.dirty).toBe(before + 1);
  });
});

describe('the encoding', () => {
  const encoding = () => engine.run('OBJECT', 'ENCODING', 'k');

  test('is compact up to so many members and bytes, and never again after', () => {
    for (let i = 0; i < 128; i++) engine.run('ZADD', 'k', i, `m${i}`);
    expect(encoding()).toBe('listpack');
    engine.run('ZADD', 'k', 1, 'one more');
    expect(encoding()).toBe('skiplist');
    engine.run('ZREMRANGEBYRANK', 'k', 1, -1);
    expect(encoding()).toBe('skiplist');
    engine.run('DEL', 'k');
    engine.run('ZADD', 'k', 1, 'x'.repeat(64));
    expect(encoding()).toBe('listpack');
    engine.run('ZADD', 'k', 1, 'x'.repeat(65));
    expect(encoding()).toBe('skiplist');
    engine.balanced();
  });

  test('of a stored result is what its own members ask for', () => {
    for (let i = 0; i < 200; i++) engine.run('ZADD', 'big', i, `m${i}`);
    engine.run('ZRANGESTORE', 'k', 'big', 0, 9);
    expect(encoding()).toBe('listpack');
    engine.run('ZUNIONSTORE', 'k', 2, 'big', 'k');
    expect(encoding()).toBe('skiplist');
    engine.run('ZINTERSTORE', 'k', 2, 'big', 'missing');
    expect(engine.run('EXISTS', 'k')).toBe(0);
    engine.balanced();
  });
});

describe('the algebra', () => {
  beforeEach(() => {
    engine.run('ZADD', 'a', 1, 'x', 2, 'y', 'inf', 'z');
    engine.run('ZADD', 'b', 3, 'y', '-inf', 'z', 4, 'w');
    engine.run('SADD', 'plain', 'y', 'w', '7');
  });

  test('weighs and aggregates, and what is no number counts 0', () => {
    const reply = engine.run('ZUNION', 2, 'a', 'b', 'WEIGHTS', 2, 1, 'WITHSCORES');
    expect(reply).toEqual('z 0 x 2 w 4 y 7'.split(' '));
    const inter = engine.run('ZINTER', 2, 'a', 'b', 'AGGREGATE', 'MIN', 'WITHSCORES');
    expect(inter).toEqual('z -inf y 2'.split(' '));
  });

  test('takes plain sets too, whose members score 1', () => {
    const words = ['ZUNION', 3, 'a', 'plain', 'missing', 'WITHSCORES'];
    expect(engine.run(...words)).toEqual('7 1 w 1 x 1 y 3 z inf'.split(' '));
    expect(engine.run('ZDIFF', 2, 'plain', 'a', 'WITHSCORES')).toEqual('7 1 w 1'.split(' '));
    expect(engine.run('ZINTERCARD', 2, 'plain', 'b')).toBe(2);
    expect(engine.run('ZINTERCARD', 2, 'plain', 'b', 'LIMIT', 1)).toBe(1);
  });

  test('counts in how many sets a member is, each set with its weight', () => {
    const words = ['ZUNION', 3, 'a', 'b', 'plain'];
    const reply = engine.run(...words, 'AGGREGATE', 'COUNT', 'WITHSCORES');
    expect(reply).toEqual('7 1 x 1 w 2 z 2 y 3'.split(' '));
    const weights = ['WEIGHTS', 5, 1, 1, 'AGGREGATE', 'COUNT', 'WITHSCORES'];
    expect(engine.run('ZINTER', 3, 'a', 'b', 'plain', ...weights)).toEqual(['y', '7']);
  });

  test('may store in one of its inputs, whatever its type, and takes its expiry away', () => {
    engine.run('EXPIRE', 'plain', 100);
    expect(engine.run('ZDIFFSTORE', 'plain', 2, 'b', 'plain')).toBe(1);
    expect(engine.run('ZRANGE', 'plain', 0, -1, 'WITHSCORES')).toEqual(['z', '-inf']);
    expect(engine.run('TTL', 'plain')).toBe(-1);
    engine.balanced();
  });

  test('refuses other types before it looks at its options', () => {
    engine.run('SET', 'text', 1);
    expect(String(engine.run('ZUNION', 2, 'a', 'text', 'NONSENSE'))).toContain('WRONGTYPE');
    expect(engine.run('ZUNION', 0, 'a')).toEqual(
      failing("at least 1 input key is needed for 'zunion' command"),
    );
    expect(engine.run('ZUNION', 1, 'a', 'WEIGHTS', 'x')).toEqual(
      failing('weight value is not a float'),
    );
  });
});

test('replies of scores are pairs of their own in RESP3, of the pops just where many were asked for', () => {
  engine.run('ZADD', 'k', 1, 'a', 2, 'b', 3, 'c');
  const client = engine.connect(3);
  expect(client.run('ZRANGE', 'k', 0, 1, 'WITHSCORES')).toEqual([
    ['a', 1],
    ['b', 2],
  ]);
  expect(client.run('ZPOPMIN', 'k')).toEqual(['a', 1]);
  expect(client.run('ZPOPMIN', 'k', 1)).toEqual([['b', 2]]);
  expect(engine.run('ZMPOP', 1, 'k', 'MIN')).toEqual(['k', [['c', '3']]]);
  expect(engine.run('ZMPOP', 1, 'k', 'MIN')).toBe(null);
});

test('random members are distinct unless asked for with a negative count', () => {
  for (let i = 0; i < 200; i++) engine.run('ZADD', 'k', i, `m${i}`);
  for (const count of [1, 50, 199, 200, 500]) {
    const members = engine.run('ZRANDMEMBER', 'k', count) as string[]; // an array by its declaration
    expect(new Set(members).size).toBe(Math.min(count, 200));
    expect(members.length).toBe(Math.min(count, 200));
  }
  expect(engine.run('ZRANDMEMBER', 'k', -300)).toHaveLength(300);
  expect(engine.run('ZRANDMEMBER', 'missing', 3)).toEqual([]);
  expect(engine.run('ZRANDMEMBER', 'k', '-9223372036854775808')).toEqual(
    failing(
      'value is out of range, value must between -9223372036854775807 and 9223372036854775807',
    ),
  );
});

test('a scan returns every member that stays, whatever comes and goes', () => {
  for (let i = 0; i < 1000; i++) engine.run('ZADD', 'k', i, `m${i}`);
  const seen = new Set<string>();
  let cursor = '0';
  let round = 0;
  do {
    const reply = engine.run('ZSCAN', 'k', cursor, 'COUNT', 20, 'MATCH', 'm*');
    const [next, pairs] = reply as [string, string[]]; // by its declaration
    for (let i = 0; i < pairs.length; i += 2) seen.add(pairs[i] ?? '');
    engine.run('ZADD', 'k', round, `m:new${round}`);
    if (round < 400) engine.run('ZREM', 'k', `m${999 - round}`);
    round++;
    cursor = next;
  } while (cursor !== '0');
  for (let i = 0; i < 599; i++) expect(seen.has(`m${i}`)).toBe(true);
});

describe('a client that waits for a sorted set', () => {
  function waitingClient(...words: EngineArgument[]): EngineClient {
    const client = engine.connect();
    expect(client.runAll(...words)).toEqual([]);
    return client;
  }

  function answersOf(client: EngineClient): unknown[] {
    return client.connection.outOfBand.take().map(({ value }) => value);
  }

  test.each<[words: EngineArgument[], answer: unknown]>([
    [
      ['BZPOPMIN', 'other', 'k', 0],
      ['k', 'a', '1'],
    ],
    [
      ['BZPOPMAX', 'k', 0],
      ['k', 'b', '2'],
    ],
    [
      ['BZMPOP', 0, 2, 'other', 'k', 'MAX', 'COUNT', 5],
      [
        'k',
        [
          ['b', '2'],
          ['a', '1'],
        ],
      ],
    ],
  ])('with %j gets the reply it would have got at once', (words, answer) => {
    const client = waitingClient(...words);
    engine.run('ZADD', 'k', 1, 'a', 2, 'b');
    expect(answersOf(client)).toEqual([answer]);
    engine.run('DEL', 'k');
    engine.run('ZADD', 'k', 1, 'a', 2, 'b');
    expect(client.run(...words)).toEqual(answer);
    engine.balanced();
  });

  test('is passed over by keys of another type, and told when its time is over', () => {
    const client = waitingClient('BZPOPMIN', 'k', 0.1);
    engine.run('SET', 'k', 'x');
    engine.run('DEL', 'k');
    expect(answersOf(client)).toEqual([]);
    engine.advance(100);
    expect(answersOf(client)).toEqual([null]);
  });

  test('learns of another type on its way only once a sorted set is there', () => {
    const client = waitingClient('BZPOPMIN', 'a', 'b', 0);
    engine.run('SET', 'a', 'x');
    expect(answersOf(client)).toEqual([]);
    engine.run('ZADD', 'b', 1, 'm');
    expect(String(answersOf(client)[0])).toContain('WRONGTYPE');
  });

  test('takes turns with others, one member each', () => {
    const clients = [1, 2, 3].map(() => waitingClient('BZPOPMIN', 'k', 0));
    engine.run('ZADD', 'k', 2, 'b', 1, 'a');
    expect(clients.map(answersOf)).toEqual([[['k', 'a', '1']], [['k', 'b', '2']], []]);
    expect(engine.run('EXISTS', 'k')).toBe(0);
  });
});

describe('bytes of arena for each member of a sorted set', () => {
  // The number of members, and what one may take; Redis 7 takes 126 for the second.
  test.each([
    [100, 24],
    [100_000, 62],
  ])('%i of 16 bytes', (count, bytesMax) => {
    engine = new Engine({ shards: 1 });
    const before = engine.keyspace.usedBytes;
    for (let i = 0; i < count; i++) {
      engine.run('ZADD', 'k', (i * 7919) % 10007, `member:${String(i).padStart(9, '0')}`);
    }
    expect((engine.keyspace.usedBytes - before) / count).toBeLessThanOrEqual(bytesMax);
  });
});
