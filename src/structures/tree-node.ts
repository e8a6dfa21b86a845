/**
 * Nodes of a {@link Tree}: arrays of items in one block, linked to their neighbours on the same level.
 *
 *     node                                      element, 12 bytes      child entry, 20 bytes
 *     0   count      items in it                0  high                0   high  ┐ the first element
 *     4   previous   node of the level, or 0    4  low                 4   low   ├ below the child,
 *     8   next       node of the level, or 0    8  value               8   value ┘ its separator
 *     12  items                                                        12  child
 *                                                                      16  elements below the child
 *
 * A node at level 0 is a leaf and its items are elements; above, they are child entries. The separator of a
 * node's first entry is never read and may be stale: what bounds that child from below is the separator of the
 * node itself, one level up. All the others are exact, copies of elements that are there: a value may be
 * a reference, and comparing with an element that was removed would follow it into freed memory.
 */
import { allocate, free, payloadBytes } from '#memory/allocator.ts';
import type { Arena, Ref } from '#memory/arena.ts';

const countAt = 0;
const previousAt = 4;
const nextAt = 8;
/** Where a node's items begin. */
export const itemsAt = 12;

export const highAt = 0;
export const lowAt = 4;
export const valueAt = 8;
const childAt = 12;
const elementsAt = 16;

const elementBytes = 12;
const entryBytes = 20;

/** Bytes of full-sized nodes; with the allocator's header, multiples of 1024. Measured: see tree.ts. */
const leafBytes = 1024 - 4;
const innerBytes = 1024 - 4;
const leafCapacity = Math.floor((leafBytes - itemsAt) / elementBytes);
const innerCapacity = Math.floor((innerBytes - itemsAt) / entryBytes);

/** Elements in the leaf that a tree begins with; it doubles until it is full-sized. */
const firstLeafCapacity = 4;

/** A node's offset; 0 is none. */
export type Node = Ref;

/** Bytes of an item on `level`. */
export function itemBytes(level: number): number {
  return level === 0 ? elementBytes : entryBytes;
}

/** Items that a full-sized node on `level` holds. */
export function capacityOn(level: number): number {
  return level === 0 ? leafCapacity : innerCapacity;
}

/** An empty node without neighbours. May allocate. */
export function createNode(arena: Arena, level: number): Node {
  return clearNode(arena, allocate(arena, level === 0 ? leafBytes : innerBytes));
}

/** The small leaf of a tree that begins. May allocate. */
export function createFirstLeaf(arena: Arena): Node {
  return clearNode(arena, allocate(arena, itemsAt + firstLeafCapacity * elementBytes));
}

/** How many elements a leaf that is the whole tree has room for. */
export function leafRoom(arena: Arena, leaf: Node): number {
  const room = Math.floor((payloadBytes(arena, leaf) - itemsAt) / elementBytes);
  return Math.min(room, leafCapacity);
}

/** Bytes for a leaf that is the whole tree and shall hold `count` elements or a few more. */
export function leafBytesFor(count: number): number {
  let capacity = firstLeafCapacity;
  while (capacity < count) capacity *= 2;
  return Math.min(itemsAt + capacity * elementBytes, leafBytes);
}

function clearNode(arena: Arena, node: Node): Node {
  arena.setWord(node + countAt, 0);
  arena.setWord(node + previousAt, 0);
  arena.setWord(node + nextAt, 0);
  return node;
}

export function countIn(arena: Arena, node: Node): number {
  return arena.word(node + countAt);
}

function setCountIn(arena: Arena, node: Node, count: number): void {
  arena.setWord(node + countAt, count);
}

export function previousOf(arena: Arena, node: Node): Node {
  return arena.ref(node + previousAt);
}

export function nextOf(arena: Arena, node: Node): Node {
  return arena.ref(node + nextAt);
}

/** Where an element is. */
export function elementAt(leaf: Node, index: number): number {
  return leaf + itemsAt + index * elementBytes;
}

/** Where a child entry is. */
export function entryAt(inner: Node, index: number): number {
  return inner + itemsAt + index * entryBytes;
}

export function childIn(arena: Arena, inner: Node, index: number): Node {
  return arena.ref(entryAt(inner, index) + childAt);
}

/** Elements below the child at `index`. */
export function elementsUnder(arena: Arena, inner: Node, index: number): number {
  return arena.word(entryAt(inner, index) + elementsAt);
}

export function addElementsUnder(arena: Arena, inner: Node, index: number, count: number): void {
  const at = entryAt(inner, index) + elementsAt;
  arena.setWord(at, arena.word(at) + count);
}

/** Elements in or below the items `[from, to)` of a node. O(to - from). */
export function elementsIn(
  arena: Arena,
  node: Node,
  level: number,
  from: number,
  to: number,
): number {
  if (level === 0) return to - from;
  let elements = 0;
  for (let index = from; index < to; index++) elements += elementsUnder(arena, node, index);
  return elements;
}

/** Copies the order words and the value: a whole element, or an entry's separator. */
export function copyElement(arena: Arena, toAt: number, fromAt: number): void {
  arena.setWord(toAt + highAt, arena.word(fromAt + highAt));
  arena.setWord(toAt + lowAt, arena.word(fromAt + lowAt));
  arena.setWord(toAt + valueAt, arena.word(fromAt + valueAt));
}

/** Makes a place at `index`, its content undefined, and counts it. The node has room. */
export function openGap(arena: Arena, node: Node, level: number, index: number): void {
  const count = countIn(arena, node);
  const bytes = itemBytes(level);
  const at = node + itemsAt + index * bytes;
  if (index < count) arena.move(at + bytes, at, (count - index) * bytes);
  arena.setWord(node + countAt, count + 1);
}

/** Takes out the item at `index`. */
export function closeGap(arena: Arena, node: Node, level: number, index: number): void {
  const count = countIn(arena, node) - 1;
  const bytes = itemBytes(level);
  const at = node + itemsAt + index * bytes;
  if (index < count) arena.move(at, at + bytes, (count - index) * bytes);
  arena.setWord(node + countAt, count);
}

/** Adds `right` behind the child at `index` of `inner`, which has room, and behind it on their level. */
export function addSibling(arena: Arena, inner: Node, level: number, index: number, right: Node) {
  const left = childIn(arena, inner, index);
  openGap(arena, inner, level, index + 1);
  const entry = entryAt(inner, index + 1);
  arena.setWord(entry + childAt, right);
  arena.setWord(entry + elementsAt, 0);
  const next = nextOf(arena, left);
  arena.setWord(right + previousAt, left);
  arena.setWord(right + nextAt, next);
  arena.setWord(left + nextAt, right);
  if (next !== 0) arena.setWord(next + previousAt, right);
}

/** Makes `child`, with all the `elements` of the tree, the only child of `inner`, an empty node. */
export function addOnlyChild(arena: Arena, inner: Node, child: Node, elements: number): void {
  const entry = entryAt(inner, 0);
  arena.setWord(entry + childAt, child);
  arena.setWord(entry + elementsAt, elements);
  copyElement(arena, entry, child + itemsAt);
  arena.setWord(inner + countAt, 1);
}

/** Takes a node out of its level and frees it. */
export function destroyNode(arena: Arena, node: Node): void {
  const previous = previousOf(arena, node);
  const next = nextOf(arena, node);
  if (previous !== 0) arena.setWord(previous + nextAt, next);
  if (next !== 0) arena.setWord(next + previousAt, previous);
  free(arena, node);
}

/**
 * Moves items between the child at `index` of `inner` and the one after it: the first `count` of the right
 * one to the left one's end. The nodes are on `level`.
 */
export function moveToLeft(
  arena: Arena,
  inner: Node,
  level: number,
  index: number,
  count: number,
): void {
  const left = childIn(arena, inner, index);
  const right = childIn(arena, inner, index + 1);
  const leftCount = countIn(arena, left);
  const rest = countIn(arena, right) - count;
  const bytes = itemBytes(level);
  const rightItems = right + itemsAt;
  const elements = elementsIn(arena, right, level, 0, count);
  if (level > 0) copyElement(arena, rightItems, entryAt(inner, index + 1));
  arena.move(left + itemsAt + leftCount * bytes, rightItems, count * bytes);
  arena.move(rightItems, rightItems + count * bytes, rest * bytes);
  setCountIn(arena, left, leftCount + count);
  setCountIn(arena, right, rest);
  addElementsUnder(arena, inner, index, elements);
  addElementsUnder(arena, inner, index + 1, -elements);
  if (rest > 0) copyElement(arena, entryAt(inner, index + 1), rightItems);
}

/** The other way round: the last `count` items of the left node to the right one's beginning. */
export function moveToRight(
  arena: Arena,
  inner: Node,
  level: number,
  index: number,
  count: number,
): void {
  const left = childIn(arena, inner, index);
  const right = childIn(arena, inner, index + 1);
  const leftRest = countIn(arena, left) - count;
  const rightCount = countIn(arena, right);
  const bytes = itemBytes(level);
  const rightItems = right + itemsAt;
  const elements = elementsIn(arena, left, level, leftRest, leftRest + count);
  if (level > 0 && rightCount > 0) copyElement(arena, rightItems, entryAt(inner, index + 1));
  arena.move(rightItems + count * bytes, rightItems, rightCount * bytes);
  arena.move(rightItems, left + itemsAt + leftRest * bytes, count * bytes);
  setCountIn(arena, left, leftRest);
  setCountIn(arena, right, rightCount + count);
  addElementsUnder(arena, inner, index, -elements);
  addElementsUnder(arena, inner, index + 1, elements);
  copyElement(arena, entryAt(inner, index + 1), rightItems);
}
