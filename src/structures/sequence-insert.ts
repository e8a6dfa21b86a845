/**
 * Adding to a {@link Sequence} anywhere but at its ends: packs that grow, are split, or come in between.
 *
 * An element goes into the pack of the one it comes before, or if that is full into the one before that, or else the full
 * one is halved; a head that is full becomes part of the tree first. One that is too large to be among others gets a pack of
 * its own, between two or between the parts of one.
 * All throw ArenaFullError, with the same elements at the same positions as before.
 */
import { allocate, free, reallocate } from '#memory/allocator.ts';
import type { Arena, Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import type { Slice } from '#memory/slice.ts';
import { Pack, packCountMax, packElementBytes, packHeaderBytes } from './pack.ts';
import {
  addToCount,
  addToPack,
  appendRest,
  blockOf,
  countAtEnd,
  headAt,
  inHead,
  inTree,
  locate,
  packBytes,
  pathToEnd,
  pointAt,
  SequenceCursor,
  sealEnd,
  setPackAt,
  tailAt,
} from './sequence-root.ts';
import { addElementsOnPath, descend, insertPack, setPackOnPath } from './sequence-tree.ts';

/** Adds an element before the one at `index`, which is not the first. */
export function insertBefore(arena: Arena, at: number, index: number, source: Slice): void {
  const needed = packElementBytes(source.length);
  for (;;) {
    locate(arena, at, index, here);
    const { pack, place, region } = here;
    if (makeRoom(arena, at, here, needed, packBytes)) {
      if (region === inHead) pack.next(place);
      const isAdded = pack.insert(place, source);
      assert(isAdded, 'sequence: there is room for the insertion');
      addToPack(arena, at, here, 1);
      return;
    }
    if (region === inHead) {
      sealEnd(arena, at, headAt);
      continue;
    }
    const inPack = place.index;
    if (inPack === 0 && appendBefore(arena, at, index, source, needed)) return;
    const isLarge = packHeaderBytes + needed > packBytes || pack.count === 1;
    if (!isLarge) split(arena, at, index, pack.count >> 1);
    else if (inPack > 0) split(arena, at, index, inPack);
    else {
      insertPackBefore(arena, at, index, source);
      return;
    }
  }
}

/** Gives the element at `index` other bytes where it is. Returns whether there was room for them. */
export function replaceInPlace(arena: Arena, at: number, index: number, source: Slice): boolean {
  locate(arena, at, index, here);
  const { pack, place } = here;
  const grown = packElementBytes(source.length) - packElementBytes(place.length);
  const bytesMax = pack.count === 1 ? Number.POSITIVE_INFINITY : packBytes;
  if (grown > 0 && !makeRoom(arena, at, here, grown, bytesMax)) return false;
  const isReplaced = pack.replace(place, source);
  assert(isReplaced, 'sequence: there is room for the replacement');
  return true;
}

/** Makes room for `needed` more bytes in the cursor's pack, which may move, unless it would exceed `bytesMax`. */
function makeRoom(
  arena: Arena,
  at: number,
  { pack, region }: SequenceCursor,
  needed: number,
  bytesMax: number,
): boolean {
  const bytes = pack.bytes + needed;
  if (pack.count >= packCountMax) return false;
  if (bytes <= pack.room) return true;
  if (bytes > bytesMax) return false;
  const room = Math.max(bytes, Math.min(packBytes, bytes * 2));
  const ref = reallocate(arena, blockOf(pack), pack.bytes, room);
  if (region === inTree) setPackOnPath(arena, ref);
  else setPackAt(arena, at, region === inHead ? headAt : tailAt, ref);
  pointAt(pack, arena, ref);
  return true;
}

/** Adds an element to the pack that ends before `index`, if it has room. */
function appendBefore(
  arena: Arena,
  at: number,
  index: number,
  source: Slice,
  needed: number,
): boolean {
  locate(arena, at, index - 1, previous);
  if (!makeRoom(arena, at, previous, needed, packBytes)) return false;
  const { pack, region } = previous;
  const isAdded = region === inHead ? pack.prepend(source) : pack.append(source);
  assert(isAdded, 'sequence: there is room for the insertion');
  addToPack(arena, at, previous, 1);
  return true;
}

/** Moves the elements from place `from` on of the pack with the element at `index`, not the head, to a new one behind it. */
function split(arena: Arena, at: number, index: number, from: number): void {
  locate(arena, at, index, here);
  const { pack, place, region, start } = here;
  const moved = pack.count - from;
  assert(from > 0 && moved > 0, 'sequence: a pack is split between two elements');
  const block = copyOfRest(arena, here, from);
  try {
    if (region === inTree) insertPack(arena, at, true, block, moved);
    else {
      pathToEnd(arena, at, tailAt);
      insertPack(arena, at, true, blockOf(pack), from);
      setPackAt(arena, at, tailAt, block);
    }
  } catch (error) {
    free(arena, block);
    throw error;
  }
  pack.seek(from, place);
  pack.remove(place, moved);
  if (region !== inTree) return;
  descend(arena, at, start - countAtEnd(arena, at, headAt));
  addElementsOnPath(arena, at, -moved);
}

/** A new pack with the elements of the cursor's from place `from` on. */
function copyOfRest(arena: Arena, { pack, place }: SequenceCursor, from: number): Ref {
  pack.seek(from, place);
  const rest = pack.bytes - place.offset - place.lengthOffset;
  const block = allocate(arena, Math.max(packBytes, rest));
  pointAt(fresh, arena, block).format();
  appendRest(fresh, pack, place);
  return block;
}

/** Adds a pack of its own for an element before the one at `index`, which is the first of its pack. */
function insertPackBefore(arena: Arena, at: number, index: number, source: Slice): void {
  const block = allocate(arena, packHeaderBytes + packElementBytes(source.length));
  pointAt(fresh, arena, block).format();
  fresh.append(source);
  locate(arena, at, index, here);
  const isInTree = here.region === inTree;
  try {
    // The first of the tail comes behind all of the tree.
    if (!isInTree) pathToEnd(arena, at, tailAt);
    insertPack(arena, at, !isInTree, block, 1);
  } catch (error) {
    free(arena, block);
    throw error;
  }
  addToCount(arena, at, 1);
}

const here = new SequenceCursor();
const previous = new SequenceCursor();
const fresh = new Pack();
