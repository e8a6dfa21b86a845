/**
 * Big hashes: a table of fields beside the entry, and where fields expire the order in which they do, as the keyspace has
 * it for keys: so those that are due are found without looking at others. O(1) a field, O(log n) one that expires.
 *
 * The order names fields by hash, so that items may move without telling it.
 *
 * Opening a hash removes what is due, but of a million due at once only some: a second would be gone. Until sweeps and
 * further openings have removed the others, they are hidden: looked for they are not there, counting leaves them out.
 */
import { fieldExpireAtMs } from '#keyspace/entry.ts';
import { ExpiryIndex } from '#keyspace/expiry-index.ts';
import { noteFieldExpiry, noteLaterFieldExpiry } from '#keyspace/field-expiry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { allocate, free } from '#memory/allocator.ts';
import { type Arena, nullRef, type Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import { Slice } from '#memory/slice.ts';
import { createDirectoryFor } from '#structures/directory.ts';
import {
  createMember,
  fitsMember,
  MemberTable,
  memberAt,
  memberFlag,
  memberLength,
  payloadAt,
  payloadLength,
  setPayloadLength,
} from '#structures/member-table.ts';
import { Pack, PackCursor } from '#structures/pack.ts';
import { Probe } from '#structures/probe.ts';
import { RefList } from '#structures/ref-list.ts';
import { tableHeaderBytes } from '#structures/table.ts';
import { TreeCursor, treeHeaderBytes } from '#structures/tree.ts';
import { expiryBytes, Field, hashForm, isExpiring, keepExpiry } from './hashes-form.ts';
import { pointAtPack, readField } from './hashes-pack.ts';

/** Fields removed at once because their time has come: some tenths of a millisecond. */
const expiredAtOnceMax = 512;
/** Blocks after which a slice of freeing ends. */
const freedMin = 300;

/** The table and the order of the hash at hand, and the field. */
const table = new MemberTable();
const order = new ExpiryIndex();
const probe = new Probe();
const candidates = new RefList();
const field = new Field();
const fieldBytes = new Slice();
const valueBytes = new Slice();
const pack = new Pack();
const place = new PackCursor();
const last = new TreeCursor();

/** Points `view` at the hash's table. */
export function pointAtTable(cursor: KeyCursor, view: MemberTable): MemberTable {
  const at = cursor.rootAt + (isExpiring(cursor) ? expiryBytes : 0);
  return view.point(cursor.arena, at, cursor.database.keyspace.seed);
}

/** Points `view` at the order in which the fields of an expiring table expire. */
export function pointAtOrder(cursor: KeyCursor, view: ExpiryIndex): ExpiryIndex {
  return view.point(cursor.arena, cursor.rootAt + expiryBytes + tableHeaderBytes);
}

function pointBoth(cursor: KeyCursor): void {
  pointAtTable(cursor, table);
  if (isExpiring(cursor)) pointAtOrder(cursor, order);
}

/** Fields of the table, those that are due included. O(1). */
export function countAllInTable(cursor: KeyCursor): number {
  return pointAtTable(cursor, table).count;
}

/** Fields that are not due. O(1), or O(log n) while some are. */
export function countInTable(cursor: KeyCursor): number {
  const all = countAllInTable(cursor);
  const dueMs = dueMsOf(cursor);
  return dueMs === 0 ? all : all - pointAtOrder(cursor, order).countDue(dueMs);
}

/** The time up to which fields are due of which the table may still have some; 0 where it has none. */
export function dueMsOf(cursor: KeyCursor): number {
  if (!isExpiring(cursor) || cursor.isDraft) return 0;
  const firstMs = fieldExpireAtMs(cursor.arena, cursor.entry);
  const { nowMs } = cursor.database.keyspace;
  return firstMs !== 0 && firstMs <= nowMs ? nowMs : 0;
}

/** Whether a field that expires then, 0 for never, is due where others are up to `dueMs`. */
export function isDue(expireAtMs: number, dueMs: number): boolean {
  return expireAtMs !== 0 && expireAtMs <= dueMs;
}

/** Looks for a field. Returns whether it is there, and then fills `found`. */
export function findInTable(cursor: KeyCursor, sought: Slice, found: Field): boolean {
  pointAtTable(cursor, table);
  probe.load(cursor.database.keyspace.seed, sought);
  const item = table.find(probe);
  if (item === 0) return false;
  readItem(cursor.arena, item, found);
  return found.expireAtMs === 0 || !isDue(found.expireAtMs, dueMsOf(cursor));
}

/** Fills `found` with an item. */
export function readItem(arena: Arena, item: Ref, found: Field): void {
  const payload = payloadAt(arena, item);
  const valueAt = memberFlag(arena, item) ? expiryAt(payload) + expiryBytes : payload;
  found.item = item;
  found.fieldAt = memberAt(item);
  found.fieldLength = memberLength(arena, item);
  found.valueAt = valueAt;
  found.valueLength = payload + payloadLength(arena, item) - valueAt;
  found.expireAtMs = expiryOf(arena, item);
}

/**
 * Gives a field a value and an expiry, which the form must allow and which is noted if it is the first. Returns whether the
 * field is new. Throws ArenaFullError, with the field as it was.
 */
export function putInTable(
  cursor: KeyCursor,
  name: Slice,
  value: Slice,
  expireAtMs: number,
): boolean {
  pointBoth(cursor);
  probe.load(cursor.database.keyspace.seed, name);
  let item = table.find(probe);
  if (item !== 0 && isDue(expiryOf(cursor.arena, item), dueMsOf(cursor))) {
    expireItem(cursor, item);
    item = nullRef;
  }
  if (item === 0) addItem(value, Math.max(0, expireAtMs));
  else {
    const before = expiryOf(cursor.arena, item);
    replaceItem(item, value, before, expireAtMs === keepExpiry ? before : expireAtMs);
  }
  if (isExpiring(cursor)) noteFirstInTable(cursor);
  return item === 0;
}

/** Gives the field that was found another expiry, 0 for none. */
export function expireInTable(cursor: KeyCursor, found: Field, expireAtMs: number): void {
  pointBoth(cursor);
  const { bytes } = cursor.arena;
  probe.load(
    cursor.database.keyspace.seed,
    fieldBytes.point(bytes, found.fieldAt, found.fieldLength),
  );
  valueBytes.point(bytes, found.valueAt, found.valueLength);
  replaceItem(found.item, valueBytes, found.expireAtMs, expireAtMs);
  noteFirstInTable(cursor);
}

/** Removes the field that was found, not the only one. */
export function removeFromTable(cursor: KeyCursor, found: Field): void {
  pointBoth(cursor);
  removeItem(found.item);
  if (found.expireAtMs !== 0) noteFirstInTable(cursor);
}

/** Removes some `countMax` fields whose time has come, but not all there are. Returns how many, or -1 where it is all. */
export function expireTable(cursor: KeyCursor, nowMs: number, countMax: number): number {
  pointBoth(cursor);
  const removedMax = Math.min(countMax, expiredAtOnceMax);
  if (order.count === table.count && order.last(last) && order.expiryAt(last) <= nowMs) return -1;
  let removed = 0;
  for (; removed < removedMax; removed++) {
    const atMs = order.earliestMs();
    if (atMs > nowMs) break;
    expireItem(cursor, itemExpiring(atMs, order.firstValue()));
  }
  noteFirstInTable(cursor);
  return removed;
}

/** Removes a field whose time has come. */
function expireItem(cursor: KeyCursor, item: Ref): void {
  const { arena, database } = cursor;
  fieldBytes.point(arena.bytes, memberAt(item), memberLength(arena, item));
  database.keyspace.writes.announceMemberExpiry(cursor, fieldBytes);
  removeItem(item);
}

/** An item that expires then and has this hash; if another shares the tag and the time, it is as due. */
function itemExpiring(atMs: number, hash: number): Ref {
  candidates.clear();
  table.candidates(hash, candidates);
  for (let i = 0; i < candidates.length; i++) {
    const item = candidates.at(i);
    if (expiryOf(table.arena, item) === atMs) return item;
  }
  assert(false, 'hash: the order of expiry names a field');
  return candidates.at(0);
}

/** Makes a table of a pack, for about `expected` fields. Throws ArenaFullError, with the hash as it was. */
export function becomeTable(cursor: KeyCursor, expected = 0): void {
  const { arena } = cursor;
  const { seed } = cursor.database.keyspace;
  const expires = isExpiring(cursor);
  const rootBytes = (expires ? expiryBytes + treeHeaderBytes : 0) + tableHeaderBytes;
  const headers = allocate(arena, tableHeaderBytes + treeHeaderBytes);
  try {
    createDirectoryFor(arena, headers, expected);
  } catch (error) {
    free(arena, headers);
    throw error;
  }
  table.point(arena, headers, seed);
  order.point(arena, headers + tableHeaderBytes).format();
  try {
    const stride = pointAtPack(cursor, pack);
    let more = pack.first(place);
    while (more) {
      more = readField(pack, place, stride, field);
      fieldBytes.point(arena.bytes, field.fieldAt, field.fieldLength);
      probe.load(seed, fieldBytes);
      addItem(valueBytes.point(arena.bytes, field.valueAt, field.valueLength), field.expireAtMs);
    }
    cursor.resizeRoot(rootBytes, expires ? expiryBytes : 0);
  } catch (error) {
    while (disposeSlice(true)) {}
    free(arena, headers);
    throw error;
  }
  const rootAt = cursor.rootAt + (expires ? expiryBytes : 0);
  arena.move(rootAt, headers, tableHeaderBytes + (expires ? treeHeaderBytes : 0));
  free(arena, headers);
  cursor.form = expires ? hashForm.expiringTable : hashForm.table;
}

/** Gives the table an order of expiry. */
export function becomeExpiringTable(cursor: KeyCursor): void {
  cursor.resizeRoot(expiryBytes + tableHeaderBytes + treeHeaderBytes, tableHeaderBytes);
  cursor.arena.move(cursor.rootAt + expiryBytes, cursor.rootAt, tableHeaderBytes);
  cursor.form = hashForm.expiringTable;
  noteFieldExpiry(cursor, 0);
  pointAtOrder(cursor, order).format();
}

/** Frees up to some hundreds of blocks of the table whose header is at `at`. Returns whether any is left. */
export function disposeTable(arena: Arena, at: number, expires: boolean): boolean {
  table.point(arena, at, { low: 0, high: 0 });
  if (expires) order.point(arena, at + tableHeaderBytes);
  return disposeSlice(expires);
}

/** Frees the order a few leaves, then the table a few segments at a time. */
function disposeSlice(expires: boolean): boolean {
  const { arena } = table;
  let freed = 0;
  candidates.clear();
  while (expires && freed < freedMin && order.dismantle(candidates)) freed++;
  let more = true;
  while (more && freed < freedMin) {
    candidates.clear();
    more = table.dismantle(candidates);
    for (let i = 0; i < candidates.length; i++) free(arena, candidates.at(i));
    freed += candidates.length + 1;
  }
  return more;
}

/** Adds the field that was probed, which the table does not have. */
function addItem(value: Slice, expireAtMs: number): void {
  const { arena } = table;
  const item = newItem(value, expireAtMs);
  try {
    if (expireAtMs !== 0) order.add(expireAtMs, probe.hash);
  } catch (error) {
    free(arena, item);
    throw error;
  }
  try {
    table.insert(probe.hash, item);
  } catch (error) {
    if (expireAtMs !== 0) order.delete(expireAtMs, probe.hash);
    free(arena, item);
    throw error;
  }
}

/** Gives the item of the field that was probed another value and expiry, in place or as another item. */
function replaceItem(item: Ref, value: Slice, before: number, expireAtMs: number): void {
  const { arena } = table;
  const length = payloadBytesFor(probe.length, value.length, expireAtMs !== 0);
  const staysInPlace = (before !== 0) === (expireAtMs !== 0) && fitsMember(arena, item, length);
  const written = staysInPlace ? item : newItem(value, expireAtMs);
  try {
    if (expireAtMs !== 0 && expireAtMs !== before) order.add(expireAtMs, probe.hash);
  } catch (error) {
    if (!staysInPlace) free(arena, written);
    throw error;
  }
  if (before !== 0 && expireAtMs !== before) order.delete(before, probe.hash);
  if (staysInPlace) {
    setPayloadLength(arena, item, length);
    write(item, value, expireAtMs);
    return;
  }
  table.replace(probe.hash, item, written);
  free(arena, item);
}

function removeItem(item: Ref): void {
  const { arena } = table;
  const hash = table.hashOf(item);
  const expireAtMs = expiryOf(arena, item);
  if (expireAtMs !== 0) order.delete(expireAtMs, hash);
  table.remove(hash, item);
  free(arena, item);
}

/** An item for the field that was probed. */
function newItem(value: Slice, expireAtMs: number): Ref {
  const expires = expireAtMs !== 0;
  const length = payloadBytesFor(probe.length, value.length, expires);
  const item = createMember(table.arena, probe, length, expires);
  write(item, value, expireAtMs);
  return item;
}

function write(item: Ref, value: Slice, expireAtMs: number): void {
  const { arena } = table;
  let at = payloadAt(arena, item);
  if (expireAtMs !== 0) {
    at = expiryAt(at);
    arena.setWide(at, expireAtMs);
    at += expiryBytes;
  }
  arena.put(at, value.bytes, value.at, value.length);
}

/** Where in a payload that begins at `payload` the expiry is. */
function expiryAt(payload: number): number {
  return (payload + 3) & ~3;
}

function expiryOf(arena: Arena, item: Ref): number {
  return memberFlag(arena, item) ? arena.wide(expiryAt(payloadAt(arena, item))) : 0;
}

function payloadBytesFor(fieldLength: number, valueLength: number, expires: boolean): number {
  return valueLength + (expires ? (-fieldLength & 3) + expiryBytes : 0);
}

/** Notes when the first field expires, once it is another. */
export function noteFirstInTable(cursor: KeyCursor): void {
  const firstMs = pointAtOrder(cursor, order).earliestMs();
  noteLaterFieldExpiry(cursor, firstMs === Number.POSITIVE_INFINITY ? 0 : firstMs);
}
