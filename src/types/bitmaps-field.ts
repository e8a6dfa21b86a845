/**
 * Integers of any width inside a string, as BITFIELD has them: signed of 1 to 64 bits, unsigned of 1 to 63, two's
 * complement, at any bit offset, the most significant bit first.
 *
 * Numbers carry all that they can hold exactly; a bigint appears only where a value is not a safe integer.
 */
import { byteAt } from '#memory/bytes.ts';
import { byteOfBit } from './bitmaps.ts';

/** What to do with a value that its field cannot hold. */
export type Overflow = 'wrap' | 'saturate' | 'fail';

export interface FieldType {
  readonly signed: boolean;
  readonly bits: number;
}

const two32 = 2 ** 32;
/** A field this wide always holds a safe integer. */
const safeBitsMax = 53;
const int64Max = 2n ** 63n - 1n;

/** The field at bit `offset` of `bytes[at, +length)`; past the end there are zeros. */
export function readField(
  bytes: Buffer,
  at: number,
  length: number,
  offset: number,
  { signed, bits }: FieldType,
): number | bigint {
  if (bits <= safeBitsMax) {
    const value = readBits(bytes, at, length, offset, bits);
    return signed && value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
  }
  const highBits = bits - 32;
  let high = readBits(bytes, at, length, offset, highBits);
  if (signed && high >= 2 ** (highBits - 1)) high -= 2 ** highBits;
  const low = readBits(bytes, at, length, offset + highBits, 32);
  const value = high * two32 + low;
  return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low);
}

/** Up to 53 bits at bit `offset`, unsigned. */
function readBits(bytes: Buffer, at: number, length: number, offset: number, bits: number): number {
  let byte = byteOfBit(offset);
  const skip = offset & 7;
  let value = byte < length ? byteAt(bytes, at + byte) & (0xff >> skip) : 0;
  let left = bits - (8 - skip);
  if (left <= 0) return value >> -left;
  for (byte++; left >= 8; byte++, left -= 8) {
    value = value * 256 + (byte < length ? byteAt(bytes, at + byte) : 0);
  }
  const rest = left > 0 && byte < length ? byteAt(bytes, at + byte) >> (8 - left) : 0;
  return value * (1 << left) + rest;
}

/** Stores the low bits of `value` in the field at bit `offset` of what lies at `at`, all of which must be there. */
export function writeField(
  bytes: Buffer,
  at: number,
  offset: number,
  { bits }: FieldType,
  value: number | bigint,
): void {
  const low = typeof value === 'number' ? value | 0 : Number(BigInt.asIntN(32, value));
  if (bits <= 32) {
    writeBits(bytes, at, offset, bits, low);
    return;
  }
  const high =
    typeof value === 'number'
      ? Math.floor(value / two32) | 0
      : Number(BigInt.asIntN(32, value >> 32n));
  writeBits(bytes, at, offset, bits - 32, high);
  writeBits(bytes, at, offset + bits - 32, 32, low);
}

/** Stores the low `bits` bits, at most 32, of an int32. */
function writeBits(bytes: Buffer, at: number, offset: number, bits: number, value: number): void {
  let byte = at + byteOfBit(offset);
  let skip = offset & 7;
  for (let left = bits; left > 0; byte++, skip = 0) {
    const taken = Math.min(8 - skip, left);
    left -= taken;
    const shift = 8 - skip - taken;
    const mask = ((1 << taken) - 1) << shift;
    const part = ((value >>> left) << shift) & mask;
    bytes[byte] = (byteAt(bytes, byte) & ~mask) | part;
  }
}

/** What a field of this type holds after it was given `value`; undefined where it fails. */
export function fitted(
  type: FieldType,
  value: number | bigint,
  overflow: Overflow,
): number | bigint | undefined {
  if (fits(type, value)) return value;
  if (overflow === 'fail') return undefined;
  if (overflow === 'wrap') return wrapped(type, value);
  return setsLowest(type, value) ? lowest(type) : highest(type);
}

/** What a field of this type holds after it held `value` and was added to; undefined where it fails. */
export function increased(
  type: FieldType,
  value: number | bigint,
  by: number | bigint,
  overflow: Overflow,
): number | bigint | undefined {
  const sum = exactSum(value, by);
  if (fits(type, sum)) return sum;
  if (overflow === 'fail') return undefined;
  if (overflow === 'wrap') return wrapped(type, sum);
  return sum < 0 ? lowest(type) : highest(type);
}

function exactSum(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return narrowed(BigInt(a) + BigInt(b));
}

/** Whether the type has this value. */
function fits({ signed, bits }: FieldType, value: number | bigint): boolean {
  if (typeof value === 'number' && bits > safeBitsMax) return signed || value >= 0;
  if (typeof value === 'number') {
    const limit = 2 ** (signed ? bits - 1 : bits);
    return value < limit && value >= (signed ? -limit : 0);
  }
  return (signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)) === value;
}

/**
 * Whether a value set to a field it does not fit is below the field's range. Redis takes its values for int64: to an
 * unsigned field a negative one is huge, and to a signed one so is what lies more than int64's range below the top.
 */
function setsLowest({ signed, bits }: FieldType, value: number | bigint): boolean {
  if (!signed || value > 0) return false;
  return 2n ** BigInt(bits - 1) - 1n - BigInt(value) <= int64Max;
}

function lowest({ signed, bits }: FieldType): number | bigint {
  return signed ? narrowed(-(2n ** BigInt(bits - 1))) : 0;
}

function highest({ signed, bits }: FieldType): number | bigint {
  return narrowed(2n ** BigInt(signed ? bits - 1 : bits) - 1n);
}

function wrapped({ signed, bits }: FieldType, value: number | bigint): number | bigint {
  if (typeof value === 'number' && bits <= 32) {
    const top = value << (32 - bits);
    return signed ? top >> (32 - bits) : top >>> (32 - bits);
  }
  const exact = BigInt(value);
  return narrowed(signed ? BigInt.asIntN(bits, exact) : BigInt.asUintN(bits, exact));
}

/** A number where that is exact. */
function narrowed(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
