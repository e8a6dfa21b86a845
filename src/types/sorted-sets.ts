/**
 * Sorted sets: distinct members, each with a score, in the order of scores and where those are equal of the members'
 * bytes. A few short members are a pack; one member too many or too long makes it a table with a tree, for good: only
 * a result that is stored anew may be small again. All as in Redis.
 *
 * All operations work on an open cursor whose key, if it exists, holds a sorted set: the command has checked that with
 * `isNoSortedSet`. Those that change take the event to announce, undefined where the command has announced already.
 */
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { KeyEvent } from '#keyspace/writes.ts';
import { free } from '#memory/allocator.ts';
import { compareBytes } from '#memory/bytes.ts';
import { packCountMax, packElementBytes, packHeaderBytes } from '#structures/pack.ts';
import { Member } from './set-member.ts';
import { becomeTree, insertItem } from './sorted-set-forms.ts';
import { encodeScore } from './sorted-set-score.ts';
import { SortedSetView, setScoreOfItem, sortedSetForm } from './sorted-set-view.ts';

/** Up to where a sorted set is small, as configured. */
export interface SortedSetLimits {
  /** The most members of a pack. */
  readonly packCountMax: number;
  /** The longest member of one. */
  readonly packMemberBytesMax: number;
}

/** When a score is set, and how: bits. */
export const condition = {
  onlyNew: 1,
  onlyExisting: 2,
  onlyGreater: 4,
  onlyLess: 8,
  /** The score given is added to the one there is. */
  increment: 16,
} as const;

/** What came of setting a score: `refused` by a condition, or the sum of two infinities that is none. */
export type ScoreOutcome = 'added' | 'updated' | 'same' | 'refused' | 'not a number';

/** A pack that grows gets this share of its bytes more, so that it need not move for every member. */
const packGrowthShift = 3;
const growthBytesMax = 256;
/** A pack gives room back once this many of its bytes are unused. */
const unusedBytesMax = 64;
/** A pack's members and scores count as elements. */
const packMembersMax = packCountMax >> 1;

const view = new SortedSetView();
const other = new Member();

/** The score that the last {@link putScore} left the member with. */
export const result = { score: 0 };

/** How many members the sorted set has, 0 if it does not exist. O(1). */
export function countOf(cursor: KeyCursor): number {
  return cursor.exists ? view.point(cursor).count : 0;
}

/** A member's score; undefined where there is none. O(1), of a small sorted set O(n). */
export function scoreOf(cursor: KeyCursor, member: Member): number | undefined {
  return cursor.exists && view.point(cursor).find(member) ? view.score : undefined;
}

/** How many members come before this one; -1 where it is not there. O(log n), of a small sorted set O(n). */
export function rankOf(cursor: KeyCursor, member: Member): number {
  return cursor.exists && view.point(cursor).find(member) ? view.rank : -1;
}

/**
 * Gives a member a score as far as the conditions allow, adding the member and the key where they are missing. O(log n),
 * in a small sorted set O(n). May move the entry. Throws ArenaFullError, with all as it was.
 */
export function putScore(
  cursor: KeyCursor,
  event: KeyEvent | undefined,
  member: Member,
  score: number,
  conditions: number,
  limits: SortedSetLimits,
): ScoreOutcome {
  if (!cursor.exists || !view.point(cursor).find(member)) {
    if ((conditions & condition.onlyExisting) !== 0) return 'refused';
    result.score = score;
    if (cursor.exists) {
      if (event !== undefined) cursor.change(event);
      insertNew(cursor, member, score, limits);
    } else create(cursor, event ?? 'zadd', member, score, limits);
    return 'added';
  }
  if ((conditions & condition.onlyNew) !== 0) return 'refused';
  const before = view.score;
  const after = (conditions & condition.increment) !== 0 ? before + score : score;
  if (Number.isNaN(after)) return 'not a number';
  if ((conditions & condition.onlyGreater) !== 0 && after <= before) return 'refused';
  if ((conditions & condition.onlyLess) !== 0 && after >= before) return 'refused';
  result.score = after;
  if (after === before) return 'same';
  if (event !== undefined) cursor.change(event);
  if (view.form === sortedSetForm.tree) moveItem(before, after);
  else moveInPack(cursor, member, after);
  return 'updated';
}

/** Drafts an empty sorted set for about `expected` members. Throws ArenaFullError, without a draft. */
export function draftSortedSet(cursor: KeyCursor, expected: number, limits: SortedSetLimits): void {
  cursor.draft(valueType.zset, sortedSetForm.pack, packHeaderBytes);
  view.point(cursor).pack.format();
  if (expected <= limits.packCountMax) return;
  try {
    becomeTree(cursor);
  } catch (error) {
    cursor.abandon();
    throw error;
  }
}

/** Adds a member that an existing sorted set does not have. O(log n), in a small sorted set O(n). May move the entry. */
export function insertNew(
  cursor: KeyCursor,
  member: Member,
  score: number,
  limits: SortedSetLimits,
): void {
  view.point(cursor);
  if (view.form === sortedSetForm.pack && !fitsPack(member, limits)) {
    becomeTree(cursor);
    view.point(cursor);
  }
  if (view.form === sortedSetForm.tree) insertItem(view, member, score);
  else insertInPack(cursor, member, score);
}

/** Removes a member, and with the last one the key. Returns whether it was there. O(log n), of a small sorted set O(n). */
export function removeMember(
  cursor: KeyCursor,
  event: KeyEvent | undefined,
  member: Member,
): boolean {
  if (!cursor.exists || !view.point(cursor).find(member)) return false;
  if (event !== undefined) cursor.change(event);
  if (view.form === sortedSetForm.tree) {
    view.tree.take(view.score, view.item);
    forgetItem();
    if (view.count === 0) cursor.remove('del');
  } else removeFromPack(cursor, 1);
  return true;
}

/**
 * Removes the members from rank `start` up to `end`, of which there is at least one, and with the last one the key.
 * O(m log n), of a small sorted set O(n); of all members O(1), the rest is freed later.
 */
export function removeRanks(cursor: KeyCursor, event: KeyEvent, start: number, end: number): void {
  cursor.change(event);
  view.point(cursor);
  if (end - start === view.count) {
    cursor.remove('del');
    return;
  }
  if (view.form === sortedSetForm.pack) {
    view.seek(start);
    removeFromPack(cursor, end - start);
    return;
  }
  for (let left = end - start; left > 0; left--) {
    view.seek(start);
    if (start === 0) view.tree.removeFirst();
    else view.tree.take(view.score, view.item);
    forgetItem();
  }
}

function create(
  cursor: KeyCursor,
  event: KeyEvent,
  member: Member,
  score: number,
  limits: SortedSetLimits,
): void {
  const length = packHeaderBytes + pairBytes(member, score);
  cursor.createCollection(event, valueType.zset, sortedSetForm.pack, length);
  view.point(cursor).pack.format();
  try {
    insertNew(cursor, member, score, limits);
  } catch (error) {
    cursor.discard();
    throw error;
  }
}

function fitsPack(member: Member, limits: SortedSetLimits): boolean {
  if (view.count >= Math.min(limits.packCountMax, packMembersMax)) return false;
  return member.text.length <= limits.packMemberBytesMax;
}

function pairBytes(member: Member, score: number): number {
  return packElementBytes(member.text.length) + packElementBytes(encodeScore(score).length);
}

function insertInPack(cursor: KeyCursor, member: Member, score: number): void {
  reserve(cursor, pairBytes(member, score));
  goBehind(member, score);
  insertPair(member, score);
}

/** Lets the pack at `view` have room for so many bytes more. */
function reserve(cursor: KeyCursor, bytes: number): void {
  const { pack } = view;
  const used = pack.bytes;
  if (used + bytes <= pack.room) return;
  cursor.resizeRoot(used + bytes + Math.min(used >> packGrowthShift, growthBytesMax), used);
  view.point(cursor);
}

/** Goes to the first member behind this one, or to the end. */
function goBehind(member: Member, score: number): void {
  const { pack, place } = view;
  // Members often come in order.
  if (pack.count === 0 || (view.seek((pack.count >> 1) - 1) && isBelow(member, score))) {
    pack.end(place);
    return;
  }
  for (let more = view.first(); more; more = view.next()) if (!isBelow(member, score)) return;
}

/** Whether the member the view is at comes before this one. */
function isBelow(member: Member, score: number): boolean {
  const itsScore = view.score;
  if (itsScore !== score) return itsScore < score;
  const { text } = member;
  const its = view.read(other).text;
  return compareBytes(its.bytes, its.at, its.length, text.bytes, text.at, text.length) < 0;
}

function insertPair(member: Member, score: number): void {
  const { pack, place } = view;
  pack.insert(place, member.text);
  pack.next(place);
  pack.insert(place, encodeScore(score));
}

/** Gives the member that the view is at in a pack another score. */
function moveInPack(cursor: KeyCursor, member: Member, score: number): void {
  const { pack, place, scorePlace } = view;
  const grown = encodeScore(score).length - scorePlace.length;
  if (grown > 0) reserve(cursor, grown);
  pack.remove(place, 2);
  goBehind(member, score);
  insertPair(member, score);
}

/** Removes so many members from the one on that the view is at in a pack, and with the last one the key. */
function removeFromPack(cursor: KeyCursor, count: number): void {
  const { pack, place } = view;
  pack.remove(place, 2 * count);
  if (pack.count === 0) {
    cursor.remove('del');
    return;
  }
  const used = pack.bytes;
  if (cursor.rootLength - used > unusedBytesMax + (used >> packGrowthShift)) {
    cursor.resizeRoot(used, used);
  }
}

/** Gives the item that the view is at another score. */
function moveItem(before: number, after: number): void {
  const { arena, tree, item } = view;
  // What may find no memory comes first; until it is gone, the item is in the tree twice.
  tree.add(after, item);
  tree.take(before, item);
  setScoreOfItem(arena, item, after);
}

/** Frees the item that the view is at, which the tree no longer has. */
function forgetItem(): void {
  const { arena, table, item } = view;
  table.remove(table.hashOf(item), item);
  free(arena, item);
}
