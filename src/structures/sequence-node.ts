/**
 * Nodes of the tree in a {@link Sequence}: arrays of items in one block. An item is a child and how many elements are
 * in or below it; on level 0, in a leaf, children are packs, above they are nodes.
 *
 *     node                          item, 8 bytes
 *     0   count    items in it      0   child
 *     4   items                     4   elements
 *
 * Nothing orders items but their place, so a node needs no separators. It needs no links to its neighbours either: a
 * walk goes from pack to pack by position, which costs a descent for some hundreds of elements.
 */
import { allocate } from '#memory/allocator.ts';
import type { Arena, Ref } from '#memory/arena.ts';

const countAt = 0;
const itemsAt = 4;
const itemBytes = 8;
const elementsAt = 4;

/** With the allocator's header, 512. */
const nodeBytes = 512 - 4;

/** Items that a node holds. */
export const nodeCapacity = Math.floor((nodeBytes - itemsAt) / itemBytes);

/** A node's offset; 0 is none. */
export type Node = Ref;

/** An empty node. May allocate. */
export function createNode(arena: Arena): Node {
  const node = allocate(arena, nodeBytes);
  arena.setWord(node + countAt, 0);
  return node;
}

export function itemsIn(arena: Arena, node: Node): number {
  return arena.word(node + countAt);
}

function itemAt(node: Node, index: number): number {
  return node + itemsAt + index * itemBytes;
}

export function childIn(arena: Arena, node: Node, index: number): Ref {
  return arena.ref(itemAt(node, index));
}

/** Elements in or below the child at `index`. */
export function elementsUnder(arena: Arena, node: Node, index: number): number {
  return arena.word(itemAt(node, index) + elementsAt);
}

export function addElementsUnder(arena: Arena, node: Node, index: number, count: number): void {
  const at = itemAt(node, index) + elementsAt;
  arena.setWord(at, arena.word(at) + count);
}

/** Elements in or below all items from `from` on. O(items). */
export function elementsFrom(arena: Arena, node: Node, from: number): number {
  const count = itemsIn(arena, node);
  let elements = 0;
  for (let index = from; index < count; index++) elements += elementsUnder(arena, node, index);
  return elements;
}

/** Puts an item at `index`, before the one there. The node has room. */
export function insertItemAt(
  arena: Arena,
  node: Node,
  index: number,
  child: Ref,
  elements: number,
): void {
  const count = itemsIn(arena, node);
  const at = itemAt(node, index);
  if (index < count) arena.move(at + itemBytes, at, (count - index) * itemBytes);
  arena.setWord(node + countAt, count + 1);
  arena.setWord(at, child);
  arena.setWord(at + elementsAt, elements);
}

/** Gives the item at `index` another child. */
export function setChildIn(arena: Arena, node: Node, index: number, child: Ref): void {
  arena.setWord(itemAt(node, index), child);
}

/** Takes out the item at `index`. */
export function removeItemAt(arena: Arena, node: Node, index: number): void {
  const count = itemsIn(arena, node) - 1;
  const at = itemAt(node, index);
  if (index < count) arena.move(at, at + itemBytes, (count - index) * itemBytes);
  arena.setWord(node + countAt, count);
}

/** Moves the items of `from` from `index` on behind those of `to`, which has room. */
export function moveItems(arena: Arena, from: Node, index: number, to: Node): void {
  const moved = itemsIn(arena, from) - index;
  const count = itemsIn(arena, to);
  arena.move(itemAt(to, count), itemAt(from, index), moved * itemBytes);
  arena.setWord(to + countAt, count + moved);
  arena.setWord(from + countAt, index);
}
