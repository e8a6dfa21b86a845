/**
 * Moving elements from an end of a list to an end of a list, maybe the same one. They are pushed first and taken then,
 * as Redis announces it, and so that a list which is rotated is never empty and one that finds no memory is whole.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Copies, ListBlock } from './list-elements.ts';
import { pop, push } from './lists.ts';
import { type ListLimits, lengthOf } from './lists-form.ts';

/** What to move. The block keeps its order, unless it `reverses`. */
export interface Movement {
  readonly fromFirst: boolean;
  readonly toFirst: boolean;
  /** There are as many in the source. */
  readonly count: number;
  readonly reverses: boolean;
}

/**
 * Moves elements of the list at `source` to the one at `destination`, the same cursor if it is the same key, which it
 * creates if need be. Throws ArenaFullError, before anything is moved. O(count).
 */
export function move(
  source: KeyCursor,
  destination: KeyCursor,
  { fromFirst, toFirst, count, reverses }: Movement,
  limits: ListLimits,
): void {
  // What is pushed to the beginning comes to lie the other way round.
  block.load(source, fromFirst ? 0 : lengthOf(source) - count, count, toFirst === reverses);
  if (source !== destination) {
    push(destination, toFirst, block, limits);
    pop(source, fromFirst, count, limits);
    return;
  }
  push(source, toFirst, new Copies(block), limits);
  pop(source, fromFirst, count, limits, fromFirst === toFirst ? count : 0);
}

const block = new ListBlock();
