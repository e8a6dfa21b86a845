/**
 * Strings as numbers: int64 counters, and the long doubles of INCRBYFLOAT.
 *
 * Nearly every counter is a safe integer and goes through numbers without allocating; bigints take over beyond.
 * The value is rewritten as digits, in place as long as they fit the same block.
 */
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { copyBytes } from '#memory/bytes.ts';
import type { Slice } from '#memory/slice.ts';
import {
  addInt64,
  formatInt64,
  formatInteger,
  int64LengthMax,
  integerLength,
  parseInt64,
  parseInteger,
} from './int64.ts';
import {
  addLongDouble,
  formatLongDouble,
  type LongDouble,
  longDoubleTextMax,
  parseLongDouble,
} from './long-double.ts';

/** Why a number could not be changed. */
export type CounterProblem = 'not an integer' | 'overflow';

/** Why a float could not be changed. */
export type FloatProblem = 'not a float' | 'not finite';

/** A float and the text it is kept and shown as. */
export interface FloatText {
  readonly text: string;
}

const digits = Buffer.alloc(int64LengthMax);
const floatZero: LongDouble = { significand: 0n, exponent: 0 };

/** Adds to the integer a key holds, 0 if it does not exist. The expiry stays. O(1). */
export function increment(
  cursor: KeyCursor,
  by: number | bigint,
): number | bigint | CounterProblem {
  const before = readInteger(cursor);
  if (before === undefined) return 'not an integer';
  const after = addInt64(before, by);
  if (after === undefined) return 'overflow';
  storeInteger(cursor, after);
  return after;
}

/** The int64 a key holds, 0 if it does not exist, undefined where it holds no such text. */
export function readInteger(cursor: KeyCursor): number | bigint | undefined {
  if (cursor.entry === 0) return 0;
  const { bytes, valueAt, valueLength } = cursor;
  const safe = parseInteger(bytes, valueAt, valueLength);
  return Number.isNaN(safe) ? parseInt64(bytes, valueAt, valueLength) : safe;
}

/** Makes the key hold the digits of an int64; a number must be a safe integer. */
export function storeInteger(cursor: KeyCursor, value: number | bigint): void {
  if (typeof value === 'number') {
    cursor.overwrite('incrby', valueType.string, integerLength(value));
    formatInteger(cursor.bytes, cursor.valueAt, value);
    return;
  }
  const length = formatInt64(digits, 0, value);
  cursor.overwrite('incrby', valueType.string, length);
  copyBytes(cursor.bytes, cursor.valueAt, digits, 0, length);
}

/** Adds to the float a key holds, 0 if it does not exist. The expiry stays. */
export function incrementFloat(cursor: KeyCursor, by: Slice): FloatText | FloatProblem {
  const before = readFloat(cursor);
  const increment = parseFloatArgument(by);
  if (before === undefined || increment === undefined) return 'not a float';
  const after = addLongDouble(before, increment);
  if (after === undefined) return 'not finite';
  const text = formatLongDouble(after);
  storeFloatText(cursor, text);
  return { text };
}

/** The long double a key holds, 0 if it does not exist, undefined where it holds no such text. */
export function readFloat(cursor: KeyCursor): LongDouble | undefined {
  if (cursor.entry === 0) return floatZero;
  const { bytes, valueAt, valueLength } = cursor;
  if (valueLength >= longDoubleTextMax) return undefined;
  return parseLongDouble(bytes.toString('latin1', valueAt, valueAt + valueLength));
}

/** The long double an argument is, undefined where it is none. */
export function parseFloatArgument(argument: Slice): LongDouble | undefined {
  return argument.length >= longDoubleTextMax ? undefined : parseLongDouble(argument.latin1());
}

/** Makes the key hold a float as {@link formatLongDouble} writes it. */
export function storeFloatText(cursor: KeyCursor, text: string): void {
  cursor.overwrite('incrbyfloat', valueType.string, text.length);
  cursor.bytes.write(text, cursor.valueAt, 'latin1');
}
