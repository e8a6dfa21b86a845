/**
 * Moving elements from an end of a list to an end of a list, maybe the same one. They are pushed first and taken then,
 * as Redis announces it, and so that a list which is rotated is never empty and one that finds no memory is whole.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { ListCursor } from './list-cursor.ts';
import { type Elements, pop, push } from './lists.ts';
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

/** A run of a list's elements in one of both directions, read where they are. To be read in order. */
class Block implements Elements {
  length = 0;
  private list: KeyCursor | undefined;
  private start = 0;
  private isForward = true;
  private readonly walk = new ListCursor();

  load(list: KeyCursor, first: number, count: number, isForward: boolean): void {
    this.list = list;
    this.length = count;
    this.isForward = isForward;
    this.start = isForward ? first : first + count - 1;
  }

  into(index: number, _member: number, slice: Slice): Slice {
    const { walk, list } = this;
    if (index > 0) {
      if (this.isForward) walk.next();
      else walk.previous();
    } else if (list !== undefined) walk.open(list, this.start);
    const { bytes, at, length } = walk.element;
    return slice.point(bytes, at, length);
  }
}

/** Copies of elements, for a list that is to have them twice. */
class Copies implements Elements {
  readonly length: number;
  private readonly copies: Buffer[] = [];

  constructor(elements: Elements) {
    this.length = elements.length;
    const slice = new Slice();
    for (let index = 0; index < this.length; index++) {
      this.copies.push(elements.into(index, 0, slice).copy());
    }
  }

  into(index: number, _member: number, slice: Slice): Slice {
    const copy = this.copies[index] ?? nothing;
    return slice.point(copy, 0, copy.length);
  }
}

const nothing = Buffer.alloc(0);
const block = new Block();
