// Doubles as text: scores, increments' bounds and coordinates. Reading follows Redis's `string2d`, which is C's
// strtod over the whole text; writing follows its `d2string` since 7.2, which is what ZSCORE and RESP3
// show: integers plain up to 2^62, everything else with the fewest digits that read back the same.
//
// Most texts are short decimals: up to 15 digits scaled by at most 10^22 need one exact
// multiplication or division, which IEEE rounds rightly. The rest goes the slow way.
//
// Known difference: Redis finds digits with Grisu2, which now and then gives one digit more than the fewest.
// Both texts read back as the same number.

import { Buffer } from 'node:buffer';
import { byteAt } from '#memory/bytes.ts';
import { type BinaryFormat, decimalText, parseFloatText, roundFraction } from './float-text.ts';

const binary64: BinaryFormat = { bits: 53, exponentMin: -1074, exponentMax: 971 };
/** Integers up to this are written in full, however many zeros they end with. */
const plainIntegerMax = 2 ** 62;

const plus = 0x2b;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const digitsExact = 15;
const powersOfTen = Float64Array.from({ length: digitsExact + 1 }, (_, power) => 10 ** power);

/**
 * The double written in `bytes[at, +length)`, or NaN when it is not a valid float to Redis: not all of the
 * text is one number, space before it, `nan`, a magnitude that overflows, or one so small that it
 * would become zero. `inf` and `infinity` in any case and hexadecimal floats are valid. Allocates only
 * for texts that are not plain decimals of at most 15 digits.
 */
export function parseDouble(bytes: Uint8Array, at: number, length: number): number {
  const end = at + length;
  let i = at;
  let negative = false;
  if (i < end) {
    const sign = byteAt(bytes, i);
    negative = sign === minus;
    if (negative || sign === plus) i++;
  }
  if (end - i > digitsExact + 1) return parseDoubleSlow(bytes, at, length);
  let value = 0;
  let digits = 0;
  let pointAt = -1;
  for (; i < end; i++) {
    const byte = byteAt(bytes, i);
    if (byte === point && pointAt < 0) {
      pointAt = i;
      continue;
    }
    const digit = byte - zero;
    if (digit < 0 || digit > 9) return parseDoubleSlow(bytes, at, length);
    value = value * 10 + digit;
    digits++;
  }
  if (digits === 0) return Number.NaN;
  if (digits > digitsExact) return parseDoubleSlow(bytes, at, length);
  if (pointAt >= 0) value /= powersOfTen[end - 1 - pointAt] as number; // at most 15 digits follow
  return negative ? -value : value;
}

function parseDoubleSlow(bytes: Uint8Array, at: number, length: number): number {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('latin1');
  if (decimalText.test(text)) {
    const value = Number(text); // JavaScript takes these texts too, and rounds them exactly
    const lost = !Number.isFinite(value) || (value === 0 && nonZeroDigit.test(text));
    return lost ? Number.NaN : value;
  }
  const read = parseFloatText(text);
  if (read === undefined) return Number.NaN;
  const sign = read.negative ? -1 : 1;
  if (read.infinite) return sign * Number.POSITIVE_INFINITY;
  const rounded = roundFraction(read.numerator, read.denominator, binary64);
  if (rounded === undefined) return Number.NaN;
  if (rounded.significand === 0n && read.numerator !== 0n) return Number.NaN;
  // In two steps, as 2 to the lowest exponents is itself no double when the significand is big.
  const half = Math.trunc(rounded.exponent / 2);
  return sign * Number(rounded.significand) * 2 ** half * 2 ** (rounded.exponent - half);
}

/** Any digit but 0 before the exponent. */
const nonZeroDigit = /^[^eE]*[1-9]/;

/**
 * `value` as ZSCORE and RESP3 doubles show it in Redis 7.2 and later: `inf`, `-inf`, `nan`, `-0`, integers up
 * to 2^62 in full; then plain decimals while at most six zeros lead the digits (or seven pad them),
 * and scientific with a sign and no padding in the exponent: `1.5e-7`, `1e+20`.
 */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (value < 0) return `-${formatPositive(-value)}`;
  return formatPositive(value);
}

function formatPositive(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (Number.isSafeInteger(value)) return String(value);
  if (Number.isInteger(value) && value <= plainIntegerMax) return BigInt(value).toString();
  const [mantissa = '', exponentText = ''] = value.toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const exponent = Number(exponentText); // of the first digit
  const lastExponent = exponent - (digits.length - 1); // of the last digit
  if (lastExponent >= 0 && lastExponent < 8) return digits + '0'.repeat(lastExponent);
  if (lastExponent < 0 && (lastExponent > -7 || Math.abs(exponent) < 4)) {
    if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
    return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
  }
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
}
