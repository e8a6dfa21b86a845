/**
 * The root of a {@link Sequence}, and how to get from there to the pack of an element. sequence.ts explains the whole.
 *
 *     0    tree    root and height (sequence-tree.ts)
 *     8    count   elements in all
 *     12   head    the pack before the tree, or 0
 *     16   tail    the pack behind the tree, or 0
 *
 * A pack is a block of its own: where it is, is its reference. The head and the tail may be empty, packs in the tree
 * never are. The head has its elements last first, so that it is pushed to and popped from at its end as the tail is.
 */
import { free, payloadBytes, resizeInPlace } from '#memory/allocator.ts';
import type { Arena, Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import { Slice } from '#memory/slice.ts';
import { Pack, PackCursor, packCount } from './pack.ts';
import { appendElement, reverseElements } from './pack-ends.ts';
import {
  addElementsOnPath,
  descend,
  descendToEnd,
  insertPack,
  packOnPath,
  rootOf,
  treeBytes,
} from './sequence-tree.ts';

const countAt = treeBytes;
export const headAt = treeBytes + 4;
export const tailAt = treeBytes + 8;
/** Which of the two ends. */
export type End = typeof headAt | typeof tailAt;

/** Bytes of a sequence's root. */
export const sequenceRootBytes = treeBytes + 12;

/** Bytes of a pack of several elements; with the allocator's header, 4096. */
export const packBytes = 4096 - 4;

/** A pack that is handed to the tree gives back what it does not use, if that is more than this share of it. */
const trimmedShare = 1 / 8;

export const inHead = 0;
export const inTree = 1;
export const inTail = 2;

/** A place in a sequence: an element of one of its packs. Any change of the sequence makes it meaningless. */
export class SequenceCursor {
  /** The pack. */
  readonly pack = new Pack();
  /** The element there; in the head, the one after it in the pack comes before it. */
  readonly place = new PackCursor();
  /** The position of the pack's first element. */
  start = 0;
  /** Where the pack is. */
  region: typeof inHead | typeof inTree | typeof inTail = inHead;

  // Both return whether the pack has another element on that side.

  /** To the next element of the pack, in the sequence's order. */
  nextInPack(): boolean {
    return this.region === inHead ? this.pack.previous(this.place) : this.pack.next(this.place);
  }

  /** To the one before. */
  previousInPack(): boolean {
    return this.region === inHead ? this.pack.next(this.place) : this.pack.previous(this.place);
  }
}

export function countOf(arena: Arena, at: number): number {
  return arena.word(at + countAt);
}

export function addToCount(arena: Arena, at: number, count: number): void {
  arena.setWord(at + countAt, arena.word(at + countAt) + count);
}

/** The pack that is an end, or 0. */
export function packAt(arena: Arena, at: number, end: End): Ref {
  return arena.ref(at + end);
}

export function setPackAt(arena: Arena, at: number, end: End, pack: Ref | 0): void {
  arena.setWord(at + end, pack);
}

/** Elements in the pack that is an end. */
export function countAtEnd(arena: Arena, at: number, end: End): number {
  const pack = packAt(arena, at, end);
  return pack === 0 ? 0 : packCount(arena, pack);
}

/** Points a view at the pack that is the block `ref`. */
export function pointAt(pack: Pack, arena: Arena, ref: Ref): Pack {
  return pack.point(arena, ref, payloadBytes(arena, ref));
}

/** The block of a pack that a view is pointed at. */
export function blockOf(pack: Pack): Ref {
  return pack.at as Ref; // a pack is a block of its own
}

/** Lets the cursor be at the element at `index`, which there is. If it is in the tree, the path leads to its pack. */
export function locate(arena: Arena, at: number, index: number, cursor: SequenceCursor): void {
  const headCount = countAtEnd(arena, at, headAt);
  let ref = packAt(arena, at, headAt);
  let place = index;
  cursor.region = inHead;
  if (index >= headCount) {
    const tailStart = countOf(arena, at) - countAtEnd(arena, at, tailAt);
    if (index >= tailStart) {
      ref = packAt(arena, at, tailAt);
      place = index - tailStart;
      cursor.region = inTail;
    } else {
      place = descend(arena, at, index - headCount);
      ref = packOnPath(arena);
      cursor.region = inTree;
    }
  }
  cursor.start = index - place;
  const inPack = cursor.region === inHead ? headCount - 1 - place : place;
  pointAt(cursor.pack, arena, ref).seek(inPack, cursor.place);
}

/** Counts elements that were added to or removed from the cursor's pack; in the tree, the path has to lead there. */
export function addToPack(
  arena: Arena,
  at: number,
  { region }: SequenceCursor,
  count: number,
): void {
  if (region === inTree) addElementsOnPath(arena, at, count);
  addToCount(arena, at, count);
}

/** Lets the path lead to the tree's first or last pack, if it has any. */
export function pathToEnd(arena: Arena, at: number, end: End): void {
  if (rootOf(arena, at) !== 0) descendToEnd(arena, at, end === tailAt);
}

/** Hands the pack that is an end to the tree, or frees it if it is empty. Throws ArenaFullError. */
export function sealEnd(arena: Arena, at: number, end: End): void {
  const ref = packAt(arena, at, end);
  if (ref === 0) return;
  const count = packCount(arena, ref);
  if (count === 0) {
    freeEnd(arena, at, end);
    return;
  }
  pathToEnd(arena, at, end);
  insertPack(arena, at, end === tailAt, ref, count);
  setPackAt(arena, at, end, 0);
  const { bytes, room } = pointAt(sealed, arena, ref);
  if (end === headAt) reverseElements(sealed);
  if (room - bytes > room * trimmedShare) resizeInPlace(arena, ref, bytes);
}

/** Frees the pack that is an end, if there is one. */
export function freeEnd(arena: Arena, at: number, end: End): void {
  const ref = packAt(arena, at, end);
  if (ref === 0) return;
  free(arena, ref);
  setPackAt(arena, at, end, 0);
}

/** Appends the elements of a pack from a place on to another one, which has room. O(n). */
export function appendRest(to: Pack, from: Pack, place: PackCursor): void {
  for (let more = place.index < from.count; more; more = from.next(place)) {
    const isAdded = appendElement(to, from.read(place, element));
    assert(isAdded, 'sequence: a pack takes what it has room for');
  }
}

const sealed = new Pack();
const element = new Slice();
