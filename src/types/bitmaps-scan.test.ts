import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arena } from '#memory/arena.ts';
import { countBits, findBit } from './bitmaps-scan.ts';

const arena = new Arena();
arena.reach(65536);

/** Mostly one byte over and over, as bitmaps are, so that whole rounds and words are skipped. */
const values = fc
  .tuple(
    fc.constantFrom(0, 0xff, 0x55, 1),
    fc.nat(700),
    fc.array(fc.tuple(fc.nat(699), fc.nat(255)), { maxLength: 4 }),
  )
  .map(([fill, length, changes]) => {
    const value = Buffer.alloc(length, fill);
    for (const [index, byte] of changes) if (index < length) value[index] = byte;
    return value;
  });

test('bits are counted and found in any range at any alignment', () => {
  fc.assert(
    fc.property(values, fc.nat(31), fc.nat(5700), fc.nat(5700), (value, skew, a, b) => {
      const at = 1024 + skew;
      // What lies around must not count.
      arena.bytes.fill(0xa5);
      value.copy(arena.bytes, at);
      const text = [...value].map((byte) => byte.toString(2).padStart(8, '0')).join('');
      const from = Math.min(a, text.length);
      const to = Math.min(b, text.length);
      const part = text.slice(from, to);
      expect(countBits(arena, at, from, to)).toBe(part.replaceAll('0', '').length);
      for (const bit of [0, 1]) {
        const found = part.indexOf(String(bit));
        expect(findBit(arena, at, from, to, bit)).toBe(found < 0 ? -1 : from + found);
      }
    }),
    { numRuns: 2000 },
  );
});
