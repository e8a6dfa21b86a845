/** What commands on keys of any type must leave as it is: the elements of small collections that have grown in place. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Engine } from '../testing/engine.ts';

/** How an element is added, and how all are read. */
const types: Readonly<Record<string, readonly [add: readonly string[], read: readonly string[]]>> =
  {
    list: [
      ['RPUSH', 'k'],
      ['LRANGE', 'k', '0', '-1'],
    ],
    hash: [
      ['HSET', 'k', 'f'],
      ['HVALS', 'k'],
    ],
    set: [
      ['SADD', 'k'],
      ['SORT', 'k', 'ALPHA'],
    ],
    'sorted set': [
      ['ZADD', 'k', '1.5'],
      ['ZRANGE', 'k', '0', '-1', 'WITHSCORES'],
    ],
  };

test.each(Object.entries(types))(
  'a %s stays the same when it expires, moves or is copied',
  (_, [add, read]) => {
    const readAs = (key: string) => read.map((word) => (word === 'k' ? key : word));
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: 'binary-ascii', maxLength: 30 }), {
          minLength: 1,
          maxLength: 20,
        }),
        fc.nat(20),
        (elements, expiresAt) => {
          const engine = new Engine();
          const expire = (index: number) => {
            if (index !== expiresAt) return;
            const before = engine.run(...readAs('k'));
            engine.run('EXPIRE', 'k', 100);
            expect(engine.run(...readAs('k'))).toEqual(before);
          };
          for (const [index, element] of elements.entries()) {
            engine.run(...add, element);
            expire(index);
          }
          const all = engine.run(...readAs('k'));
          for (const words of [
            ['COPY', 'k', 'to'],
            ['RENAME', 'to', 'elsewhere'],
          ]) {
            engine.run(...words);
            expect(engine.run(...readAs(words[2] ?? ''))).toEqual(all);
            engine.verify();
          }
          engine.balanced();
        },
      ),
      { numRuns: 300 },
    );
  },
);
