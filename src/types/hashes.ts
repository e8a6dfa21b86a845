/**
 * Hashes: fields with values, both bytes of any kind, and for each field maybe a time at which it goes.
 *
 * All operations work on an open cursor whose key, if it exists, holds a hash: the command has checked that with
 * `isNoHash`. Fields whose time has come are not there any more: opening the key removes them, or hides them where they
 * are too many. A command announces
 * a change once, with {@link KeyCursor.change}, before it makes the first; what creates or removes the key announces that.
 */
import { fieldExpireAtMs } from '#keyspace/entry.ts';
import { noteFieldExpiry } from '#keyspace/field-expiry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { KeyEvent } from '#keyspace/writes.ts';
import { Slice } from '#memory/slice.ts';
import { Field, type HashLimits, isExpiring, isTable, packFieldsMax } from './hashes-form.ts';
import {
  becomeExpiringPack,
  countInPack,
  createPack,
  draftPack,
  expireInPack,
  expirePack,
  findInPack,
  noteFirstInPack,
  putInPack,
  removeFromPack,
} from './hashes-pack.ts';
import {
  becomeExpiringTable,
  becomeTable,
  countAllInTable,
  countInTable,
  expireInTable,
  expireTable,
  findInTable,
  noteFirstInTable,
  putInTable,
  removeFromTable,
} from './hashes-table.ts';

const scratch = new Field();
const fieldBytes = new Slice();
const valueBytes = new Slice();

/** How many fields the hash has; 0 if the key does not exist. O(1), or O(log n) while many are due. */
export function countFields(cursor: KeyCursor): number {
  if (cursor.entry === 0) return 0;
  return isTable(cursor) ? countInTable(cursor) : countInPack(cursor);
}

/** Likewise, those whose time has come and that are yet to be removed included. O(1). */
export function countAllFields(cursor: KeyCursor): number {
  if (cursor.entry === 0) return 0;
  return isTable(cursor) ? countAllInTable(cursor) : countInPack(cursor);
}

/** Looks for a field, maybe of no hash at all. Returns whether it is there, and then fills `found`. O(1). */
export function findField(cursor: KeyCursor, field: Slice, found: Field): boolean {
  if (cursor.entry === 0) return false;
  return isTable(cursor) ? findInTable(cursor, field, found) : findInPack(cursor, field, found);
}

/** Announces a change of the hash that follows, unless the key is yet to be created, which announces itself. */
export function beginChange(cursor: KeyCursor, event: KeyEvent): void {
  if (cursor.entry !== 0) cursor.change(event);
}

/**
 * Gives a field a value and an expiry: a time to come in ms, 0 for none, or `keepExpiry`. Creates the key, with
 * `event`, if need be. Returns whether the field is new. O(1), or O(log n) of the fields that expire.
 */
export function putField(
  cursor: KeyCursor,
  field: Slice,
  value: Slice,
  expireAtMs: number,
  limits: HashLimits,
  event: KeyEvent,
): boolean {
  const isNewKey = cursor.entry === 0;
  if (isNewKey) createPack(cursor, event, field, value);
  if (!isTable(cursor) && (field.length > limits.bytesMax || value.length > limits.bytesMax)) {
    becomeTable(cursor);
  }
  if (expireAtMs > 0) becomeExpiring(cursor, expireAtMs);
  if (isNewKey && expireAtMs <= 0) return true;
  try {
    if (isTable(cursor)) return putInTable(cursor, field, value, expireAtMs) || isNewKey;
    const isNew = putInPack(cursor, field, value, expireAtMs);
    const fieldsMax = Math.min(limits.fieldsMax, packFieldsMax);
    if (isNew && countInPack(cursor) > fieldsMax) becomeTable(cursor);
    return isNew || isNewKey;
  } catch (error) {
    noteFirst(cursor);
    throw error;
  }
}

/**
 * Makes the key hold a hash of just `count` fields, at least one and all different, which `pair` points `field` and
 * `value` at. Whatever it held goes, its expiry included. O(count).
 */
export function replaceHash(
  cursor: KeyCursor,
  count: number,
  pair: (index: number, field: Slice, value: Slice) => void,
  limits: HashLimits,
  event: KeyEvent,
): void {
  draftPack(cursor);
  try {
    for (let index = 0; index < count; index++) {
      pair(index, fieldBytes, valueBytes);
      putField(cursor, fieldBytes, valueBytes, 0, limits, event);
    }
  } catch (error) {
    cursor.abandon();
    throw error;
  }
  cursor.publish(event);
}

/** Removes the field that was found, and with the last one the key. O(1), or O(log n) as above. */
export function removeField(cursor: KeyCursor, found: Field): void {
  if (countFields(cursor) === 1) cursor.remove('del');
  else if (isTable(cursor)) removeFromTable(cursor, found);
  else removeFromPack(cursor, found);
}

/** Gives `field`, which is there, an expiry: a time to come in ms, or 0 for none. O(log n) of those that expire. */
export function expireField(cursor: KeyCursor, field: Slice, expireAtMs: number): void {
  if (expireAtMs > 0) becomeExpiring(cursor, expireAtMs);
  if (!findField(cursor, field, scratch) || scratch.expireAtMs === expireAtMs) return;
  try {
    if (isTable(cursor)) expireInTable(cursor, scratch, expireAtMs);
    else expireInPack(cursor, scratch, expireAtMs);
  } catch (error) {
    noteFirst(cursor);
    throw error;
  }
}

/** Corrects what was noted for a field that then could not be set. */
function noteFirst(cursor: KeyCursor): void {
  if (!isExpiring(cursor)) return;
  if (isTable(cursor)) noteFirstInTable(cursor);
  else noteFirstInPack(cursor);
}

/** Removes some fields whose time has come, about `countMax` at most, of a hash that has any, or the key where that is all. */
export function expireMembers(cursor: KeyCursor, countMax: number): number {
  const { nowMs } = cursor.database.keyspace;
  cursor.change('hexpired');
  const removed = isTable(cursor)
    ? expireTable(cursor, nowMs, countMax)
    : expirePack(cursor, nowMs, scratch);
  if (removed >= 0) return removed;
  const all = countAllFields(cursor);
  cursor.database.keyspace.writes.announceMemberExpiry(cursor, undefined);
  cursor.remove('del');
  return all;
}

/** Makes ready for a field to expire at `atMs`: that what is noted is never too late, whatever comes of it. */
function becomeExpiring(cursor: KeyCursor, atMs: number): void {
  if (!isExpiring(cursor)) {
    if (isTable(cursor)) becomeExpiringTable(cursor);
    else becomeExpiringPack(cursor);
  }
  const notedMs = fieldExpireAtMs(cursor.arena, cursor.entry);
  if (notedMs === 0 || atMs < notedMs) noteFieldExpiry(cursor, atMs);
}
