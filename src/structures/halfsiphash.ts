/**
 * HalfSipHash-1-3 with a 64-bit key and a 32-bit result (J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast
 * short-input PRF", and its reference implementation). Keyed, so that strangers cannot choose keys that
 * collide; of 32-bit operations only, so that it is fast in JavaScript. Redis hashes with SipHash-1-2 for
 * the same reason.
 */

/** The secret half-words of a hash; drawn once for a process. */
export interface HashSeed {
  readonly low: number;
  readonly high: number;
}

/**
 * The hash of the `length` bytes that begin at word `first` of `words`, as an int32. Bytes of the last word
 * beyond the length do not count. O(length).
 */
export function halfSipHash(
  seed: HashSeed,
  words: Int32Array,
  first: number,
  length: number,
): number {
  let v0 = seed.low;
  let v1 = seed.high;
  let v2 = 0x6c796765 ^ v0;
  let v3 = 0x74656462 ^ v1;
  const end = first + (length >> 2);
  let next = first;
  for (; next < end; next++) {
    // In range by the caller's contract.
    const m = words[next] as number;
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
  const rest = length & 3;
  // In range likewise; there is such a word if there is a rest.
  const tail = rest === 0 ? 0 : (words[next] as number) & ((1 << (rest * 8)) - 1);
  const last = (length << 24) | tail;
  v3 ^= last;
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
  v0 ^= last;
  v2 ^= 0xff;
  for (let round = 0; round < 3; round++) {
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
