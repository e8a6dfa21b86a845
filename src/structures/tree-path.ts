/**
 * A {@link Tree}'s header, and the path of its last descent: what an operation has found and where to change it.
 *
 * The tree's own header, inside a block of its owner's:
 *
 *     0    root     the node on the highest level, or 0
 *     4    height   levels
 *     8    count    elements
 *     12   first    the leaf with the first element, or 0
 */
import type { Arena } from '#memory/arena.ts';
import { childIn, elementsIn, type Node } from './tree-node.ts';

export const headerBytes = 16;
export const rootAt = 0;
export const heightAt = 4;
export const countAt = 8;
export const firstAt = 12;

/** More levels than any arena has room for. */
export const heightMax = 16;

/**
 * The path from the root to a leaf, by level: each node and the index of an item in it. One for all trees:
 * it is only meaningful within an operation.
 */
const pathNodes = new Int32Array(heightMax);
const pathIndexes = new Int32Array(heightMax);

export function nodeOn(level: number): Node {
  // What setPath stored; levels are below heightMax.
  return pathNodes[level] as Node;
}

export function indexOn(level: number): number {
  return pathIndexes[level] as number;
}

export function setPath(level: number, node: Node, index: number): void {
  pathNodes[level] = node;
  pathIndexes[level] = index;
}

/** Lets the path end at the first element. */
export function pathToFirst(arena: Arena, tree: number): void {
  let node = arena.ref(tree + rootAt);
  for (let level = arena.word(tree + heightAt) - 1; level > 0; level--) {
    setPath(level, node, 0);
    node = childIn(arena, node, 0);
  }
  setPath(0, node, 0);
}

/** How many elements come before the path's end. */
export function rankOfPath(arena: Arena, tree: number): number {
  let rank = indexOn(0);
  for (let level = arena.word(tree + heightAt) - 1; level > 0; level--) {
    rank += elementsIn(arena, nodeOn(level), level, 0, indexOn(level));
  }
  return rank;
}
