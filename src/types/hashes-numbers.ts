/** Fields as numbers: the counters of HINCRBY and the long doubles of HINCRBYFLOAT. A field's expiry stays. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import type { CounterProblem, FloatProblem, FloatText } from './counters.ts';
import { beginChange, findField, putField } from './hashes.ts';
import { Field, type HashLimits, keepExpiry } from './hashes-form.ts';
import {
  addInt64,
  formatInt64,
  formatInteger,
  int64LengthMax,
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

const found = new Field();
const digits = new Slice(Buffer.alloc(int64LengthMax));
const floatZero: LongDouble = { significand: 0n, exponent: 0 };

/** Adds to the integer that a field holds, 0 if it is not there. */
export function incrementField(
  cursor: KeyCursor,
  field: Slice,
  by: number | bigint,
  limits: HashLimits,
): number | bigint | CounterProblem {
  const before = findField(cursor, field, found) ? readInteger(cursor) : 0;
  if (before === undefined) return 'not an integer';
  const after = addInt64(before, by);
  if (after === undefined) return 'overflow';
  const { bytes } = digits;
  digits.length =
    typeof after === 'number' ? formatInteger(bytes, 0, after) : formatInt64(bytes, 0, after);
  beginChange(cursor, 'hincrby');
  putField(cursor, field, digits, keepExpiry, limits, 'hincrby');
  return after;
}

/** The int64 in the field found, undefined where it holds no such text. */
function readInteger(cursor: KeyCursor): number | bigint | undefined {
  const { bytes } = cursor.arena;
  const safe = parseInteger(bytes, found.valueAt, found.valueLength);
  return Number.isNaN(safe) ? parseInt64(bytes, found.valueAt, found.valueLength) : safe;
}

/** Adds a finite number to the float that a field holds, 0 if it is not there. */
export function incrementFieldFloat(
  cursor: KeyCursor,
  field: Slice,
  by: LongDouble,
  limits: HashLimits,
): FloatText | FloatProblem {
  const before = findField(cursor, field, found) ? readFloat(cursor) : floatZero;
  if (before === undefined) return 'not a float';
  const after = addLongDouble(before, by);
  if (after === undefined) return 'not finite';
  const text = formatLongDouble(after);
  beginChange(cursor, 'hincrbyfloat');
  const value = new Slice(Buffer.from(text, 'latin1'));
  putField(cursor, field, value, keepExpiry, limits, 'hincrbyfloat');
  return { text };
}

function readFloat(cursor: KeyCursor): LongDouble | undefined {
  const { valueAt, valueLength } = found;
  if (valueLength >= longDoubleTextMax) return undefined;
  return parseLongDouble(cursor.arena.bytes.toString('latin1', valueAt, valueAt + valueLength));
}
