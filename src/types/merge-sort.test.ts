import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sortedIndexes } from './merge-sort.ts';

test('numbers are sorted as an array sorts them, and equal ones stay in order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (values) => {
      const compare = (a: number, b: number) => (values[a] ?? 0) - (values[b] ?? 0);
      const expected = values.map((_, index) => index).sort(compare);
      expect([...sortedIndexes(values.length, compare)]).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});
