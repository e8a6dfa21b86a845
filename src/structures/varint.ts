/**
 * Unsigned integers of up to 64 bits in as few bytes as they need: seven bits a byte, the lowest first, with the high bit
 * set on all but the last. A 64-bit number is passed as two words; reading one leaves them in this module.
 */
import { byteAt } from '#memory/bytes.ts';

const more = 0x80;
const low7 = 0x7f;

/** Bytes of a number below 2^31. */
export function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}

/** Writes a number below 2^31 and returns where it ends. */
export function writeVarint(bytes: Buffer, at: number, value: number): number {
  for (; value >= more; value >>>= 7) bytes[at++] = value | more;
  bytes[at] = value;
  return at + 1;
}

/** Bytes of a number of two words. */
export function wideVarintBytes(high: number, low: number): number {
  if (high === 0 && low >= 0) return varintBytes(low);
  let length = 1;
  for (; (high | (low & ~low7)) !== 0; length++) {
    low = (low >>> 7) | (high << 25);
    high >>>= 7;
  }
  return length;
}

/** Writes a number of two words and returns where it ends. */
export function writeWideVarint(bytes: Buffer, at: number, high: number, low: number): number {
  while ((high | (low & ~low7)) !== 0) {
    bytes[at++] = (low & low7) | more;
    low = (low >>> 7) | (high << 25);
    high >>>= 7;
  }
  bytes[at] = low;
  return at + 1;
}

let wordHigh = 0;
let wordLow = 0;
let end = 0;

/** Reads a number and returns its low word, which is all of it if it is below 2^31. The rest is in the three below. */
export function readVarint(bytes: Buffer, at: number): number {
  let byte = byteAt(bytes, at++);
  wordHigh = 0;
  wordLow = byte & low7;
  for (let shift = 7; byte >= more; shift += 7) {
    byte = byteAt(bytes, at++);
    const bits = byte & low7;
    if (shift < 32) wordLow |= bits << shift;
    if (shift >= 32) wordHigh |= bits << (shift - 32);
    else if (shift > 25) wordHigh |= bits >>> (32 - shift);
  }
  end = at;
  return wordLow;
}

/** Where the number that was read last ends. */
export function varintEnd(): number {
  return end;
}

/** Its high word. */
export function varintHigh(): number {
  return wordHigh;
}
