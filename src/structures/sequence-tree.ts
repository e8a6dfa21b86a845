/**
 * The tree in a {@link Sequence}: a B+ tree of packs, ordered by nothing but their place and counting the elements
 * below each item, so that the pack of any position is found in one descent. sequence-node.ts draws the nodes.
 *
 * The tree's own header:
 *
 *     0   root     the node on the highest level, or 0
 *     4   height   levels
 *
 * Every step leaves a valid tree behind, and what needs memory asks for it first: an arena that is full stops an
 * insertion between two steps and nothing is lost. A node that is full at either end of the tree is split one item
 * from that end, so that a list that is pushed to leaves full nodes behind.
 */
import { free } from '#memory/allocator.ts';
import { type Arena, nullRef, type Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import {
  addElementsUnder,
  childIn,
  createNode,
  elementsFrom,
  elementsUnder,
  insertItemAt,
  itemsIn,
  moveItems,
  type Node,
  nodeCapacity,
  removeItemAt,
  setChildIn,
} from './sequence-node.ts';

const rootAt = 0;
const heightAt = 4;

/** Bytes of the header. */
export const treeBytes = 8;

/** More levels than any arena has room for. */
const heightMax = 12;

/** A node with at most this many items looks for a sibling to join. */
const sparseItemsMax = nodeCapacity >> 2;
/** Siblings become one node if that leaves it room. */
const joinedItemsMax = (nodeCapacity * 3) >> 2;

/** The path of the last descent, by level. One for all trees: it is only meaningful within an operation. */
const pathNodes = new Int32Array(heightMax);
const pathIndexes = new Int32Array(heightMax);

function nodeOn(level: number): Node {
  // What setPath stored; levels are below heightMax.
  return pathNodes[level] as Node;
}

function indexOn(level: number): number {
  return pathIndexes[level] as number;
}

function setPath(level: number, node: Node, index: number): void {
  pathNodes[level] = node;
  pathIndexes[level] = index;
}

function heightOf(arena: Arena, tree: number): number {
  return arena.word(tree + heightAt);
}

export function rootOf(arena: Arena, tree: number): Node {
  return arena.ref(tree + rootAt);
}

/** Writes the header of a tree without packs. */
export function formatTree(arena: Arena, tree: number): void {
  arena.setWord(tree + rootAt, 0);
  arena.setWord(tree + heightAt, 0);
}

/** Whether the tree is no more than a leaf, or nothing. */
export function isFlat(arena: Arena, tree: number): boolean {
  return heightOf(arena, tree) <= 1;
}

/** The pack numbered `index` of a tree that {@link isFlat}; 0 behind the last. */
export function packOfFlat(arena: Arena, tree: number, index: number): Ref {
  const root = rootOf(arena, tree);
  return root === 0 || index >= itemsIn(arena, root) ? nullRef : childIn(arena, root, index);
}

/** Lets the path lead to the pack with the element at `position`, which there is. Returns the element's place there. */
export function descend(arena: Arena, tree: number, position: number): number {
  let node = rootOf(arena, tree);
  for (let level = heightOf(arena, tree) - 1; level >= 0; level--) {
    let index = 0;
    for (;;) {
      const elements = elementsUnder(arena, node, index);
      if (position < elements) break;
      position -= elements;
      index++;
    }
    setPath(level, node, index);
    node = childIn(arena, node, index);
  }
  return position;
}

/** Lets the path lead to the first or the last pack. There is one. */
export function descendToEnd(arena: Arena, tree: number, isLast: boolean): void {
  let node = rootOf(arena, tree);
  for (let level = heightOf(arena, tree) - 1; level >= 0; level--) {
    const index = isLast ? itemsIn(arena, node) - 1 : 0;
    setPath(level, node, index);
    node = childIn(arena, node, index);
  }
}

/** The pack at the path's end. */
export function packOnPath(arena: Arena): Ref {
  return childIn(arena, nodeOn(0), indexOn(0));
}

/** The pack `by` places from the path's end, or 0 if the same leaf does not have it. */
export function siblingOnPath(arena: Arena, by: number): Ref {
  const index = indexOn(0) + by;
  if (index < 0 || index >= itemsIn(arena, nodeOn(0))) return 0 as Ref; // nothing
  return childIn(arena, nodeOn(0), index);
}

/** Lets the path lead to the pack `by` places on in the same leaf, which has it. */
export function movePath(by: number): void {
  setPath(0, nodeOn(0), indexOn(0) + by);
}

/** The pack at the path's end has moved. */
export function setPackOnPath(arena: Arena, pack: Ref): void {
  setChildIn(arena, nodeOn(0), indexOn(0), pack);
}

/** Elements in the pack at the path's end, by its item. */
function elementsOnPath(arena: Arena): number {
  return elementsUnder(arena, nodeOn(0), indexOn(0));
}

/** Adds to the number of elements in the pack at the path's end. */
export function addElementsOnPath(arena: Arena, tree: number, count: number): void {
  const height = heightOf(arena, tree);
  for (let level = 0; level < height; level++) {
    addElementsUnder(arena, nodeOn(level), indexOn(level), count);
  }
}

/** Adds a pack before or behind the path's end; to a tree without packs if there is no path. Throws ArenaFullError. */
export function insertPack(
  arena: Arena,
  tree: number,
  isBehind: boolean,
  pack: Ref,
  elements: number,
): void {
  if (rootOf(arena, tree) === 0) {
    const leaf = createNode(arena);
    arena.setWord(tree + rootAt, leaf);
    arena.setWord(tree + heightAt, 1);
    setPath(0, leaf, 0);
  } else if (isBehind) setPath(0, nodeOn(0), indexOn(0) + 1);
  makeRoom(arena, tree, 0);
  insertItemAt(arena, nodeOn(0), indexOn(0), pack, elements);
  const height = heightOf(arena, tree);
  for (let level = 1; level < height; level++) {
    addElementsUnder(arena, nodeOn(level), indexOn(level), elements);
  }
}

/** Takes the pack at the path's end out of the tree. The block is the caller's. */
export function removePack(arena: Arena, tree: number): void {
  addElementsOnPath(arena, tree, -elementsOnPath(arena));
  removeItem(arena, tree, 0);
}

/**
 * Frees the packs of the first leaf and the leaf. Returns how many packs it was, 0 for a tree without any. Numbers of
 * elements are wrong afterwards: only for a tree that is taken apart.
 */
export function dismantleLeaf(arena: Arena, tree: number): number {
  if (rootOf(arena, tree) === 0) return 0;
  descendToEnd(arena, tree, false);
  const leaf = nodeOn(0);
  const count = itemsIn(arena, leaf);
  for (let index = 0; index < count; index++) free(arena, childIn(arena, leaf, index));
  removeNode(arena, tree, 0);
  return count;
}

/**
 * Makes room for an item in the path's node on `level`: in a leaf at its index, above behind its index. The path may
 * be another one afterwards, but leads to the same place.
 */
function makeRoom(arena: Arena, tree: number, level: number): void {
  if (itemsIn(arena, nodeOn(level)) < nodeCapacity) return;
  if (level === heightOf(arena, tree) - 1) addRoot(arena, tree, level);
  makeRoom(arena, tree, level + 1);
  split(arena, level);
}

function addRoot(arena: Arena, tree: number, level: number): void {
  assert(level + 1 < heightMax, 'sequence: its height is possible');
  const root = createNode(arena);
  const child = nodeOn(level);
  insertItemAt(arena, root, 0, child, elementsFrom(arena, child, 0));
  arena.setWord(tree + rootAt, root);
  arena.setWord(tree + heightAt, level + 2);
  setPath(level + 1, root, 0);
}

function split(arena: Arena, level: number): void {
  const node = nodeOn(level);
  const place = indexOn(level);
  const parent = nodeOn(level + 1);
  const index = indexOn(level + 1);
  const lastPlace = level === 0 ? nodeCapacity : nodeCapacity - 1;
  const kept = place === 0 ? 1 : place === lastPlace ? nodeCapacity - 1 : nodeCapacity >> 1;
  const right = createNode(arena);
  const elements = elementsFrom(arena, node, kept);
  moveItems(arena, node, kept, right);
  addElementsUnder(arena, parent, index, -elements);
  insertItemAt(arena, parent, index + 1, right, elements);
  // In a leaf the place is a gap, above it is an item.
  if (level === 0 ? place <= kept : place < kept) return;
  setPath(level, right, place - kept);
  setPath(level + 1, parent, index + 1);
}

/** Takes the path's item on `level` out of its node. */
function removeItem(arena: Arena, tree: number, level: number): void {
  const node = nodeOn(level);
  if (itemsIn(arena, node) === 1) {
    removeNode(arena, tree, level);
    return;
  }
  removeItemAt(arena, node, indexOn(level));
  shrink(arena, tree, level);
}

/** Frees the path's node on `level` and what is above, as far as it has nothing else. */
function removeNode(arena: Arena, tree: number, level: number): void {
  free(arena, nodeOn(level));
  if (level === heightOf(arena, tree) - 1) formatTree(arena, tree);
  else removeItem(arena, tree, level + 1);
}

/** Joins the path's node on `level` with a sibling if both are one well-filled node, and so on above. */
function shrink(arena: Arena, tree: number, level: number): void {
  const node = nodeOn(level);
  const count = itemsIn(arena, node);
  if (level === heightOf(arena, tree) - 1) {
    dropRoots(arena, tree);
    return;
  }
  if (count > sparseItemsMax) return;
  const parent = nodeOn(level + 1);
  const index = indexOn(level + 1);
  const fits = (sibling: number) =>
    itemsIn(arena, childIn(arena, parent, sibling)) + count <= joinedItemsMax;
  if (index + 1 < itemsIn(arena, parent) && fits(index + 1)) join(arena, tree, level, index);
  else if (index > 0 && fits(index - 1)) join(arena, tree, level, index - 1);
}

/** Moves everything of the child behind `index` of the path's node above `level` into the one there. */
function join(arena: Arena, tree: number, level: number, index: number): void {
  const parent = nodeOn(level + 1);
  const right = childIn(arena, parent, index + 1);
  moveItems(arena, right, 0, childIn(arena, parent, index));
  addElementsUnder(arena, parent, index, elementsUnder(arena, parent, index + 1));
  removeItemAt(arena, parent, index + 1);
  free(arena, right);
  shrink(arena, tree, level + 1);
}

/** A root with a single node below gives its place to that. */
function dropRoots(arena: Arena, tree: number): void {
  let height = heightOf(arena, tree);
  let root = rootOf(arena, tree);
  while (height > 1 && itemsIn(arena, root) === 1) {
    const child = childIn(arena, root, 0);
    free(arena, root);
    root = child;
    height--;
  }
  arena.setWord(tree + rootAt, root);
  arena.setWord(tree + heightAt, height);
}

/**
 * Calls `visit` with each pack and the number of elements its item tells, in order, and checks the nodes on the way.
 * Returns the number of elements. O(packs); for tests.
 */
export function visitPacks(
  arena: Arena,
  tree: number,
  visit: (pack: Ref, elements: number) => void,
): number {
  const height = heightOf(arena, tree);
  const root = rootOf(arena, tree);
  assert((root === 0) === (height === 0), 'sequence: a tree with levels has a root');
  return root === 0 ? 0 : visitBelow(arena, root, height - 1, visit);
}

function visitBelow(
  arena: Arena,
  node: Node,
  level: number,
  visit: (pack: Ref, elements: number) => void,
): number {
  const count = itemsIn(arena, node);
  assert(count > 0 && count <= nodeCapacity, 'sequence: a node has a possible number of items');
  let sum = 0;
  for (let index = 0; index < count; index++) {
    const child = childIn(arena, node, index);
    const elements = elementsUnder(arena, node, index);
    if (level === 0) visit(child, elements);
    else {
      const below = visitBelow(arena, child, level - 1, visit);
      assert(below === elements, 'sequence: an item counts the elements below it');
    }
    sum += elements;
  }
  return sum;
}
