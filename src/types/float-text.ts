// The texts C's strtod and strtold take for a number, and exact rounding of a fraction to binary. Doubles
// and long doubles differ only in how many bits they round to, so both read through here. Arithmetic
// is in bigint: exact and plain; `parseDouble` has a fast path of its own before it comes here.

/** A float's shape: how many bits its significand holds and the exponents its lowest bit may have. */
export interface BinaryFormat {
  readonly bits: number;
  /** Exponent of the lowest bit of a subnormal, so of the smallest number above zero. */
  readonly exponentMin: number;
  /** Exponent of the lowest bit of the largest finite number. */
  readonly exponentMax: number;
}

/** The finite number `significand` × 2^`exponent`; zero is 0n × 2^0, and has no sign. */
export interface BinaryFloat {
  readonly significand: bigint;
  readonly exponent: number;
}

/** A whole text read as a float: an infinity or `numerator` / `denominator`, with its sign apart. */
export interface FloatText {
  readonly negative: boolean;
  readonly infinite: boolean;
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Decimal exponents further out than this, on top of the digits' own, overflow or vanish in any format. */
const exponentFar = 17_000;

const infinityText = /^[+-]?inf(inity)?$/i;
/** A decimal number as strtod takes it. Its groups: digits before the point, after it, after a bare point, exponent. */
export const decimalText = /^[+-]?(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:e([+-]?\d+))?$/i;
const hexText = /^[+-]?0x(?:([\da-f]+)(?:\.([\da-f]*))?|\.([\da-f]+))(?:p([+-]?\d+))?$/i;

/**
 * Reads `text`, all of it, as C's strtod does in the C locale: decimal, hexadecimal (`0x1.8p3`), `inf` or
 * `infinity`, any case, with or without a sign. Undefined for anything else, for `nan` and for leading
 * space, all of which Redis refuses. O(length²) for very many digits.
 */
export function parseFloatText(text: string): FloatText | undefined {
  const negative = text.startsWith('-');
  if (infinityText.test(text)) {
    return { negative, infinite: true, numerator: 1n, denominator: 1n };
  }
  const decimal = decimalText.exec(text);
  if (decimal !== null) return fraction(negative, decimal, '', 10n, 1);
  const hex = hexText.exec(text);
  if (hex !== null) return fraction(negative, hex, '0x', 2n, 4);
  return undefined;
}

/**
 * The fraction a match writes: its digits, scaled by a power of `base`, of which every digit after the
 * point counts `perDigit`.
 */
function fraction(
  negative: boolean,
  match: RegExpExecArray,
  prefix: string,
  base: bigint,
  perDigit: number,
): FloatText {
  const [, whole = '', afterWhole = '', afterNothing = '', exponentText = '0'] = match;
  const after = afterWhole + afterNothing;
  const digits = BigInt(prefix + whole + after);
  if (digits === 0n) return { negative, infinite: false, numerator: 0n, denominator: 1n };
  const size = (whole.length + after.length) * perDigit;
  const far = exponentFar + size;
  const exponent = Math.min(Math.max(Number(exponentText), -far), far) - after.length * perDigit;
  const power = base ** BigInt(Math.abs(exponent));
  return {
    negative,
    infinite: false,
    numerator: exponent > 0 ? digits * power : digits,
    denominator: exponent > 0 ? 1n : power,
  };
}

/**
 * `numerator` / `denominator` (neither negative, the latter not zero) rounded to `format`, to the nearest
 * and on a tie to the even. Undefined when that overflows; zero when it underflows entirely.
 */
export function roundFraction(
  numerator: bigint,
  denominator: bigint,
  format: BinaryFormat,
): BinaryFloat | undefined {
  if (numerator === 0n) return { significand: 0n, exponent: 0 };
  // The quotient's highest bit is at this place or one below it: aim at `bits` or `bits` + 1 bits.
  const place = bitLength(numerator) - bitLength(denominator);
  let exponent = Math.max(place - format.bits, format.exponentMin);
  let significand = roundedQuotient(numerator, denominator, exponent);
  if (significand >> BigInt(format.bits) > 0n) {
    // One bit too many. Round afresh, from the exact quotient: rounding twice could round wrongly.
    exponent++;
    significand = roundedQuotient(numerator, denominator, exponent);
    if (significand >> BigInt(format.bits) > 0n) {
      significand >>= 1n; // rounded up to the next power of two: the bit lost is a zero
      exponent++;
    }
  }
  if (significand === 0n) return { significand: 0n, exponent: 0 };
  return exponent > format.exponentMax ? undefined : { significand, exponent };
}

/** `numerator` / `denominator` / 2^`exponent`, to the nearest integer, on a tie to the even one. */
function roundedQuotient(numerator: bigint, denominator: bigint, exponent: number): bigint {
  if (exponent < 0) numerator <<= BigInt(-exponent);
  else denominator <<= BigInt(exponent);
  const quotient = numerator / denominator;
  const twiceRest = (numerator - quotient * denominator) * 2n;
  const up = twiceRest > denominator || (twiceRest === denominator && (quotient & 1n) === 1n);
  return up ? quotient + 1n : quotient;
}

/** How many bits `value` > 0 takes. */
function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return hex.length * 4 - (Math.clz32(Number.parseInt(hex.charAt(0), 16)) - 28);
}
