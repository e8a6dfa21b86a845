/** Runs of byte strings that are to be added to a list: of a request, of another list, or copied. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { ListCursor } from './list-cursor.ts';

/** Byte strings to add, one after another. Read in order, from the first on, maybe more than once. */
export interface Elements {
  readonly length: number;
  /** Points `slice` at the one at `index`; `member` is 0. */
  into(index: number, member: number, slice: Slice): Slice;
}

/** A run of a list's elements in one of both directions, read where they are. To be read in order. */
export class ListBlock implements Elements {
  length = 0;
  private list: KeyCursor | undefined;
  private start = 0;
  private isForward = true;
  private readonly walk = new ListCursor();

  /** Points it at `count` elements of the list at the cursor `list`, from the one at `first` on or up to it. */
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
export class Copies implements Elements {
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
