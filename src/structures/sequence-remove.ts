/**
 * Removing from a {@link Sequence}. Packs that go whole are freed; one in the tree that is left less than half full is
 * joined with a neighbour if both fit into the first of them. Nothing here needs memory.
 */
import { free } from '#memory/allocator.ts';
import type { Arena, Ref } from '#memory/arena.ts';
import { Pack, PackCursor, packCountMax, packHeaderBytes } from './pack.ts';
import { reverseElements } from './pack-ends.ts';
import {
  addToCount,
  addToPack,
  appendRest,
  blockOf,
  countAtEnd,
  countOf,
  freeEnd,
  headAt,
  inHead,
  inTree,
  locate,
  packBytes,
  pathToEnd,
  pointAt,
  SequenceCursor,
  setPackAt,
  tailAt,
} from './sequence-root.ts';
import {
  addElementsOnPath,
  movePath,
  packOnPath,
  removePack,
  rootOf,
  siblingOnPath,
} from './sequence-tree.ts';

/** Two packs become one that is filled to at most this share. */
const joinedShare = 7 / 8;

/** Removes `count` elements, which there are, from `index` on. */
export function removeRange(arena: Arena, at: number, index: number, count: number): void {
  while (count > 0) {
    takeUpEnd(arena, at, index, count);
    locate(arena, at, index, here);
    const { pack, place, region } = here;
    const first = index - here.start;
    const removed = Math.min(count, pack.count - first);
    // An end that is popped empty stays, for it may be pushed to next.
    if (removed === pack.count && (region === inTree || removed > 1)) dropPack(arena, at, here);
    else {
      if (region === inHead) pack.seek(pack.count - first - removed, place);
      pack.remove(place, removed);
      addToPack(arena, at, here, -removed);
      if (region === inTree) joinSparse(arena, at, pack);
    }
    count -= removed;
  }
}

/** Before elements at an end are removed that its pack does not have: makes the tree's outermost pack that end. */
function takeUpEnd(arena: Arena, at: number, index: number, count: number): void {
  if (rootOf(arena, at) === 0) return;
  if (index > 0 && index + count < countOf(arena, at)) return;
  const end = index === 0 ? headAt : tailAt;
  if (countAtEnd(arena, at, end) > 0) return;
  freeEnd(arena, at, end);
  pathToEnd(arena, at, end);
  const ref = packOnPath(arena);
  removePack(arena, at);
  setPackAt(arena, at, end, ref);
  if (end === headAt) reverseElements(pointAt(left, arena, ref));
}

/** Frees the cursor's pack with all of its elements. */
function dropPack(arena: Arena, at: number, { pack, region }: SequenceCursor): void {
  addToCount(arena, at, -pack.count);
  if (region === inTree) {
    removePack(arena, at);
    free(arena, blockOf(pack));
  } else freeEnd(arena, at, region === inHead ? headAt : tailAt);
}

function joinSparse(arena: Arena, at: number, pack: Pack): void {
  if (pack.bytes * 2 > packBytes) return;
  const next = siblingOnPath(arena, 1);
  if (next !== 0 && joinPacks(arena, at, pack, next, 0)) return;
  const previous = siblingOnPath(arena, -1);
  if (previous === 0) return;
  joinPacks(arena, at, pointAt(left, arena, previous), blockOf(pack), -1);
}

/** Moves the elements of the pack at `right` to the one before it, which is `by` places from the path's end. */
function joinPacks(arena: Arena, at: number, to: Pack, right: Ref, by: number): boolean {
  const from = pointAt(joined, arena, right);
  const { count } = from;
  const bytes = to.bytes + from.bytes - packHeaderBytes;
  if (bytes > to.room * joinedShare || to.count + count > packCountMax) return false;
  from.first(place);
  appendRest(to, from, place);
  movePath(by);
  addElementsOnPath(arena, at, count);
  movePath(1);
  removePack(arena, at);
  free(arena, right);
  return true;
}

const here = new SequenceCursor();
const left = new Pack();
const joined = new Pack();
const place = new PackCursor();
