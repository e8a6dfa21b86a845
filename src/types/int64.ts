// 64-bit signed integers as text, by the rules of Redis's `string2ll`: an optional `-`, then digits, no
// leading zero, no `+`, no spaces, no `-0`. So every int64 has exactly one text, and a text that passes
// can be replaced by its number and written back unchanged.
//
// A JavaScript number holds integers exactly only up to 2^53 - 1. Nearly every counter is that small, so
// the fast functions speak numbers, and NaN sends the caller to the bigint ones. Digits are
// taken nine at a time because nine always fit an int32, where the JIT's arithmetic is fastest.

import { byteAt } from '#memory/bytes.ts';

/** The longest text of an int64, in bytes: a sign and 19 digits. */
export const int64LengthMax = 20;

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;

const minus = 0x2d;
const zero = 0x30;
const nine = 0x39;
const digitsPerInt32 = 9;
const billion = 1_000_000_000;

/**
 * The integer written in `bytes[at, +length)` if it is a strict int64 within ±(2^53 - 1), else NaN.
 * NaN is thus both «not an integer» and «too big for a number»: `parseInt64` tells them apart.
 */
export function parseInteger(bytes: Uint8Array, at: number, length: number): number {
  const end = at + length;
  if (length === 0) return Number.NaN;
  const negative = byteAt(bytes, at) === minus;
  if (negative) at++;
  const digits = end - at;
  if (digits < 1 || digits > 16) return Number.NaN;
  const first = byteAt(bytes, at) - zero;
  if (first < 1 || first > 9) return first === 0 && length === 1 ? 0 : Number.NaN;
  let value = first;
  const splitAt = digits <= digitsPerInt32 ? end : at + digitsPerInt32;
  while (++at < splitAt) {
    const digit = byteAt(bytes, at) - zero;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = (Math.imul(value, 10) + digit) | 0;
  }
  if (at === end) return negative ? 0 - value : value;
  const low = readDigits(bytes, at, end);
  if (low < 0) return Number.NaN;
  const whole = value * powerOfTen(end - at) + low;
  if (whole > Number.MAX_SAFE_INTEGER) return Number.NaN;
  return negative ? -whole : whole;
}

/** The strict int64 written in `bytes[at, +length)`, else undefined. Allocates: for the rare big ones. */
export function parseInt64(bytes: Uint8Array, at: number, length: number): bigint | undefined {
  const small = parseInteger(bytes, at, length);
  if (!Number.isNaN(small)) return BigInt(small);
  if (!isInt64(bytes, at, length)) return undefined;
  const end = at + length;
  const negative = byteAt(bytes, at) === minus;
  const lowAt = end - digitsPerInt32;
  const digitsAt = negative ? at + 1 : at;
  const middleAt = Math.max(lowAt - digitsPerInt32, digitsAt);
  const high = readDigits(bytes, digitsAt, middleAt) * billion + readDigits(bytes, middleAt, lowAt);
  const magnitude = BigInt(high) * BigInt(billion) + BigInt(readDigits(bytes, lowAt, end));
  return negative ? -magnitude : magnitude;
}

/** The int64 of a text as a number, rounded beyond the safe integers; NaN where it is none. */
export function parseRounded(bytes: Uint8Array, at: number, length: number): number {
  const safe = parseInteger(bytes, at, length);
  return Number.isNaN(safe) ? Number(parseInt64(bytes, at, length) ?? safe) : safe;
}

/**
 * Whether `bytes[at, +length)` is the canonical text of an int64, which is what Redis keeps with the
 * encoding «int». Allocates nothing.
 */
export function isInt64(bytes: Uint8Array, at: number, length: number): boolean {
  if (length === 0 || length > int64LengthMax) return false;
  const end = at + length;
  const negative = byteAt(bytes, at) === minus;
  if (negative) at++;
  const digits = end - at;
  if (digits < 1 || digits > 19) return false;
  const first = byteAt(bytes, at);
  if (first < zero + 1 || first > nine) return first === zero && length === 1;
  if (digits <= digitsPerInt32) return readDigits(bytes, at, end) >= 0;
  const lowAt = end - digitsPerInt32;
  const low = readDigits(bytes, lowAt, end);
  if (low < 0) return false;
  if (digits < 19) return readDigits(bytes, at, lowAt) >= 0;
  const middle = readDigits(bytes, at + 1, lowAt);
  if (middle < 0) return false;
  // 2^63 - 1 is 9 223372036 854775807; the negative side reaches one further.
  if (first !== nine) return true;
  if (middle !== 223_372_036) return middle < 223_372_036;
  return low <= (negative ? 854_775_808 : 854_775_807);
}

/** The number the digits in `bytes[at, end)` write (at most 9 of them), or -1 if one is not a digit. */
function readDigits(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (; at < end; at++) {
    const digit = byteAt(bytes, at) - zero;
    if (digit < 0 || digit > 9) return -1;
    value = (Math.imul(value, 10) + digit) | 0;
  }
  return value;
}

/** 10 to a power from 1 to 9. */
function powerOfTen(exponent: number): number {
  let power = 10;
  while (--exponent > 0) power = Math.imul(power, 10);
  return power;
}

/**
 * Writes the safe integer `value` in decimal at `at` and returns how many bytes that took, 1 to 17.
 * The caller guarantees the room.
 */
export function formatInteger(bytes: Uint8Array, at: number, value: number): number {
  const startAt = at;
  if (value < 0) {
    bytes[at++] = minus;
    value = 0 - value;
  }
  if (value < billion) {
    const digits = digitCount(value | 0);
    writeDigits(bytes, at, value | 0, digits);
    return at + digits - startAt;
  }
  // Below 2^53 the quotient by 10^9 is never so near the next integer that rounding reaches it.
  const high = Math.floor(value / billion) | 0;
  const digits = digitCount(high);
  writeDigits(bytes, at, high, digits);
  writeDigits(bytes, at + digits, (value - high * billion) | 0, digitsPerInt32);
  return at + digits + digitsPerInt32 - startAt;
}

/** Writes the int64 `value` in decimal at `at` and returns how many bytes that took, 1 to 20. */
export function formatInt64(bytes: Uint8Array, at: number, value: bigint): number {
  const small = Number(value);
  if (Number.isSafeInteger(small)) return formatInteger(bytes, at, small);
  const startAt = at;
  if (value < 0n) {
    bytes[at++] = minus;
    value = -value;
  }
  at += formatInteger(bytes, at, Number(value / BigInt(billion)));
  writeDigits(bytes, at, Number(value % BigInt(billion)), digitsPerInt32);
  return at + digitsPerInt32 - startAt;
}

/** How many bytes `formatInteger` takes for the safe integer `value`, 1 to 17. */
export function integerLength(value: number): number {
  const sign = value < 0 ? 1 : 0;
  const magnitude = sign === 1 ? 0 - value : value;
  if (magnitude < billion) return sign + digitCount(magnitude | 0);
  return sign + digitsPerInt32 + digitCount(Math.floor(magnitude / billion) | 0);
}

/** How many decimal digits `value` has, for 0 <= `value` < 10^9. */
function digitCount(value: number): number {
  if (value < 10_000) {
    if (value < 100) return value < 10 ? 1 : 2;
    return value < 1000 ? 3 : 4;
  }
  if (value < 1_000_000) return value < 100_000 ? 5 : 6;
  if (value < 100_000_000) return value < 10_000_000 ? 7 : 8;
  return 9;
}

/** Writes the int32 `value` >= 0 at `at` with exactly `digits` digits, zeros in front. */
function writeDigits(bytes: Uint8Array, at: number, value: number, digits: number): void {
  for (let i = at + digits - 1; i >= at; i--) {
    const tenth = (value / 10) | 0;
    bytes[i] = zero + value - Math.imul(tenth, 10);
    value = tenth;
  }
}

/**
 * `a` + `b` for two int64 (a number must be a safe integer): a number when the sum is a safe integer,
 * else a bigint, or undefined when it overflows int64.
 */
export function addInt64(a: number | bigint, b: number | bigint): number | bigint | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (sum <= Number.MAX_SAFE_INTEGER && sum >= Number.MIN_SAFE_INTEGER) return sum;
  }
  const sum = BigInt(a) + BigInt(b);
  if (sum > int64Max || sum < int64Min) return undefined;
  const small = Number(sum);
  return Number.isSafeInteger(small) ? small : sum;
}
