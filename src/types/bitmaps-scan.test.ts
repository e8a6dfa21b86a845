import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arena } from '#memory/arena.ts';
import { countBits, findBit } from './bitmaps-scan.ts';

const arena = new Arena();
arena.reach(65536);

/** Mostly one byte over and over, as bitmaps are, and now and then longer than several chunks. */
const values = fc
  .tuple(
    fc.constantFrom(0, 0xff, 0x55, 1),
    fc.oneof(
      { weight: 5, arbitrary: fc.nat(100) },
      { weight: 5, arbitrary: fc.nat(3000) },
      { weight: 1, arbitrary: fc.integer({ min: 8000, max: 25_000 }) },
    ),
    fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.nat(255)), {
      maxLength: 3,
    }),
  )
  .map(([fill, length, changes]) => {
    const value = Buffer.alloc(length, fill);
    for (const [share, byte] of changes) if (length > 0) value[Math.floor(share * length)] = byte;
    return value;
  });
const share = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));

test('bits are counted and found in any range at any alignment', () => {
  fc.assert(
    fc.property(values, fc.nat(31), share, share, (value, skew, a, b) => {
      const at = 1024 + skew;
      // What lies around must not count.
      arena.bytes.fill(0xa5);
      value.copy(arena.bytes, at);
      const text = [...value].map((byte) => byte.toString(2).padStart(8, '0')).join('');
      const from = Math.floor(a * text.length);
      const to = Math.floor(b * text.length);
      const part = text.slice(from, to);
      expect(countBits(arena, at, from, to)).toBe(part.replaceAll('0', '').length);
      for (const bit of [0, 1]) {
        const found = part.indexOf(String(bit));
        expect(findBit(arena, at, from, to, bit)).toBe(found < 0 ? -1 : from + found);
      }
    }),
    { numRuns: 1000 },
  );
});
