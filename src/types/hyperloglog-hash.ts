/**
 * Where an element falls in a HyperLogLog: 64 bits of hash, the low 14 of which choose a register, and the zeros
 * that the rest begins with, counted from below, are what the register keeps the greatest number of.
 *
 * The hash is MurmurHash64A with the seed that Redis uses, so that both put an element into the same register.
 * JavaScript has no 64-bit integers that are fast: everything is done in halves of 32 bits, the products in quarters of 16.
 * 10 ns and as many for every 8 bytes.
 */
import { byteAt, viewOf } from '#memory/bytes.ts';

/** Registers of a HyperLogLog. */
export const registerCount = 16384;

const registerBits = 14;
const registerMask = registerCount - 1;
/** Bits of the hash that the register's number leaves. */
const patternBits = 64 - registerBits;
/** The greatest value that an element gives a register: all zeros, and one for the end. */
export const patternMax = patternBits + 1;

const seed = 0xadc83b19 | 0;
// The multiplier is 0xc6a4a7935bd1e995.
const multiplierLow = 0x5bd1e995;
const multiplierHigh = 0xc6a4a793 | 0;
const quarter0 = multiplierLow & 0xffff;
const quarter1 = multiplierLow >>> 16;
/** The hash mixes by its bits from 47 on: those of the high half from 15 on. */
const mixShift = 15;

/** Which register an element falls to (bits 0 to 13), and what it would give it (above). O(length). */
export function placeOf(bytes: Buffer, at: number, length: number): number {
  const view = viewOf(bytes);
  let low = Math.imul(length, multiplierLow) ^ seed;
  let high = highProduct(length, 0);
  const wholeEnd = at + (length & ~7);
  let next = at;
  for (; next < wholeEnd; next += 8) {
    let partLow = view.getInt32(next, true);
    let partHigh = highProduct(partLow, view.getInt32(next + 4, true));
    partLow = Math.imul(partLow, multiplierLow) ^ (partHigh >>> mixShift);
    partHigh = highProduct(partLow, partHigh);
    low ^= Math.imul(partLow, multiplierLow);
    high = highProduct(low, high ^ partHigh);
    low = Math.imul(low, multiplierLow);
  }
  if ((length & 7) !== 0) {
    low ^= tailOf(bytes, next, Math.min(4, length & 7));
    if ((length & 7) > 4) high ^= tailOf(bytes, next + 4, (length & 7) - 4);
    high = highProduct(low, high);
    low = Math.imul(low, multiplierLow);
  }
  low ^= high >>> mixShift;
  high = highProduct(low, high);
  low = Math.imul(low, multiplierLow) ^ (high >>> mixShift);
  return (low & registerMask) | (patternOf(low, high) << registerBits);
}

/** The register that a place is in. */
export function registerOfPlace(place: number): number {
  return place & registerMask;
}

/** What the place would have the register be at least. */
export function valueOfPlace(place: number): number {
  return place >>> registerBits;
}

/** One more than the zeros below the lowest bit that is set, the register's bits left out. */
function patternOf(low: number, high: number): number {
  const rest = low >>> registerBits;
  if (rest !== 0) return trailingZeros(rest) + 1;
  return high === 0 ? patternMax : 32 - registerBits + trailingZeros(high) + 1;
}

/** Of a number that is not 0. */
function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** The high half of the product of (low, high) and the multiplier; the low one is just `Math.imul(low, multiplierLow)`. */
function highProduct(low: number, high: number): number {
  const low0 = low & 0xffff;
  const low1 = low >>> 16;
  const carry = (Math.imul(low1, quarter0) + (Math.imul(low0, quarter0) >>> 16)) >>> 0;
  const middle = (Math.imul(low0, quarter1) + (carry & 0xffff)) >>> 0;
  const carried = Math.imul(low1, quarter1) + (carry >>> 16) + (middle >>> 16);
  return (carried + Math.imul(low, multiplierHigh) + Math.imul(high, multiplierLow)) | 0;
}

/** One to four bytes as a word, the first lowest. */
function tailOf(bytes: Buffer, at: number, length: number): number {
  let word = 0;
  for (let i = 0; i < length; i++) word |= byteAt(bytes, at + i) << (8 * i);
  return word;
}
