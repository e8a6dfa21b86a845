import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arena } from './arena.ts';

test('moves within an arena, overlapping or not, before and after it grew, are those of copyWithin', () => {
  const offset = fc.nat(3000);
  fc.assert(
    fc.property(offset, offset, fc.nat(1000), fc.boolean(), (to, from, length, grown) => {
      const arena = new Arena();
      let at = 1000;
      if (grown) {
        at = 5_000_000;
        arena.reach(at + 4000);
      }
      for (let i = 0; i < 4000; i++) arena.setByte(at + i, (i * 7919) >>> 3);
      const expected = Buffer.from(arena.bytes.subarray(at, at + 4000));
      expected.copyWithin(to, from, from + length);
      arena.move(at + to, at + from, length);
      expect(arena.bytes.subarray(at, at + 4000).equals(expected)).toBe(true);
    }),
    { numRuns: 100 },
  );
});
