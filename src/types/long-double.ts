// x86's 80-bit long double, which INCRBYFLOAT and HINCRBYFLOAT compute with in Redis: 64 bits of significand,
// read by strtold, added with one rounding, printed as `%.17Lf` without trailing zeros. That is why
// 0.1 + 0.2 is 0.3 there. JavaScript has no such type, so this one is exact fractions in bigint,
// rounded where the hardware rounds: a few microseconds an operation, bit for bit the same.
//
// The sign of a zero is not kept: Redis prints both zeros as 0.

import { type BinaryFormat, parseFloatText, roundFraction } from './float-text.ts';

/** ±significand × 2^exponent, with the sign in the significand; or an infinity, whose exponent is Infinity. */
export interface LongDouble {
  readonly significand: bigint;
  readonly exponent: number;
}

/** Texts this long or longer are no valid float to Redis (its MAX_LONG_DOUBLE_CHARS), in bytes. */
export const longDoubleTextMax = 5 * 1024;

const format: BinaryFormat = { bits: 64, exponentMin: -16_445, exponentMax: 16_320 };
const fractionDigits = 17;

/**
 * Reads `text` by the rules of Redis's `string2ld`. Undefined is its «value is not a valid float»: junk,
 * surrounding space, `nan`, a magnitude too big, or one so small that it would be zero. Infinities, when
 * spelled out, are valid.
 */
export function parseLongDouble(text: string): LongDouble | undefined {
  if (text.length >= longDoubleTextMax) return undefined;
  const read = parseFloatText(text);
  if (read === undefined) return undefined;
  if (read.infinite) return signed(1n, Number.POSITIVE_INFINITY, read.negative);
  const rounded = roundFraction(read.numerator, read.denominator, format);
  if (rounded === undefined) return undefined;
  if (rounded.significand === 0n && read.numerator !== 0n) return undefined;
  return signed(rounded.significand, rounded.exponent, read.negative);
}

/** The number a finite double is, exactly: for replies Redis prints as a long double, as GEOPOS does. */
export function longDoubleFromNumber(value: number): LongDouble {
  let exponent = 0;
  while (!Number.isInteger(value)) {
    value *= 2;
    exponent--;
  }
  return { significand: BigInt(value), exponent };
}

/** Whether `value` is no infinity. */
export function isFiniteLongDouble(value: LongDouble): boolean {
  return value.exponent !== Number.POSITIVE_INFINITY;
}

/**
 * `a` + `b`, rounded once. Undefined when that is an infinity or not a number, the caller's «increment
 * would produce NaN or Infinity».
 */
export function addLongDouble(a: LongDouble, b: LongDouble): LongDouble | undefined {
  if (!isFiniteLongDouble(a) || !isFiniteLongDouble(b)) return undefined;
  const exponent = Math.min(a.exponent, b.exponent);
  const sum =
    (a.significand << BigInt(a.exponent - exponent)) +
    (b.significand << BigInt(b.exponent - exponent));
  const negative = sum < 0n;
  const magnitude = negative ? -sum : sum;
  const rounded = roundFraction(
    exponent > 0 ? magnitude << BigInt(exponent) : magnitude,
    exponent > 0 ? 1n : 1n << BigInt(-exponent),
    format,
  );
  return rounded && signed(rounded.significand, rounded.exponent, negative);
}

/** The greatest finite one, C's LDBL_MAX. */
export const longDoubleMax: LongDouble = {
  significand: (1n << BigInt(format.bits)) - 1n,
  exponent: format.exponentMax,
};

export function negateLongDouble({ significand, exponent }: LongDouble): LongDouble {
  return { significand: -significand, exponent };
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. Infinities are at the ends. */
export function compareLongDouble(a: LongDouble, b: LongDouble): number {
  if (!isFiniteLongDouble(a) || !isFiniteLongDouble(b)) return endOf(a) - endOf(b);
  const exponent = Math.min(a.exponent, b.exponent);
  const difference =
    (a.significand << BigInt(a.exponent - exponent)) -
    (b.significand << BigInt(b.exponent - exponent));
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** Which end a number is: -1 or 1 for the infinities, 0 for all between. */
function endOf(value: LongDouble): number {
  if (isFiniteLongDouble(value)) return 0;
  return value.significand < 0n ? -1 : 1;
}

/**
 * `value` in decimal as Redis prints it: `%.17Lf`, then trailing zeros and a trailing point cut off, and 0
 * for what is left a negative zero. Up to 4 952 characters.
 */
export function formatLongDouble(value: LongDouble): string {
  const { significand, exponent } = value;
  if (!isFiniteLongDouble(value)) return significand < 0n ? '-inf' : 'inf';
  const magnitude = significand < 0n ? -significand : significand;
  const scaled = scaleRounded(magnitude * 10n ** BigInt(fractionDigits), exponent);
  if (scaled === 0n) return '0';
  const digits = scaled.toString().padStart(fractionDigits + 1, '0');
  const whole = digits.slice(0, -fractionDigits);
  let end = digits.length;
  while (end > whole.length && digits.charCodeAt(end - 1) === 0x30) end--;
  const sign = significand < 0n ? '-' : '';
  const after = digits.slice(whole.length, end);
  return after === '' ? sign + whole : `${sign}${whole}.${after}`;
}

/** `value` × 2^`exponent`, to the nearest integer and on a tie to the even one, as printf rounds. */
function scaleRounded(value: bigint, exponent: number): bigint {
  if (exponent >= 0) return value << BigInt(exponent);
  const shift = BigInt(-exponent);
  const quotient = value >> shift;
  const rest = value - (quotient << shift);
  const half = 1n << (shift - 1n);
  return rest > half || (rest === half && (quotient & 1n) === 1n) ? quotient + 1n : quotient;
}

function signed(significand: bigint, exponent: number, negative: boolean): LongDouble {
  return { significand: negative ? -significand : significand, exponent };
}
