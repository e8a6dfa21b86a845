/**
 * Strings: bytes of any kind up to proto-max-bulk-len, kept after their key. Numbers are kept as their digits;
 * what Redis calls the encoding is derived when somebody asks.
 *
 * All operations work on an open cursor whose key, if it exists, holds a string, unless they say otherwise:
 * the command has checked that with {@link isOtherType}. Expiries stay unless an operation says otherwise.
 */
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { KeyEvent } from '#keyspace/writes.ts';
import { copyBytes, equalBytes } from '#memory/bytes.ts';
import type { Slice } from '#memory/slice.ts';
import { int64LengthMax, isInt64 } from './int64.ts';

/** The longest string that Redis keeps in one allocation with its object. */
const embeddedBytesMax = 44;

/** How Redis would keep a string, which OBJECT ENCODING tells. */
export type StringEncoding = 'int' | 'embstr' | 'raw';

/** Whether an existing key holds something else than a string. */
export function isOtherType(cursor: KeyCursor): boolean {
  return cursor.entry !== 0 && cursor.type !== valueType.string;
}

/** The encoding of the string at `cursor`, which exists. O(1). */
export function encodingOf(cursor: KeyCursor): StringEncoding {
  if (cursor.edited) return 'raw';
  const { bytes, valueAt, valueLength } = cursor;
  if (valueLength <= int64LengthMax && isInt64(bytes, valueAt, valueLength)) return 'int';
  return valueLength <= embeddedBytesMax ? 'embstr' : 'raw';
}

/** Whether the string at `cursor`, which exists, has just these bytes. O(length). */
export function isEqual(cursor: KeyCursor, value: Slice): boolean {
  const { bytes, valueAt, valueLength } = cursor;
  if (valueLength !== value.length) return false;
  return equalBytes(bytes, valueAt, value.bytes, value.at, valueLength);
}

/**
 * Makes the key hold a copy of `value`, whatever its type was. With `expires`, room is made for an expiry that
 * the caller is about to set. O(length).
 */
export function store(
  cursor: KeyCursor,
  value: Slice,
  expires = false,
  event: KeyEvent = 'set',
): void {
  cursor.overwrite(event, valueType.string, value.length, expires);
  cursor.arena.put(cursor.valueAt, value.bytes, value.at, value.length);
}

/** Drafts a copy of `value` at `cursor`. O(length). */
export function draftString(cursor: KeyCursor, value: Slice): void {
  cursor.draftBytes(valueType.string, value.length);
  cursor.arena.put(cursor.valueAt, value.bytes, value.at, value.length);
}

/** Adds `value` at the end, creating the key if need be. Returns the new length. O(length of `value`) amortized. */
export function append(cursor: KeyCursor, value: Slice): number {
  if (!cursor.exists) {
    store(cursor, value, false, 'append');
    return value.length;
  }
  const before = cursor.valueLength;
  const after = before + value.length;
  cursor.resize('append', after);
  cursor.arena.put(cursor.valueAt + before, value.bytes, value.at, value.length);
  return after;
}

/**
 * Writes `value`, which is not empty, at `offset`, with zeros up to there if the string ends before, creating
 * the key if need be. Returns the new length. O(length of `value` and of the zeros).
 */
export function writeAt(cursor: KeyCursor, offset: number, value: Slice): number {
  const before = cursor.exists ? cursor.valueLength : 0;
  const after = Math.max(before, offset + value.length);
  if (!cursor.exists) {
    cursor.overwrite('setrange', valueType.string, after);
    cursor.edited = true;
  } else if (after > before) cursor.resize('setrange', after);
  else cursor.edit('setrange');
  const { bytes, valueAt } = cursor;
  if (offset > before) bytes.fill(0, valueAt + before, valueAt + offset);
  copyBytes(bytes, valueAt + offset, value.bytes, value.at, value.length);
  return after;
}
