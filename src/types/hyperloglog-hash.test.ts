import fc from 'fast-check';
import { expect, test } from 'vitest';
import { patternMax, placeOf, registerOfPlace, valueOfPlace } from './hyperloglog-hash.ts';

const m = 0xc6a4a7935bd1e995n;
const u64 = (value: bigint) => BigInt.asUintN(64, value);
const mixed = (value: bigint) => value ^ (value >> 47n);

/** MurmurHash64A as its paper writes it, in bigints. */
function murmur(bytes: Buffer): bigint {
  let hash = 0xadc83b19n ^ u64(BigInt(bytes.length) * m);
  const whole = bytes.length & ~7;
  for (let at = 0; at < whole; at += 8) {
    hash = u64((hash ^ u64(mixed(u64(bytes.readBigUInt64LE(at) * m)) * m)) * m);
  }
  const tail = bytes.subarray(whole);
  if (tail.length > 0) {
    for (const [index, byte] of tail.entries()) hash ^= BigInt(byte) << BigInt(8 * index);
    hash = u64(hash * m);
  }
  return mixed(u64(mixed(hash) * m));
}

test('an element falls where 64-bit arithmetic puts it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(3), (drawn, at) => {
      const bytes = Buffer.concat([Buffer.alloc(at, 0xff), drawn, Buffer.alloc(9, 0xff)]);
      const place = placeOf(bytes, at, drawn.length);
      const hash = murmur(Buffer.from(drawn));
      expect(registerOfPlace(place)).toBe(Number(hash & 0x3fffn));
      const zeros = (hash >> 14n).toString(2).match(/0*$/)?.[0].length ?? 0;
      expect(valueOfPlace(place)).toBe(hash >> 14n === 0n ? patternMax : zeros + 1);
    }),
    { numRuns: 3000 },
  );
});

test('elements are spread evenly, and half as many have each further zero', () => {
  const bytes = Buffer.alloc(4);
  const values: number[] = [];
  const registers = new Set<number>();
  for (let i = 0; i < 2 ** 17; i++) {
    bytes.writeUInt32LE(i);
    const place = placeOf(bytes, 0, 4);
    registers.add(registerOfPlace(place));
    values[valueOfPlace(place)] = (values[valueOfPlace(place)] ?? 0) + 1;
  }
  expect(registers.size).toBeGreaterThan(16_360);
  for (const value of [1, 2, 3, 4, 5, 6]) {
    const share = (values[value] ?? 0) / (2 ** 17 / 2 ** value);
    expect(share).toBeGreaterThan(0.9);
    expect(share).toBeLessThan(1.1);
  }
});
