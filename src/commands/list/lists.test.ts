import { expect, test } from 'vitest';
import type { KeyEvent } from '#keyspace/writes.ts';
import { Engine, type EngineArgument } from '../testing/engine.ts';

const wrongType = new Error('WRONGTYPE Operation against a key holding the wrong kind of value');

function engineWith(...elements: EngineArgument[]): Engine {
  const engine = new Engine();
  if (elements.length > 0) engine.run('RPUSH', 'k', ...elements);
  return engine;
}

/** What is announced while `words` runs, with the keys. */
function eventsOf(engine: Engine, ...words: EngineArgument[]): string[] {
  const events: string[] = [];
  const subscriber = {
    beforeWrite: (event: KeyEvent, { key }: { key: { latin1(): string } }) => {
      events.push(`${event} ${key.latin1()}`);
    },
    beforeFlush: () => {},
    beforeSwap: () => {},
  };
  engine.keyspace.writes.subscribe(subscriber);
  engine.run(...words);
  engine.keyspace.writes.unsubscribe(subscriber);
  return events;
}

test.each<[words: EngineArgument[], problem: string]>([
  [['LPOP', 'k', 'abc'], 'ERR value is out of range, must be positive'],
  [['LPOP', 'k', -1], 'ERR value is out of range, must be positive'],
  [['RPOP', 'k', 1, 2], "ERR wrong number of arguments for 'rpop' command"],
  [['LSET', 'k', 3, 'x'], 'ERR index out of range'],
  [['LSET', 'k', -4, 'x'], 'ERR index out of range'],
  [['LSET', 'k', 'one', 'x'], 'ERR value is not an integer or out of range'],
  [['LSET', 'missing', 'one', 'x'], 'ERR no such key'],
  [['LINSERT', 'k', 'BESIDE', 'a', 'x'], 'ERR syntax error'],
  [['LPOS', 'k', 'a', 'COUNT', -1], "ERR COUNT can't be negative"],
  [['LPOS', 'k', 'a', 'MAXLEN', 'x'], "ERR MAXLEN can't be negative"],
  [
    ['LPOS', 'k', 'a', 'RANK', 0, 'COUNT', -1],
    "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
  ],
  [
    ['LPOS', 'k', 'a', 'RANK', '-9223372036854775808'],
    'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
  ],
  [['LMPOP', 0, 'k', 'LEFT'], 'ERR numkeys should be greater than 0'],
  [['LMPOP', 'x', 'k', 'LEFT'], 'ERR numkeys should be greater than 0'],
  [['LMPOP', 2, 'k', 'LEFT'], 'ERR syntax error'],
  [['LMPOP', 1, 'k', 'LEFT', 'COUNT', 0], 'ERR count should be greater than 0'],
  [['LMPOP', 1, 'k', 'LEFT', 'COUNT', 1, 'COUNT', 1], 'ERR syntax error'],
  [['LMOVE', 'k', 'k', 'LEFT', 'UP'], 'ERR syntax error'],
  [['LMOVEM', 'k', 'k', 'LEFT', 'LEFT', 'COUNT', 0, 'OBO'], 'ERR count should be greater than 0'],
  [['LMOVEM', 'k', 'k', 'LEFT', 'LEFT', 'COUNT', 2], 'ERR syntax error'],
  [['LMOVEM', 'k', 'k', 'LEFT', 'LEFT', 'BULK'], 'ERR syntax error'],
  [['LMOVEM', 'k', 'k', 'LEFT', 'LEFT', 'COUNT', 2, 'OBO', 'x'], 'ERR syntax error'],
  [['BLPOP', 'k', 'abc'], 'ERR timeout is not a float or out of range'],
  [['BLPOP', 'k', -1], 'ERR timeout is negative'],
  [['BLMPOP', 'abc', 1, 'k', 'LEFT', 'COUNT', 0], 'ERR count should be greater than 0'],
  [['BLMPOP', 'abc', 1, 'k', 'LEFT'], 'ERR timeout is not a float or out of range'],
])('%j is refused', (words, problem) => {
  const engine = engineWith('a', 'b', 'c');
  expect(engine.run(...words)).toEqual(new Error(problem));
  expect(engine.run('LRANGE', 'k', 0, -1)).toEqual(['a', 'b', 'c']);
});

test('what asks for nothing, or of nothing, is answered with nothing', () => {
  const engine = engineWith('a', 'b');
  expect(engine.run('LPOP', 'k', 0)).toEqual([]);
  expect(engine.client.runAll('LPOP', 'missing', 1)).toEqual([{ shape: 'nil-array', value: null }]);
  expect(engine.client.runAll('LPOP', 'missing')).toEqual([{ shape: 'nil', value: null }]);
  expect(engine.client.runAll('LMPOP', 1, 'missing', 'LEFT')).toEqual([
    { shape: 'nil-array', value: null },
  ]);
  expect(engine.run('LINDEX', 'missing', 'abc')).toBeNull();
  expect(engine.run('LINDEX', 'k', 2)).toBeNull();
  expect(engine.run('LRANGE', 'k', 2, 5)).toEqual([]);
  expect(engine.run('LRANGE', 'k', '-9223372036854775808', '9223372036854775807')).toEqual([
    'a',
    'b',
  ]);
  expect(engine.run('LPOS', 'missing', 'a', 'COUNT', 0)).toEqual([]);
  expect(engine.run('LPOS', 'missing', 'a', 'RANK', '-9223372036854775807')).toBe(null);
  expect(engine.run('LMOVEM', 'missing', 'k', 'LEFT', 'LEFT')).toEqual([]);
  const exact = ['LMOVEM', 'k', 'other', 'LEFT', 'LEFT', 'EXACTLY', 3, 'BULK'];
  expect(engine.client.runAll(...exact)).toEqual([{ shape: 'nil-array', value: null }]);
  expect(engine.run('EXISTS', 'other', 'missing')).toBe(0);
});

test('LMPOP takes from the first key that has anything, but for one of another type before it', () => {
  const engine = engineWith('a', 'b', 'c');
  engine.run('SET', 'text', 'x');
  expect(engine.run('LMPOP', 3, 'missing', 'k', 'text', 'RIGHT', 'COUNT', 2)).toEqual([
    'k',
    ['c', 'b'],
  ]);
  expect(engine.run('LMPOP', 2, 'text', 'k', 'LEFT')).toEqual(wrongType);
});

test('a move is refused whole where either end is of another type', () => {
  const engine = engineWith('a', 'b');
  engine.run('SET', 'text', 'x');
  for (const [source, target] of [
    ['k', 'text'],
    ['text', 'k'],
  ] as const) {
    expect(engine.run('LMOVE', source, target, 'LEFT', 'LEFT')).toEqual(wrongType);
    expect(engine.run('RPOPLPUSH', source, target)).toEqual(wrongType);
    expect(engine.run('BLMOVE', source, target, 'LEFT', 'LEFT', 0)).toEqual(wrongType);
    const many = [source, target, 'LEFT', 'LEFT', 'COUNT', 2, 'OBO'];
    expect(engine.run('LMOVEM', ...many)).toEqual(wrongType);
  }
  expect(engine.run('LMOVE', 'missing', 'text', 'LEFT', 'LEFT')).toBeNull();
  expect(engine.run('LRANGE', 'k', 0, -1)).toEqual(['a', 'b']);
});

test('LMOVEM answers with the elements as they lie in the destination', () => {
  const moved = (from: string, to: string, order: string) => {
    const engine = engineWith(1, 2, 3, 4);
    engine.run('RPUSH', 'to', 'x');
    const reply = engine.run('LMOVEM', 'k', 'to', from, to, 'COUNT', 2, order);
    expect(engine.run('LRANGE', 'to', ...(to === 'LEFT' ? [0, 1] : [1, 2]))).toEqual(reply);
    engine.balanced();
    return reply;
  };
  expect(moved('LEFT', 'LEFT', 'OBO')).toEqual(['2', '1']);
  expect(moved('LEFT', 'LEFT', 'BULK')).toEqual(['1', '2']);
  expect(moved('RIGHT', 'RIGHT', 'OBO')).toEqual(['4', '3']);
  expect(moved('RIGHT', 'RIGHT', 'BULK')).toEqual(['3', '4']);
  for (const order of ['OBO', 'BULK']) {
    expect(moved('LEFT', 'RIGHT', order)).toEqual(['1', '2']);
    expect(moved('RIGHT', 'LEFT', order)).toEqual(['3', '4']);
  }
});

test('each change is announced once, before it is made, and none where nothing changes', () => {
  const engine = engineWith();
  expect(eventsOf(engine, 'RPUSH', 'k', 'a', 'b', 'c', 'd', 'e', 'f')).toEqual(['rpush k']);
  expect(eventsOf(engine, 'LPUSHX', 'k', 'z')).toEqual(['lpush k']);
  expect(eventsOf(engine, 'LPUSHX', 'missing', 'z')).toEqual([]);
  expect(eventsOf(engine, 'LSET', 'k', 0, 'y')).toEqual(['lset k']);
  expect(eventsOf(engine, 'LSET', 'k', 10, 'y')).toEqual([]);
  expect(eventsOf(engine, 'LINSERT', 'k', 'AFTER', 'y', 'a')).toEqual(['linsert k']);
  expect(eventsOf(engine, 'LINSERT', 'k', 'AFTER', 'none', 'a')).toEqual([]);
  expect(eventsOf(engine, 'LREM', 'k', 0, 'a')).toEqual(['lrem k']);
  expect(eventsOf(engine, 'LREM', 'k', 0, 'none')).toEqual([]);
  expect(eventsOf(engine, 'LPOP', 'k')).toEqual(['lpop k']);
  expect(eventsOf(engine, 'LPOP', 'k', 0)).toEqual([]);
  expect(eventsOf(engine, 'LMPOP', 1, 'k', 'RIGHT')).toEqual(['rpop k']);
  expect(eventsOf(engine, 'LTRIM', 'k', 0, -1)).toEqual(['ltrim k']);
  expect(eventsOf(engine, 'LMOVE', 'k', 'k', 'LEFT', 'RIGHT')).toEqual(['rpush k', 'lpop k']);
  expect(eventsOf(engine, 'LMOVE', 'k', 'to', 'RIGHT', 'LEFT')).toEqual(['lpush to', 'rpop k']);
  expect(engine.run('LRANGE', 'k', 0, -1)).toEqual(['c', 'd', 'e']);
  const all = ['LMOVEM', 'k', 'to', 'LEFT', 'LEFT', 'COUNT', 9, 'BULK'];
  expect(eventsOf(engine, ...all)).toEqual(['lpush to', 'lpop k', 'del k']);
  expect(eventsOf(engine, 'BLPOP', 'to', 0)).toEqual(['lpop to']);
  expect(eventsOf(engine, 'LTRIM', 'to', 5, 9)).toEqual(['ltrim to', 'del to']);
  engine.run('RPUSH', 'k', 'x', 'x');
  expect(eventsOf(engine, 'LREM', 'k', 0, 'x')).toEqual(['lrem k', 'del k']);
  engine.balanced();
});

test('an expiry stays whatever is done to the list, and goes with it', () => {
  const engine = engineWith('a');
  engine.run('EXPIRE', 'k', 100);
  for (let i = 0; i < 2000; i++) engine.run('RPUSH', 'k', `element ${i}`);
  expect(engine.run('OBJECT', 'ENCODING', 'k')).toBe('quicklist');
  engine.run('LTRIM', 'k', 0, 10);
  expect(engine.run('OBJECT', 'ENCODING', 'k')).toBe('listpack');
  expect(engine.run('TTL', 'k')).toBe(100);
  engine.run('LPOP', 'k', 100);
  engine.run('RPUSH', 'k', 'b');
  expect(engine.run('TTL', 'k')).toBe(-1);
  engine.balanced();
});

test('a long list is cut down to a few elements at once, and freed in slices', () => {
  const elements = Array.from({ length: 10_000 }, (_, i) => `element ${i}`);
  const engine = engineWith();
  const fill = () => {
    for (let i = 0; i < 15; i++) engine.run('RPUSH', 'k', ...elements);
  };
  fill();
  expect(eventsOf(engine, 'LTRIM', 'k', 60_100, 61_099)).toEqual(['ltrim k']);
  expect(engine.run('LRANGE', 'k', 0, -1)).toEqual(elements.slice(100, 1100));
  expect(engine.keyspace.lazyFree.pending).toBe(true);
  fill();
  engine.run('EXPIRE', 'k', 100);
  engine.run('LTRIM', 'k', 0, 2);
  expect(engine.run('LRANGE', 'k', 0, -1)).toEqual(elements.slice(100, 103));
  expect(engine.run('TTL', 'k')).toBe(100);
  engine.balanced();
});

test('a small list that moves, because it gets an expiry, moves whole', () => {
  const engine = engineWith();
  for (const key of ['k', 'ke', 'key', 'key1']) {
    for (let first = 0; first < 6; first++) {
      for (let second = 0; second < 6; second++) {
        const elements = ['a'.repeat(first), 'b'.repeat(second)];
        engine.run('DEL', key);
        for (const element of elements) engine.run('RPUSH', key, element);
        engine.run('EXPIRE', key, 100);
        expect(engine.run('LRANGE', key, 0, -1)).toEqual(elements);
      }
    }
  }
  engine.balanced();
});
