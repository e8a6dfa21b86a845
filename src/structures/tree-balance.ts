/**
 * Keeping a {@link Tree}'s nodes neither too full nor too empty, along the path of the last descent.
 *
 * Every step leaves a valid tree behind, and whatever needs memory asks for it first: an arena that is full
 * stops an insertion between two steps and nothing is lost.
 *
 * Room is made by giving half of the free room of a sibling away, and only then by splitting, which is what
 * fills nodes to four fifths instead of two thirds. A node that is full at the tree's right end passes on a
 * single item instead of half, so that ascending insertion leaves full nodes behind.
 */
import { free, reallocate, resizeInPlace } from '#memory/allocator.ts';
import type { Arena } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import {
  addElementsUnder,
  addOnlyChild,
  addSibling,
  capacityOn,
  childIn,
  closeGap,
  copyElement,
  countIn,
  createNode,
  destroyNode,
  entryAt,
  itemBytes,
  itemsAt,
  leafBytesFor,
  leafRoom,
  moveToLeft,
  moveToRight,
  type Node,
  nextOf,
  previousOf,
} from './tree-node.ts';
import {
  countAt,
  firstAt,
  heightAt,
  heightMax,
  indexOn,
  nodeOn,
  rootAt,
  setPath,
} from './tree-path.ts';

/** A sibling gives room away while at least this share of it is free. */
const spareShare = 1 / 8;
/** Siblings become one node that is filled to at most this share. */
const mergedShare = 3 / 4;

/**
 * Makes room for an item in the path's node on `level`: on level 0 at its index, above behind its index.
 * The path may be another one afterwards, but leads to the same place. May allocate.
 */
export function makeRoom(arena: Arena, tree: number, level: number): void {
  const node = nodeOn(level);
  const count = countIn(arena, node);
  const isRoot = level === arena.word(tree + heightAt) - 1;
  if (isRoot && level === 0 && count === leafRoom(arena, node)) {
    if (count < capacityOn(0)) growFirstLeaf(arena, tree, node, count);
  }
  if (count < capacityOn(level)) return;
  if (isRoot) {
    splitRoot(arena, tree, level, count);
    return;
  }
  if (shiftToSibling(arena, level)) return;
  makeRoom(arena, tree, level + 1);
  split(arena, level, count, createNode(arena, level));
}

/** Both nodes come first: a root with an only child is none. */
function splitRoot(arena: Arena, tree: number, level: number, count: number): void {
  const right = createNode(arena, level);
  try {
    addRoot(arena, tree, level);
  } catch (error) {
    free(arena, right);
    throw error;
  }
  split(arena, level, count, right);
}

function growFirstLeaf(arena: Arena, tree: number, leaf: Node, count: number): void {
  const bytes = itemsAt + count * itemBytes(0);
  const grown = reallocate(arena, leaf, bytes, leafBytesFor(count + 1));
  arena.setWord(tree + rootAt, grown);
  arena.setWord(tree + firstAt, grown);
  setPath(0, grown, indexOn(0));
}

function addRoot(arena: Arena, tree: number, level: number): void {
  assert(level + 1 < heightMax, 'tree: its height is possible');
  const root = createNode(arena, level + 1);
  addOnlyChild(arena, root, nodeOn(level), arena.word(tree + countAt));
  arena.setWord(tree + rootAt, root);
  arena.setWord(tree + heightAt, level + 2);
  setPath(level + 1, root, 0);
}

/** Whether one of the siblings had room enough to take some items. */
function shiftToSibling(arena: Arena, level: number): boolean {
  const parent = nodeOn(level + 1);
  const index = indexOn(level + 1);
  const capacity = capacityOn(level);
  const leftRoom = index === 0 ? 0 : capacity - countIn(arena, childIn(arena, parent, index - 1));
  const isLast = index + 1 === countIn(arena, parent);
  const rightRoom = isLast ? 0 : capacity - countIn(arena, childIn(arena, parent, index + 1));
  if (Math.max(leftRoom, rightRoom) < capacity * spareShare) return false;
  if (leftRoom < rightRoom) {
    moveToRight(arena, parent, level, index, rightRoom >> 1);
    followToRight(arena, level);
  } else {
    const place = indexOn(level);
    const moved = (leftRoom + 1) >> 1;
    moveToLeft(arena, parent, level, index - 1, moved);
    if (staysLeft(level, place, moved)) {
      setPath(level, childIn(arena, parent, index - 1), place + capacity - leftRoom);
      setPath(level + 1, parent, index - 1);
    } else setPath(level, nodeOn(level), place - moved);
  }
  return true;
}

function split(arena: Arena, level: number, count: number, right: Node): void {
  const node = nodeOn(level);
  const place = indexOn(level);
  const isAppend = nextOf(arena, node) === 0 && place >= (level === 0 ? count : count - 1);
  addSibling(arena, nodeOn(level + 1), level + 1, indexOn(level + 1), right);
  moveToRight(arena, nodeOn(level + 1), level, indexOn(level + 1), isAppend ? 1 : count >> 1);
  followToRight(arena, level);
}

/** After the end of the path's node on `level` moved into the next one: goes there if its place did. */
function followToRight(arena: Arena, level: number): void {
  const node = nodeOn(level);
  const place = indexOn(level);
  const rest = countIn(arena, node);
  if (staysLeft(level, place, rest)) return;
  setPath(level, nextOf(arena, node), place - rest);
  setPath(level + 1, nodeOn(level + 1), indexOn(level + 1) + 1);
}

/** Whether a place belongs to the first `moved` items: above the leaves it is an item, in a leaf a gap. */
function staysLeft(level: number, place: number, moved: number): boolean {
  // A gap between two leaves goes to the left one, whose separator it cannot change.
  return level === 0 ? place <= moved : place < moved;
}

/** Adds `count` to the numbers of elements on the whole path. */
export function addElements(arena: Arena, tree: number, count: number): void {
  const height = arena.word(tree + heightAt);
  for (let level = 1; level < height; level++) {
    addElementsUnder(arena, nodeOn(level), indexOn(level), count);
  }
  arena.setWord(tree + countAt, arena.word(tree + countAt) + count);
}

/** Takes out the element at the path's end. */
export function removeElement(arena: Arena, tree: number): void {
  const leaf = nodeOn(0);
  closeGap(arena, leaf, 0, indexOn(0));
  addElements(arena, tree, -1);
  if (countIn(arena, leaf) === 0) {
    removeNode(arena, tree, 0);
    return;
  }
  if (indexOn(0) === 0) tellSeparator(arena, tree, 0);
  shrink(arena, tree, 0);
}

/** Removes the path's node on `level`, which has no elements any more. */
export function removeNode(arena: Arena, tree: number, level: number): void {
  const node = nodeOn(level);
  if (level === 0 && previousOf(arena, node) === 0) {
    arena.setWord(tree + firstAt, nextOf(arena, node));
  }
  destroyNode(arena, node);
  if (level === arena.word(tree + heightAt) - 1) {
    arena.setWord(tree + rootAt, 0);
    arena.setWord(tree + heightAt, 0);
    return;
  }
  const parent = nodeOn(level + 1);
  closeGap(arena, parent, level + 1, indexOn(level + 1));
  if (countIn(arena, parent) === 0) {
    removeNode(arena, tree, level + 1);
    return;
  }
  if (indexOn(level + 1) === 0) tellSeparator(arena, tree, level + 1);
  shrink(arena, tree, level + 1);
}

/** The first element below the path's node on `level` is another one: writes it where it separates. */
function tellSeparator(arena: Arena, tree: number, level: number): void {
  const height = arena.word(tree + heightAt);
  for (let above = level + 1; above < height; above++) {
    if (indexOn(above) === 0) continue;
    copyElement(arena, entryAt(nodeOn(above), indexOn(above)), nodeOn(level) + itemsAt);
    return;
  }
}

/** Merges the path's node on `level` with a sibling if both fit into one, and so on above. */
function shrink(arena: Arena, tree: number, level: number): void {
  const node = nodeOn(level);
  const count = countIn(arena, node);
  if (level === arena.word(tree + heightAt) - 1) {
    if (level === 0) shrinkOnlyLeaf(arena, tree, node, count);
    else if (count === 1) dropRoot(arena, tree);
    return;
  }
  const parent = nodeOn(level + 1);
  const index = indexOn(level + 1);
  const countMax = capacityOn(level) * mergedShare - count;
  if (
    index + 1 < countIn(arena, parent) &&
    countIn(arena, childIn(arena, parent, index + 1)) <= countMax
  ) {
    merge(arena, tree, level, parent, index);
  } else if (index > 0 && countIn(arena, childIn(arena, parent, index - 1)) <= countMax) {
    merge(arena, tree, level, parent, index - 1);
  }
}

/** Moves everything of the child behind `index` into the one there, and goes on above. */
function merge(arena: Arena, tree: number, level: number, parent: Node, index: number): void {
  const right = childIn(arena, parent, index + 1);
  moveToLeft(arena, parent, level, index, countIn(arena, right));
  destroyNode(arena, right);
  closeGap(arena, parent, level + 1, index + 1);
  shrink(arena, tree, level + 1);
}

function dropRoot(arena: Arena, tree: number): void {
  let height = arena.word(tree + heightAt);
  let root = arena.ref(tree + rootAt);
  while (height > 1 && countIn(arena, root) === 1) {
    const child = childIn(arena, root, 0);
    free(arena, root);
    root = child;
    height--;
  }
  arena.setWord(tree + rootAt, root);
  arena.setWord(tree + heightAt, height);
}

function shrinkOnlyLeaf(arena: Arena, tree: number, leaf: Node, count: number): void {
  if (count * 4 > leafRoom(arena, leaf)) return;
  // In place, so that removing never needs memory.
  const shrunk = resizeInPlace(arena, leaf, leafBytesFor(count * 2));
  assert(shrunk && arena.ref(tree + rootAt) === leaf, 'tree: a leaf shrinks where it is');
}
