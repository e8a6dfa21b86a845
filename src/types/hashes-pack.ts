/**
 * Small hashes: fields and values, and expiries if there are any, in turn in one pack in the entry, which is always just
 * as long as it needs. Every operation is O(n) of a few hundred bytes to a few thousand.
 */
import { valueType } from '#keyspace/entry.ts';
import { noteFieldExpiry, noteLaterFieldExpiry } from '#keyspace/field-expiry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { KeyEvent } from '#keyspace/writes.ts';
import { Slice } from '#memory/slice.ts';
import { Pack, PackCursor, packElementBytes, packHeaderBytes } from '#structures/pack.ts';
import { expiryBytes, type Field, hashForm, isExpiring, keepExpiry } from './hashes-form.ts';

const wordSpan = 2 ** 32;

/** The pack of the hash at hand. */
const pack = new Pack();
const place = new PackCursor();
const nothing = new Slice();
const name = new Slice();
const expiryText = new Slice(Buffer.alloc(expiryBytes));

/** Points `view` at the hash's pack. Returns how many elements make a field. */
export function pointAtPack(cursor: KeyCursor, view: Pack): 2 | 3 {
  if (!isExpiring(cursor)) {
    view.point(cursor.arena, cursor.rootAt, cursor.rootLength);
    return 2;
  }
  view.point(cursor.arena, cursor.rootAt + expiryBytes, cursor.rootLength - expiryBytes);
  return 3;
}

export function countInPack(cursor: KeyCursor): number {
  const stride = pointAtPack(cursor, pack);
  return pack.count / stride;
}

/** Makes the key, which does not exist, a hash of one field. Announces. */
export function createPack(cursor: KeyCursor, event: KeyEvent, field: Slice, value: Slice): void {
  const bytes = packHeaderBytes + packElementBytes(field.length) + packElementBytes(value.length);
  cursor.createCollection(event, valueType.hash, hashForm.pack, bytes);
  pointAtPack(cursor, pack);
  pack.format();
  pack.append(field);
  pack.append(value);
}

/** Drafts a hash without fields, which is to get some before it is published. */
export function draftPack(cursor: KeyCursor): void {
  cursor.draft(valueType.hash, hashForm.pack, packHeaderBytes);
  pointAtPack(cursor, pack);
  pack.format();
}

/** Looks for a field. Returns whether it is there, and then fills `found`. */
export function findInPack(cursor: KeyCursor, field: Slice, found: Field): boolean {
  const stride = pointAtPack(cursor, pack);
  if (!pack.find(field, 0, stride, place)) return false;
  readField(pack, place, stride, found);
  return true;
}

/** Fills `found` with the field that `at` is at, and moves `at` to the next one. Returns whether there is any. */
export function readField(view: Pack, at: PackCursor, stride: 2 | 3, found: Field): boolean {
  const dataAt = view.at + packHeaderBytes;
  copyPlace(at, found.place);
  found.fieldAt = dataAt + at.offset;
  found.fieldLength = at.length;
  view.next(at);
  found.valueAt = dataAt + at.offset;
  found.valueLength = at.length;
  const more = view.next(at);
  if (stride === 2) {
    found.expireAtMs = 0;
    return more;
  }
  found.expireAtMs = at.length === 0 ? 0 : expiryAt(view, at);
  return view.next(at);
}

/**
 * Gives a field a value and an expiry, which the form must allow and which is noted if it is the first. Returns whether the
 * field is new. Throws ArenaFullError; a new field is then not there, or an old one has its new value but not the expiry.
 */
export function putInPack(
  cursor: KeyCursor,
  field: Slice,
  value: Slice,
  expireAtMs: number,
): boolean {
  const stride = pointAtPack(cursor, pack);
  if (pack.find(field, 0, stride, place)) {
    pack.next(place);
    replaceElement(cursor, value);
    if (stride === 3 && expireAtMs !== keepExpiry) {
      pack.next(place);
      setExpiryElement(cursor, expireAtMs);
    }
    return false;
  }
  const expiry = expireAtMs > 0 ? writeExpiry(expireAtMs) : nothing;
  const pairBytes = packElementBytes(field.length) + packElementBytes(value.length);
  setPackBytes(
    cursor,
    pack.bytes + pairBytes + (stride === 3 ? packElementBytes(expiry.length) : 0),
  );
  pack.append(field);
  pack.append(value);
  if (stride === 3) pack.append(expiry);
  if (expireAtMs > 0) noteFirstInPack(cursor);
  return true;
}

/** Gives the field that was found another expiry, 0 for none. */
export function expireInPack(cursor: KeyCursor, found: Field, expireAtMs: number): void {
  pointAtPack(cursor, pack);
  copyPlace(found.place, place);
  pack.next(place);
  pack.next(place);
  setExpiryElement(cursor, expireAtMs);
}

/** Removes the field that was found, not the only one. */
export function removeFromPack(cursor: KeyCursor, found: Field): void {
  const stride = pointAtPack(cursor, pack);
  copyPlace(found.place, place);
  pack.remove(place, stride);
  setPackBytes(cursor, pack.bytes);
  if (found.expireAtMs !== 0) noteFirstInPack(cursor);
}

/** Gives the pack a place for every field's expiry. */
export function becomeExpiringPack(cursor: KeyCursor): void {
  pointAtPack(cursor, pack);
  const { bytes } = pack;
  const fields = pack.count / 2;
  cursor.resizeRoot(expiryBytes + bytes + fields * packElementBytes(0), bytes);
  cursor.arena.move(cursor.rootAt + expiryBytes, cursor.rootAt, bytes);
  cursor.form = hashForm.expiringPack;
  noteFieldExpiry(cursor, 0);
  pointAtPack(cursor, pack);
  pack.first(place);
  for (let field = 0; field < fields; field++) {
    pack.next(place);
    pack.next(place);
    pack.insert(place, nothing);
    pack.next(place);
  }
}

/** Removes the fields whose time has come, but not all there are. Returns how many, or -1 where it is all. */
export function expirePack(cursor: KeyCursor, nowMs: number, found: Field): number {
  pointAtPack(cursor, pack);
  const fields = pack.count / 3;
  let due = 0;
  pack.first(place);
  for (let field = 0; field < fields; field++) {
    readField(pack, place, 3, found);
    if (isDue(found, nowMs)) due++;
  }
  if (due === fields) return -1;
  const { writes } = cursor.database.keyspace;
  pack.first(place);
  for (let field = 0; field < fields; field++) {
    readField(pack, place, 3, found);
    if (!isDue(found, nowMs)) continue;
    const { bytes } = cursor.arena;
    writes.announceMemberExpiry(cursor, name.point(bytes, found.fieldAt, found.fieldLength));
    copyPlace(found.place, place);
    pack.remove(place, 3);
  }
  setPackBytes(cursor, pack.bytes);
  noteFirstInPack(cursor);
  return due;
}

function isDue({ expireAtMs }: Field, nowMs: number): boolean {
  return expireAtMs !== 0 && expireAtMs <= nowMs;
}

/** When the first field of an expiring pack expires; 0 if none does. */
export function firstExpiryInPack(cursor: KeyCursor): number {
  pointAtPack(cursor, pack);
  let firstMs = Number.POSITIVE_INFINITY;
  for (let more = pack.first(place); more; more = pack.next(place)) {
    pack.next(place);
    pack.next(place);
    if (place.length !== 0) firstMs = Math.min(firstMs, expiryAt(pack, place));
  }
  return firstMs === Number.POSITIVE_INFINITY ? 0 : firstMs;
}

/** Notes when the first field expires, once it is another. */
export function noteFirstInPack(cursor: KeyCursor): void {
  noteLaterFieldExpiry(cursor, firstExpiryInPack(cursor));
}

/** Makes the element at `place` an expiry. */
function setExpiryElement(cursor: KeyCursor, expireAtMs: number): void {
  const hadNone = place.length === 0;
  if (hadNone && expireAtMs === 0) return;
  replaceElement(cursor, expireAtMs === 0 ? nothing : writeExpiry(expireAtMs));
  noteFirstInPack(cursor);
}

/** Gives the element at `place` other bytes. */
function replaceElement(cursor: KeyCursor, bytes: Slice): void {
  const grownBytes = packElementBytes(bytes.length) - packElementBytes(place.length);
  if (grownBytes > 0) setPackBytes(cursor, pack.bytes + grownBytes);
  pack.replace(place, bytes);
  if (grownBytes < 0) setPackBytes(cursor, pack.bytes);
}

/** Gives the pack room for just so many bytes. May move the entry. */
function setPackBytes(cursor: KeyCursor, bytes: number): void {
  const before = isExpiring(cursor) ? expiryBytes : 0;
  cursor.resizeRoot(before + bytes, before + Math.min(bytes, pack.bytes));
  pointAtPack(cursor, pack);
}

function expiryAt(view: Pack, at: PackCursor): number {
  const { bytes } = view.arena;
  const offset = view.at + packHeaderBytes + at.offset;
  return bytes.readUInt32LE(offset) + bytes.readUInt32LE(offset + 4) * wordSpan;
}

function writeExpiry(expireAtMs: number): Slice {
  const high = Math.floor(expireAtMs / wordSpan);
  expiryText.bytes.writeUInt32LE(expireAtMs - high * wordSpan, 0);
  expiryText.bytes.writeUInt32LE(high, 4);
  return expiryText;
}

function copyPlace(from: PackCursor, to: PackCursor): void {
  to.index = from.index;
  to.length = from.length;
  to.offset = from.offset;
  to.lengthOffset = from.lengthOffset;
}
