/** SORT against arrays; then its patterns, what it takes for numbers, what it stores and what it refuses. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Engine, type EngineArgument } from '../testing/engine.ts';

/** How each type is made of elements. */
const makers: readonly (readonly [string, (elements: readonly string[]) => EngineArgument[]])[] = [
  ['list', (elements) => ['RPUSH', 'k', ...elements]],
  ['set', (elements) => ['SADD', 'k', ...elements]],
  ['sorted set', (elements) => ['ZADD', 'k', ...elements.flatMap((each, rank) => [rank, each])]],
];

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'));
}

const element = fc.oneof(
  fc.integer({ min: -9, max: 9 }).map(String),
  // Equal as numbers, and not as bytes.
  fc.constantFrom('1.0', '+1', '01', '-0', '0', '1e2', '100', 'inf', '-inf', '0x10', ' 16', ''),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);
/** Any bytes, often behind the same ones. */
const word = fc
  .tuple(fc.constantFrom('', '', 'x'.repeat(31), 'x'.repeat(50)), fc.uint8Array({ maxLength: 5 }))
  .map(([common, bytes]) => common + Buffer.from(bytes).toString('latin1'));

function numberOf(text: string): number {
  return text === 'inf' ? Infinity : text === '-inf' ? -Infinity : Number(text);
}

/** What a LIMIT leaves. */
function limited<Item>(items: readonly Item[], offset: number, count: number): Item[] {
  const from = Math.max(0, offset);
  return items.slice(from, count < 0 ? undefined : from + count);
}

describe.each(makers)('a %s', (type, make) => {
  test('comes in the order of its elements as numbers or as bytes', () => {
    const order = fc.record({
      isAlpha: fc.boolean(),
      isDescending: fc.boolean(),
      offset: fc.integer({ min: -2, max: 12 }),
      count: fc.integer({ min: -2, max: 12 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(element, { minLength: 1, maxLength: 30 }),
        fc.uniqueArray(word, { minLength: 1, maxLength: 30 }),
        order,
        (numbers, words, { isAlpha, isDescending, offset, count }) => {
          const engine = new Engine({ shards: 1 });
          const elements = isAlpha ? words : numbers;
          engine.run(...make(elements));
          const sign = isDescending ? -1 : 1;
          const compare = (a: string, b: string) => {
            const [one, other] = [numberOf(a), numberOf(b)];
            return sign * (isAlpha || one === other ? byBytes(a, b) : one < other ? -1 : 1);
          };
          const expected = limited(elements.toSorted(compare), offset, count);
          const options = [isAlpha ? 'ALPHA' : 'asc', isDescending ? 'DESC' : 'ASC'];
          const request = ['k', 'LIMIT', offset, count, ...options];
          expect(engine.run('SORT', ...request)).toEqual(expected);
          expect(engine.run('SORT_RO', ...request)).toEqual(expected);
          expect(engine.run('SORT', ...request, 'STORE', 'to')).toBe(expected.length);
          expect(engine.run('LRANGE', 'to', 0, -1)).toEqual(expected);
          engine.balanced();
        },
      ),
      { numRuns: 150 },
    );
  });

  test('is ordered by what patterns lead to, and answers with it', () => {
    const engine = new Engine();
    engine.run(...make(['a', 'b', 'c']));
    engine.run('MSET', 'w_a', 3, 'w_b', 1, 'w_c', 2, 'name_a', 'A', 'name_c', 'C');
    expect(engine.run('SORT', 'k', 'BY', 'w_*')).toEqual(['b', 'c', 'a']);
    expect(engine.run('SORT', 'k', 'BY', 'w_*', 'DESC', 'GET', 'name_*', 'GET', '#')).toEqual([
      'A',
      'a',
      'C',
      'c',
      null,
      'b',
    ]);
    expect(engine.run('SORT', 'k', 'BY', 'name_*', 'ALPHA')).toEqual(['b', 'a', 'c']);
    expect(engine.run('SORT', 'k', 'BY', 'none_*')).toEqual(['a', 'b', 'c']);
    expect(engine.run('SORT', 'k', 'BY', 'w_*', 'GET', 'w_a')).toEqual([null, null, null]);
    engine.run('SORT', 'k', 'BY', 'w_*', 'GET', 'name_*', 'STORE', 'k');
    expect(engine.run('LRANGE', 'k', 0, -1)).toEqual(['', 'C', 'A']);
  });

  test('is ordered by fields of hashes, and answers with them', () => {
    const engine = new Engine();
    engine.run(...make(['a', 'b', 'c']));
    for (const [name, age] of [
      ['a', 3],
      ['b', 1],
    ] as const) {
      engine.run('HSET', `user:${name}:x`, 'age', age, 'name->', name.toUpperCase());
    }
    engine.run('SET', 'user:c:x', 'no hash');
    const by = ['BY', 'user:*:x->age'];
    expect(engine.run('SORT', 'k', ...by)).toEqual(['c', 'b', 'a']);
    expect(engine.run('SORT', 'k', ...by, 'GET', 'user:*:x->name->')).toEqual([null, 'B', 'A']);
    // Behind the arrow there is nothing: it is part of the key.
    engine.run('SET', 'user:a->', 'plain');
    expect(engine.run('SORT', 'k', ...by, 'GET', 'user:*->')).toEqual([null, null, 'plain']);
  });

  test('is left as it is by a pattern that leads from all elements to the same', () => {
    const engine = new Engine();
    const elements = Array.from(
      { length: 200 },
      (_, i) => `e${String((i * 7) % 200).padStart(3, '0')}`,
    );
    engine.run(...make(elements));
    const plain = engine.run('SORT', 'k', 'BY', 'nosort');
    if (type === 'set') {
      expect(Array.isArray(plain) && plain.toSorted()).toEqual(elements.toSorted());
      // What is stored has an order all the same.
      engine.run('SORT', 'k', 'BY', 'nosort', 'DESC', 'STORE', 'to');
      expect(engine.run('LRANGE', 'to', 0, -1)).toEqual(elements.toSorted().toReversed());
      return;
    }
    expect(plain).toEqual(elements);
    const inOrder = Array.isArray(plain) ? plain : [];
    // One constant pattern is enough, whatever others say.
    expect(engine.run('SORT', 'k', 'BY', '', 'BY', 'w_*', 'LIMIT', 10, 5)).toEqual(
      inOrder.slice(10, 15),
    );
    expect(engine.run('SORT', 'k', 'BY', 'x', 'LIMIT', 195, 50)).toEqual(inOrder.slice(195));
    expect(engine.run('SORT', 'k', 'BY', 'x', 'LIMIT', 200, 5)).toEqual([]);
    expect(engine.run('SORT', 'k', 'BY', 'x', 'DESC', 'LIMIT', 10, 5)).toEqual(
      inOrder.toReversed().slice(10, 15),
    );
  });
});

test('numbers are what C reads as such, and nothing counts as 0', () => {
  const engine = new Engine();
  const problem = new Error("ERR One or more scores can't be converted into double");
  for (const odd of ['x', '1 ', 'nan', '1.5.2', '-', ' ', '1e400']) {
    engine.run('DEL', 'k', 'to');
    engine.run('RPUSH', 'k', 1, odd, 0);
    expect(engine.run('SORT', 'k')).toEqual(problem);
    expect(engine.run('SORT', 'k', 'STORE', 'to')).toEqual(problem);
    expect(engine.run('EXISTS', 'to')).toBe(0);
    expect(engine.run('SORT', 'k', 'ALPHA', 'LIMIT', 0, 0)).toEqual([]);
  }
  engine.run('DEL', 'k');
  engine.run('RPUSH', 'k', 2, '', -1, ' 1', '1.5\0more');
  expect(engine.run('SORT', 'k')).toEqual(['-1', '', ' 1', '1.5\0more', '2']);
});

test('what is stored replaces all that the key was, and nothing removes it', () => {
  const engine = new Engine();
  const events: string[] = [];
  engine.keyspace.writes.subscribe({
    beforeWrite: (event, { key }: KeyCursor) => events.push(`${event} ${key.latin1()}`),
    beforeFlush: () => undefined,
    beforeSwap: () => undefined,
  });
  engine.run('RPUSH', 'k', 3, 1, 2);
  engine.run('SET', 'to', 'x', 'EX', 100);
  events.length = 0;
  expect(engine.run('SORT', 'k', 'STORE', 'other', 'STORE', 'to')).toBe(3);
  expect(events).toEqual(['sortstore to']);
  expect(engine.run('TTL', 'to')).toBe(-1);
  expect(engine.run('LRANGE', 'to', 0, -1)).toEqual(['1', '2', '3']);
  expect(engine.run('SORT', 'missing', 'STORE', 'to')).toBe(0);
  expect(engine.run('EXISTS', 'to')).toBe(0);
  expect(engine.run('SORT', 'missing')).toEqual([]);
  events.length = 0;
  engine.run('SORT', 'missing', 'STORE', 'to');
  expect(events).toEqual([]);
  engine.run('RPUSH', 'big', ...Array.from({ length: 2000 }, (_, i) => 'x'.repeat(i % 50)));
  expect(engine.run('SORT', 'big', 'ALPHA', 'STORE', 'big')).toBe(2000);
  expect(engine.run('OBJECT', 'ENCODING', 'big')).toBe('quicklist');
  engine.balanced();
});

test('words are looked at one after another', () => {
  const engine = new Engine();
  engine.run('SET', 'k', 'x');
  const syntax = new Error('ERR syntax error');
  const notInteger = new Error('ERR value is not an integer or out of range');
  const wrongType = new Error('WRONGTYPE Operation against a key holding the wrong kind of value');
  expect(engine.run('SORT', 'k', 'LIMIT', 'x', 1, 'nonsense')).toEqual(notInteger);
  expect(engine.run('SORT', 'k', 'nonsense', 'LIMIT', 'x', 1)).toEqual(syntax);
  expect(engine.run('SORT', 'k', 'LIMIT', 1)).toEqual(syntax);
  expect(engine.run('SORT', 'k', 'GET')).toEqual(syntax);
  expect(engine.run('SORT', 'k', 'STORE')).toEqual(syntax);
  expect(engine.run('SORT_RO', 'k', 'STORE', 'to')).toEqual(syntax);
  expect(engine.run('SORT', 'k', 'ASC', 'DESC')).toEqual(wrongType);
});

test('its keys are those that the request names', () => {
  const engine = new Engine();
  const keysOf = (...words: string[]) => engine.run('COMMAND', 'GETKEYS', ...words);
  expect(keysOf('SORT', 'k', 'BY', 'store', 'GET', 'x')).toEqual(['k']);
  expect(keysOf('SORT', 'k', 'LIMIT', '0', '1', 'STORE', 'a', 'store', 'b')).toEqual(['k', 'b']);
  expect(keysOf('SORT_RO', 'k', 'BY', 'x')).toEqual(['k']);
});
