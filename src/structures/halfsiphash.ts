/**
 * HalfSipHash-1-3 with a 64-bit key and a 32-bit result (J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast
 * short-input PRF", and its reference implementation). Keyed, so that strangers cannot choose keys that
 * collide; of 32-bit operations only, so that it is fast in JavaScript. Redis hashes with SipHash-1-2 for
 * the same reason.
 */
import { byteAt } from '#memory/bytes.ts';

/** The secret half-words of a hash; drawn once for a process. */
export interface HashSeed {
  readonly low: number;
  readonly high: number;
}

/** The hash of `length` bytes as an int32. O(length). */
export function halfSipHash(seed: HashSeed, bytes: Buffer, at: number, length: number): number {
  let v0 = seed.low;
  let v1 = seed.high;
  let v2 = 0x6c796765 ^ v0;
  let v3 = 0x74656462 ^ v1;
  const end = at + (length & ~3);
  let next = at;
  for (; next < end; next += 4) {
    const m =
      byteAt(bytes, next) |
      (byteAt(bytes, next + 1) << 8) |
      (byteAt(bytes, next + 2) << 16) |
      (byteAt(bytes, next + 3) << 24);
    v3 ^= m;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= m;
  }
  let last = length << 24;
  const rest = length & 3;
  if (rest > 0) last |= byteAt(bytes, next);
  if (rest > 1) last |= byteAt(bytes, next + 1) << 8;
  if (rest > 2) last |= byteAt(bytes, next + 2) << 16;
  v3 ^= last;
  for (let round = 0; round < 4; round++) {
    // One round for the last word, three to finish.
    if (round === 1) {
      v0 ^= last;
      v2 ^= 0xff;
    }
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }
  return v1 ^ v3;
}
