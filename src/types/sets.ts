/**
 * Sets: distinct strings in no order, kept in the form that suits them (set-view.ts). Integers only are an int-set up
 * to so many of them; few short members are a pack; else it is a table. A set that outgrows its form takes the next,
 * and stays there: only a result that is stored anew may be small again. All as in Redis since 7.2.
 *
 * All operations work on an open cursor whose key, if it exists, holds a set: the command has checked that with
 * `isNoSet`. Those that change take the event to announce, undefined where the command has announced already.
 */
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { KeyEvent } from '#keyspace/writes.ts';
import { free } from '#memory/allocator.ts';
import { intSetCountMax, intSetHeaderBytes } from '#structures/int-set.ts';
import { packCountMax, packElementBytes, packHeaderBytes } from '#structures/pack.ts';
import { becomePack, becomeTable, insertItem } from './set-forms.ts';
import { Member } from './set-member.ts';
import { SetView, setForm } from './set-view.ts';

/** Up to where a set takes the small forms, as configured. */
export interface SetLimits {
  /** The most integers of an int-set. */
  readonly integersMax: number;
  /** The most members of a pack. */
  readonly packCountMax: number;
  /** The longest member of one. */
  readonly packMemberBytesMax: number;
}

/** No pack gets larger, whatever the limits are. */
const packBytesMax = 1 << 30;
/** A pack that grows gets this share of its bytes more, so that it need not move for every member. */
const packGrowthShift = 3;
/** The most a pack or an int-set gets that way. */
const growthBytesMax = 256;
/** A small set gives room back once this many of its bytes are unused. */
const unusedBytesMax = 64;

const view = new SetView();
const extreme = new Member();

/** How many members the set has, 0 if it does not exist. O(1). */
export function countOf(cursor: KeyCursor): number {
  return cursor.exists ? view.point(cursor).count : 0;
}

/** Whether the set exists and has the member. O(1), of a small set O(n). */
export function hasMember(cursor: KeyCursor, member: Member): boolean {
  return cursor.exists && view.point(cursor).find(member);
}

/**
 * Makes the set, which does not exist, of its first member, ready for about `expected` of them. O(1).
 * Throws ArenaFullError, and then there is no set.
 */
export function createSet(
  cursor: KeyCursor,
  event: KeyEvent,
  first: Member,
  expected: number,
  limits: SetLimits,
): void {
  const isIntegers = first.isInteger && expected <= limits.integersMax;
  const form = isIntegers ? setForm.integers : setForm.pack;
  const bytes = isIntegers
    ? intSetHeaderBytes
    : packHeaderBytes + packElementBytes(first.text.length);
  cursor.createCollection(event, valueType.set, form, bytes);
  view.point(cursor);
  if (isIntegers) view.integers.format();
  else view.pack.format();
  try {
    if (!isIntegers && expected > limits.packCountMax) becomeTable(cursor, expected);
    addMember(cursor, undefined, first, limits);
  } catch (error) {
    cursor.discard();
    throw error;
  }
}

/** Readies an existing small set for another `expected` members: more than one like it may have make it a table. O(n). */
export function expectMembers(cursor: KeyCursor, expected: number, limits: SetLimits): void {
  const { form } = cursor;
  if (form === setForm.table) return;
  const countMax = form === setForm.pack ? limits.packCountMax : limits.integersMax;
  if (expected > countMax) becomeTable(cursor, expected);
}

/** Drafts an empty set that takes its form from what is added. O(1). */
export function draftSet(cursor: KeyCursor): void {
  cursor.draft(valueType.set, setForm.integers, intSetHeaderBytes);
  view.point(cursor).integers.format();
}

/** Adds a member to an existing set. Returns whether it was new. O(1), in a small set O(n). May move the entry. */
export function addMember(
  cursor: KeyCursor,
  event: KeyEvent | undefined,
  member: Member,
  limits: SetLimits,
): boolean {
  if (view.point(cursor).find(member)) return false;
  if (event !== undefined) cursor.change(event);
  insertFound(cursor, member, limits);
  return true;
}

/** Adds a member that the existing set does not have. O(1), in a small set O(n). May move the entry. */
export function insertMember(cursor: KeyCursor, member: Member, limits: SetLimits): void {
  view.point(cursor);
  // Integers are in order: where it belongs has to be found.
  if (view.form === setForm.integers) view.find(member);
  insertFound(cursor, member, limits);
}

/** Adds a member that the view has looked for in vain. */
function insertFound(cursor: KeyCursor, member: Member, limits: SetLimits): void {
  if (view.form === setForm.integers && !fitsIntegers(member, limits)) {
    if (member.isInteger || !integersFitPack(limits)) becomeTable(cursor);
    else becomePack(cursor);
    view.point(cursor);
  }
  if (view.form === setForm.pack && !fitsPack(member, limits)) {
    becomeTable(cursor);
    view.point(cursor);
  }
  if (view.form === setForm.table) insertItem(view.table, member.probe(view.seed));
  else if (view.form === setForm.pack) appendToPack(cursor, member);
  else insertInteger(cursor, member);
}

/** Removes a member, and with the last one the key. Returns whether it was there. O(1), of a small set O(n). */
export function removeMember(
  cursor: KeyCursor,
  event: KeyEvent | undefined,
  member: Member,
): boolean {
  if (!view.point(cursor).find(member)) return false;
  if (event !== undefined) cursor.change(event);
  if (view.form === setForm.table) removeItem(cursor, view, member.probe(view.seed).hash);
  else removeFound(cursor, view);
  return true;
}

/** Points `member` at a random one of an existing set. Expected O(1). See {@link removePicked}. */
export function pickMember(cursor: KeyCursor, member: Member): void {
  view.point(cursor).pick(cursor.database.keyspace.nextRandom, member);
}

/** Removes the member that was just picked, and with the last one the key; its bytes are gone then. O(1), of a small set O(n). */
export function removePicked(cursor: KeyCursor, event: KeyEvent | undefined): void {
  if (event !== undefined) cursor.change(event);
  removeFound(cursor, view);
}

/** Removes the member that `found`, a view of the set at `cursor`, is at, and with the last one the key. */
export function removeFound(cursor: KeyCursor, found: SetView): void {
  const { table, pack, integers } = found;
  if (found.form === setForm.table) {
    removeItem(cursor, found, table.hashOf(found.item));
    return;
  }
  if (found.form === setForm.pack) pack.remove(found.place);
  else integers.remove(found.index);
  if (found.count === 0) cursor.remove('del');
  else giveBack(cursor, found.form === setForm.pack ? pack.bytes : integers.bytes);
}

function removeItem(cursor: KeyCursor, { table, item }: SetView, hash: number): void {
  table.remove(hash, item);
  free(table.arena, item);
  if (table.count === 0) cursor.remove('del');
}

function fitsIntegers(member: Member, { integersMax }: SetLimits): boolean {
  return member.isInteger && view.count < Math.min(integersMax, intSetCountMax);
}

/** Whether the integers can be a pack with room for another member. The longest is the first or the last. */
function integersFitPack(limits: SetLimits): boolean {
  const { count } = view.integers;
  if (count >= Math.min(limits.packCountMax, packCountMax)) return false;
  return isShortAt(0, limits) && isShortAt(count - 1, limits);
}

function isShortAt(index: number, { packMemberBytesMax }: SetLimits): boolean {
  view.index = index;
  view.read(extreme);
  return extreme.text.length <= packMemberBytesMax;
}

function fitsPack(member: Member, limits: SetLimits): boolean {
  const { pack } = view;
  if (pack.count >= Math.min(limits.packCountMax, packCountMax)) return false;
  const { length } = member.text;
  return length <= limits.packMemberBytesMax && pack.bytes + length <= packBytesMax;
}

function appendToPack(cursor: KeyCursor, member: Member): void {
  const { pack } = view;
  const { text } = member;
  if (pack.append(text)) return;
  growRoot(cursor, pack.bytes, pack.bytes + packElementBytes(text.length));
  view.point(cursor).pack.append(text);
}

function insertInteger(cursor: KeyCursor, member: Member): void {
  const { integers } = view;
  const index = -1 - view.index;
  if (integers.insert(index, member.high, member.low)) return;
  growRoot(cursor, integers.bytes, integers.bytesWith(member.high, member.low));
  view.point(cursor).integers.insert(index, member.high, member.low);
}

function growRoot(cursor: KeyCursor, used: number, needed: number): void {
  cursor.resizeRoot(needed + Math.min(used >> packGrowthShift, growthBytesMax), used);
}

function giveBack(cursor: KeyCursor, used: number): void {
  if (cursor.rootLength - used > unusedBytesMax + (used >> packGrowthShift)) {
    cursor.resizeRoot(used, used);
  }
}
