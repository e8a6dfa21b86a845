/**
 * The dense registers of a HyperLogLog, 6 bits each:
 *
 *     byte    0         1         2
 *     bits    11000000  22221111  33333322     the highest first; a digit is the register's number
 *
 * Single ones are read, written and counted where they are. To be merged they are spread over bytes
 * (hyperloglog-registers.ts).
 */
import { byteAt } from '#memory/bytes.ts';
import { registerCount } from './hyperloglog-hash.ts';

const valueMask = 63;

/** The register numbered `index` of those that begin at `at`. O(1). */
export function registerAt(bytes: Buffer, at: number, index: number): number {
  const byte = at + ((index * 6) >> 3);
  const shift = (index * 6) & 7;
  // A register that ends with its byte does not look into the next, which after the last is nobody's.
  if (shift <= 2) return (byteAt(bytes, byte) >> shift) & valueMask;
  return ((byteAt(bytes, byte) | (byteAt(bytes, byte + 1) << 8)) >> shift) & valueMask;
}

export function setRegister(bytes: Buffer, at: number, index: number, value: number): void {
  const byte = at + ((index * 6) >> 3);
  const shift = (index * 6) & 7;
  const low = byteAt(bytes, byte) & ~(valueMask << shift);
  bytes[byte] = low | (value << shift);
  if (shift <= 2) return;
  const high = byteAt(bytes, byte + 1) & ~(valueMask >> (8 - shift));
  bytes[byte + 1] = high | (value >> (8 - shift));
}

/** Counts the registers by value, adding to `histogram`. O(registers). */
export function countDense(bytes: Buffer, at: number, histogram: Int32Array): void {
  for (let next = at, end = at + (registerCount * 6) / 8; next < end; next += 3) {
    const four = threeBytes(bytes, next);
    increment(histogram, four & valueMask);
    increment(histogram, (four >> 6) & valueMask);
    increment(histogram, (four >> 12) & valueMask);
    increment(histogram, four >> 18);
  }
}

/** The same for registers that are spread over bytes. */
export function countSpread(registers: Uint8Array, histogram: Int32Array): void {
  for (let i = 0; i < registerCount; i++) increment(histogram, byteAt(registers, i));
}

function threeBytes(bytes: Buffer, at: number): number {
  return byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16);
}

function increment(histogram: Int32Array, value: number): void {
  histogram[value] = (histogram[value] as number) + 1; // In range: a value is below 64.
}
