import { beforeEach, describe, expect, test } from 'vitest';
import { Engine, type EngineArgument, type EngineClient } from '../testing/engine.ts';

let engine: Engine;

beforeEach(() => {
  engine = new Engine();
});

const wrongType = new Error('WRONGTYPE Operation against a key holding the wrong kind of value');

/** A client that waits with these words. */
function waitingClient(...words: EngineArgument[]): EngineClient {
  const client = engine.connect();
  expect(client.runAll(...words)).toEqual([]);
  expect(client.client.isBlocked).toBe(true);
  return client;
}

function answersOf(client: EngineClient): unknown[] {
  return client.connection.outOfBand.take().map(({ value }) => value);
}

describe('a client that waits for a list', () => {
  test.each<[words: EngineArgument[], answer: unknown]>([
    [
      ['BLPOP', 'k', 0],
      ['k', 'a'],
    ],
    [
      ['BRPOP', 'other', 'k', 0],
      ['k', 'b'],
    ],
    [
      ['BLMPOP', 0, 2, 'other', 'k', 'RIGHT', 'COUNT', 5],
      ['k', ['b', 'a']],
    ],
    [['BLMOVE', 'k', 'to', 'LEFT', 'RIGHT', 0], 'a'],
    [['BRPOPLPUSH', 'k', 'to', 0], 'b'],
    [['BLMOVEM', 'k', 'to', 'LEFT', 'LEFT', 0], ['a']],
    [
      ['BLMOVEM', 'k', 'to', 'LEFT', 'LEFT', 0, 'COUNT', 5, 'OBO'],
      ['b', 'a'],
    ],
    [
      ['BLMOVEM', 'k', 'to', 'LEFT', 'LEFT', 0, 'EXACTLY', 2, 'BULK'],
      ['a', 'b'],
    ],
  ])('with %j gets the reply it would have got at once', (words, answer) => {
    const client = waitingClient(...words);
    engine.run('RPUSH', 'k', 'a', 'b');
    expect(answersOf(client)).toEqual([answer]);
    expect(client.client.isBlocked).toBe(false);
    engine.run('DEL', 'k', 'to');
    engine.run('RPUSH', 'k', 'a', 'b');
    expect(client.run(...words)).toEqual(answer);
    engine.balanced();
  });

  test.each<EngineArgument[][]>([
    [['BLPOP', 'k', 0.1]],
    [['BLMPOP', '.1', 1, 'k', 'LEFT']],
    [['BLMOVE', 'k', 'to', 'LEFT', 'RIGHT', '1e-1']],
    [['BRPOPLPUSH', 'k', 'to', 0.1]],
    [['BLMOVEM', 'k', 'to', 'LEFT', 'RIGHT', 0.1, 'EXACTLY', 3, 'OBO']],
  ])('with %j is answered with a null array when its time is over', (words) => {
    const client = waitingClient(...words);
    engine.advance(99);
    expect(answersOf(client)).toEqual([]);
    engine.advance(1);
    expect(client.connection.outOfBand.take()).toEqual([{ shape: 'nil-array', value: null }]);
    engine.run('RPUSH', 'k', 'a');
    expect(engine.run('LLEN', 'k')).toBe(1);
  });

  test('is served in its turn, whatever the others want of the list', () => {
    const clients = [
      waitingClient('BLPOP', 'k', 0),
      waitingClient('BLMPOP', 0, 1, 'k', 'RIGHT', 'COUNT', 2),
      waitingClient('BLMOVE', 'k', 'to', 'LEFT', 'LEFT', 0),
      waitingClient('BRPOP', 'k', 0),
    ];
    engine.run('RPUSH', 'k', 1, 2, 3, 4, 5, 6);
    expect(clients.map(answersOf)).toEqual([
      [['k', '1']],
      [['k', ['6', '5']]],
      ['2'],
      [['k', '4']],
    ]);
    expect(engine.run('LRANGE', 'k', 0, -1)).toEqual(['3']);
  });

  test('is passed over while there is too little for it, and keeps its turn', () => {
    const exact = waitingClient('BLMOVEM', 'k', 'to', 'LEFT', 'RIGHT', 0, 'EXACTLY', 2, 'BULK');
    const [one, two] = [waitingClient('BLPOP', 'k', 0), waitingClient('BLPOP', 'k', 0)];
    engine.run('RPUSH', 'k', 'a');
    expect([exact, one, two].map(answersOf)).toEqual([[], [['k', 'a']], []]);
    engine.run('RPUSH', 'k', 'b', 'c');
    expect([exact, one, two].map(answersOf)).toEqual([[['b', 'c']], [], []]);
    engine.run('RPUSH', 'k', 'd');
    expect(answersOf(two)).toEqual([['k', 'd']]);
  });

  test.each<[what: string, prepare: EngineArgument[][], wake: EngineArgument[]]>([
    ['a rename', [['RPUSH', 'from', 'x', 'y', 'z']], ['RENAME', 'from', 'k']],
    ['a copy', [['RPUSH', 'from', 'x', 'y', 'z']], ['COPY', 'from', 'k']],
    ['an insertion', [['RPUSH', 'k', 'x', 'z']], ['LINSERT', 'k', 'BEFORE', 'z', 'y']],
    [
      'a move',
      [
        ['RPUSH', 'k', 'x', 'y'],
        ['RPUSH', 'from', 'z'],
      ],
      ['RPOPLPUSH', 'from', 'k'],
    ],
  ])('is woken by %s', (_, prepare, wake) => {
    const client = waitingClient('BLMOVEM', 'k', 'to', 'LEFT', 'LEFT', 0, 'EXACTLY', 3, 'BULK');
    for (const words of prepare) engine.run(...words);
    expect(answersOf(client)).toEqual([]);
    engine.run(...wake);
    expect((answersOf(client)[0] as string[]).toSorted()).toEqual(['x', 'y', 'z']);
    expect(engine.run('LLEN', 'to')).toBe(3);
    engine.balanced();
  });

  test('waits on where the key is written as another type, and is served when it is a list again', () => {
    const client = waitingClient('BLPOP', 'k', 0);
    engine.run('SET', 'k', 'text');
    engine.run('APPEND', 'k', 'more');
    expect(answersOf(client)).toEqual([]);
    engine.run('DEL', 'k');
    engine.run('LPUSH', 'k', 'a');
    expect(answersOf(client)).toEqual([['k', 'a']]);
  });

  test('is refused when it is its turn to move to a key of another type', () => {
    const client = waitingClient('BLMOVE', 'k', 'to', 'LEFT', 'LEFT', 0);
    engine.run('SET', 'to', 'text');
    engine.run('RPUSH', 'k', 'a');
    expect(answersOf(client)).toEqual([wrongType]);
    expect(engine.run('LRANGE', 'k', 0, -1)).toEqual(['a']);
  });

  test('is refused when it is woken and a key before the list is of another type', () => {
    const client = waitingClient('BLPOP', 'one', 'two', 0);
    engine.run('SET', 'one', 'text');
    engine.run('RPUSH', 'two', 'a');
    expect(answersOf(client)).toEqual([wrongType]);
    expect(engine.run('LLEN', 'two')).toBe(1);
  });

  test('passes on what it moves to those who wait for that, and so on', () => {
    const last = waitingClient('BLPOP', 'c', 0);
    const second = waitingClient('BLMOVE', 'b', 'c', 'LEFT', 'LEFT', 0);
    const first = waitingClient('BLMOVE', 'a', 'b', 'LEFT', 'LEFT', 0);
    expect(engine.run('RPUSH', 'a', 'x')).toBe(1);
    expect([first, second, last].map(answersOf)).toEqual([['x'], ['x'], [['c', 'x']]]);
    expect(engine.run('EXISTS', 'a', 'b', 'c')).toBe(0);
  });

  test('rotates a list that it waits for', () => {
    const client = waitingClient('BRPOPLPUSH', 'k', 'k', 0);
    engine.run('RPUSH', 'k', 1, 2, 3);
    expect(answersOf(client)).toEqual(['3']);
    expect(engine.run('LRANGE', 'k', 0, -1)).toEqual(['3', '1', '2']);
  });
});

describe('in MULTI', () => {
  test('nobody waits, and who would is answered with a null', () => {
    engine.run('MULTI');
    engine.run('BLPOP', 'k', 0);
    engine.run('RPUSH', 'k', 'a');
    engine.run('BLPOP', 'k', 0);
    engine.run('BLMOVEM', 'k', 'to', 'LEFT', 'LEFT', 0, 'EXACTLY', 3, 'BULK');
    expect(engine.run('EXEC')).toEqual([null, 1, ['k', 'a'], null]);
  });

  test('only what is left at its end is there for those who wait', () => {
    const client = waitingClient('BLPOP', 'k', 0);
    engine.run('MULTI');
    engine.run('RPUSH', 'k', 'a', 'b');
    engine.run('DEL', 'k');
    expect(engine.run('EXEC')).toEqual([2, 1]);
    expect(answersOf(client)).toEqual([]);
    engine.run('MULTI');
    engine.run('SET', 'k', 'text');
    engine.run('DEL', 'k');
    engine.run('RPUSH', 'k', 'c', 'd');
    engine.run('LPOP', 'k');
    expect(engine.run('EXEC')).toEqual(['OK', 1, 2, 'c']);
    expect(answersOf(client)).toEqual([['k', 'd']]);
    expect(engine.run('EXISTS', 'k')).toBe(0);
  });
});

test('who finds a key of another type before any list is refused at once', () => {
  engine.run('SET', 'text', 'x');
  engine.run('RPUSH', 'k', 'a');
  expect(engine.run('BLPOP', 'text', 'k', 0)).toEqual(wrongType);
  expect(engine.run('BLMPOP', 0, 2, 'text', 'k', 'LEFT')).toEqual(wrongType);
  expect(engine.run('BLPOP', 'k', 'text', 0)).toEqual(['k', 'a']);
});
