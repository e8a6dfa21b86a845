/**
 * How a list is kept: small ones packed, inside their entry, large ones spread over blocks of a {@link Sequence}.
 *
 * The thresholds are Redis's, and so is what OBJECT ENCODING calls the two: listpack and quicklist. A packed list that
 * would exceed list-max-listpack-size with what is about to be added is spread first; a spread one that has shrunk to half
 * of it is packed again, so that a list at the border does not go back and forth. Redis's bytes are estimated as one
 * more for each element than here, which is right for strings of up to 63 bytes that are no numbers. Redis packs only
 * what one of its nodes holds; here, how the elements are spread does not matter.
 */
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { allocate } from '#memory/allocator.ts';
import { ArenaFullError } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import { Slice } from '#memory/slice.ts';
import { Pack, packCount, packHeaderBytes } from '#structures/pack.ts';
import { appendElement } from '#structures/pack-ends.ts';
import { Sequence } from '#structures/sequence.ts';
import { SequenceCursor, sequenceRootBytes } from '#structures/sequence-root.ts';

/** The whole list is a pack in the entry. */
export const packedForm = 0;
/** The entry has the root of a sequence. */
export const spreadForm = 4;

/** Redis's listpack without elements. */
const listpackBytes = 7;
/** Redis's limit of a listpack's bytes where only the number of elements is limited. */
const safetyBytesMax = 8192;
/** More than Redis would, a pack does not hold. */
const packedCountMax = 10_000;

/** Until when a list is packed; see {@link limitsOf}. */
export interface ListLimits {
  /** In Redis's bytes. */
  readonly bytesMax: number;
  readonly countMax: number;
  /** To what a spread list has to shrink to be packed again. */
  readonly repackedBytesMax: number;
  readonly repackedCountMax: number;
}

let lastSize = Number.NaN;
let lastLimits: ListLimits;

/** What list-max-listpack-size means: so many elements, or from -1 to -5, 4 to 64 kB. */
export function limitsOf(listMaxListpackSize: number): ListLimits {
  if (listMaxListpackSize !== lastSize) {
    lastLimits = calculateLimits(listMaxListpackSize);
    lastSize = listMaxListpackSize;
  }
  return lastLimits;
}

function calculateLimits(size: number): ListLimits {
  if (size < 0) {
    const bytesMax = 4096 << (Math.min(-size, 5) - 1);
    const countMax = packedCountMax;
    return { bytesMax, countMax, repackedBytesMax: bytesMax / 2, repackedCountMax: countMax };
  }
  const countMax = Math.min(Math.max(size, 1), packedCountMax);
  return {
    bytesMax: safetyBytesMax,
    countMax,
    repackedBytesMax: safetyBytesMax,
    repackedCountMax: countMax >> 1,
  };
}

/** Whether an existing key holds something else than a list. */
export function isOtherType(cursor: KeyCursor): boolean {
  return cursor.entry !== 0 && cursor.type !== valueType.list;
}

export function isPacked(cursor: KeyCursor): boolean {
  return cursor.form === packedForm;
}

/** Elements of the list at the cursor. O(1). */
export function lengthOf(cursor: KeyCursor): number {
  const { arena, rootAt } = cursor;
  return isPacked(cursor) ? packCount(arena, rootAt) : spread.point(arena, rootAt).count;
}

/** Points a view at the pack that is the list at the cursor. Good until something is allocated. */
export function packOf(cursor: KeyCursor, pack: Pack): Pack {
  // What the entry's block has beyond that, an entry that moves does not take along.
  return pack.point(cursor.arena, cursor.rootAt, cursor.rootLength);
}

/** Points a view at the sequence that is the list at the cursor. Good until the entry moves. */
export function sequenceOf(cursor: KeyCursor, sequence: Sequence): Sequence {
  return sequence.point(cursor.arena, cursor.rootAt);
}

/** Makes room in a packed list for `bytes` more, and for more of the kind. May move the entry. Throws ArenaFullError. */
export function reserve(cursor: KeyCursor, bytes: number): void {
  const { bytes: used } = packOf(cursor, packed);
  const needed = used + bytes;
  if (needed <= packed.room) return;
  cursor.resizeRoot(needed + (needed >> 2), used);
}

/** Spreads the list, if it is packed and would exceed the limits with that many elements of so many bytes in all more. */
export function spreadBefore(
  cursor: KeyCursor,
  addedBytes: number,
  addedCount: number,
  limits: ListLimits,
): void {
  if (!isPacked(cursor)) return;
  const { bytes, count } = packOf(cursor, packed);
  if (!exceeds(bytes - packHeaderBytes, count, addedBytes, addedCount, limits)) return;
  const { arena } = cursor;
  const block = allocate(arena, bytes);
  arena.move(block, packed.at, bytes);
  cursor.resizeRoot(sequenceRootBytes, 0);
  cursor.form = spreadForm;
  sequenceOf(cursor, spread).format();
  spread.adopt(block, count);
}

/** Whether a list of `count` elements that take `elementBytes` in a pack is too large with what is added. */
export function exceeds(
  elementBytes: number,
  count: number,
  addedBytes: number,
  addedCount: number,
  { bytesMax, countMax }: ListLimits,
): boolean {
  const bytes = listpackBytes + elementBytes + count + addedBytes;
  return bytes > bytesMax || count + addedCount > countMax;
}

/** After something was removed: gives room back, and packs the list again if it became small. Never fails. */
export function shrink(cursor: KeyCursor, limits: ListLimits): void {
  if (!isPacked(cursor)) {
    packAgain(cursor, limits);
    return;
  }
  const { bytes, room } = packOf(cursor, packed);
  if (bytes * 4 < room) cursor.resizeRoot(bytes * 2, bytes);
}

function packAgain(cursor: KeyCursor, limits: ListLimits): void {
  const { count } = sequenceOf(cursor, spread);
  const { repackedBytesMax, repackedCountMax } = limits;
  if (count === 0 || count > repackedCountMax) return;
  const bytesMax = repackedBytesMax - listpackBytes - count;
  const elementBytes = spread.elementBytes(bytesMax);
  if (elementBytes > bytesMax) return;
  // The pack is built behind the root and then moved over it.
  const bytes = packHeaderBytes + elementBytes;
  try {
    cursor.resizeRoot(sequenceRootBytes + bytes, sequenceRootBytes);
  } catch (error) {
    // Removing must not fail for want of memory: it stays as it is.
    if (error instanceof ArenaFullError) return;
    throw error;
  }
  const { arena, rootAt } = cursor;
  sequenceOf(cursor, spread);
  packed.point(arena, rootAt + sequenceRootBytes, bytes).format();
  for (let more = spread.seek(0, walk); more; more = spread.next(walk)) {
    const isAdded = appendElement(packed, walk.pack.read(walk.place, element));
    assert(isAdded, 'lists: a pack takes what was counted');
  }
  while (spread.dispose());
  arena.move(rootAt, rootAt + sequenceRootBytes, bytes);
  cursor.form = packedForm;
  cursor.resizeRoot(bytes, bytes);
}

const packed = new Pack();
const spread = new Sequence();
const walk = new SequenceCursor();
const element = new Slice();
