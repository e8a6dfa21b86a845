/**
 * Strings: bytes of any kind up to proto-max-bulk-len, kept after their key. Numbers are kept as their digits;
 * what Redis calls the encoding is derived when somebody asks.
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
  parseInt64,
  parseInteger,
} from './int64.ts';

/** Whether an existing key holds something else than a string. */
export function isOtherType(cursor: KeyCursor): boolean {
  return cursor.entry !== 0 && cursor.type !== valueType.string;
}

/** Makes the key hold a copy of `value`. The expiry stays; with `expires`, room is made for one. */
export function store(cursor: KeyCursor, value: Slice, expires = false): void {
  cursor.overwrite('set', valueType.string, value.length, expires);
  cursor.arena.put(cursor.valueAt, value.bytes, value.at, value.length);
}

const digits = Buffer.alloc(int64LengthMax + 1);

/** Why a number could not be changed. */
export type CounterProblem = 'not an integer' | 'overflow';

/** Adds to the integer a key holds, 0 if it does not exist. The expiry stays. */
export function increment(
  cursor: KeyCursor,
  by: number | bigint,
): number | bigint | CounterProblem {
  const before = cursor.entry === 0 ? 0 : readInteger(cursor);
  if (before === undefined) return 'not an integer';
  const after = addInt64(before, by);
  if (after === undefined) return 'overflow';
  const length =
    typeof after === 'number' ? formatInteger(digits, 0, after) : formatInt64(digits, 0, after);
  cursor.overwrite('incrby', valueType.string, length);
  copyBytes(cursor.bytes, cursor.valueAt, digits, 0, length);
  return after;
}

/** The int64 a string is the digits of, or undefined. */
function readInteger(cursor: KeyCursor): number | bigint | undefined {
  const { bytes, valueAt, valueLength } = cursor;
  const safe = parseInteger(bytes, valueAt, valueLength);
  return Number.isNaN(safe) ? parseInt64(bytes, valueAt, valueLength) : safe;
}
