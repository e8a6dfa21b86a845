/** Reading a list: a walk from any of its elements, either way, however the list is kept. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { type Arena, nowhere } from '#memory/arena.ts';
import { equalBytes } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import { Sequence } from '#structures/sequence.ts';
import { inTail, SequenceCursor } from '#structures/sequence-root.ts';
import { isPacked, packOf, sequenceOf } from './lists-form.ts';

/** A place in one list after another. Any change of the list makes it meaningless. */
export class ListCursor {
  /** The arena that has the element. */
  arena: Arena = nowhere;
  /** The element's bytes, in the arena. */
  readonly element = new Slice();
  private readonly at = new SequenceCursor();
  private readonly sequence = new Sequence();
  private isPacked = true;

  // All that move it return whether there is an element where it is now; from nowhere it cannot go on.

  /** To the element at `index`, which is not negative, of the list at `cursor`. */
  open(cursor: KeyCursor, index: number): boolean {
    const { at } = this;
    this.arena = cursor.arena;
    this.isPacked = isPacked(cursor);
    if (this.isPacked) {
      // Its only pack is in order, as a sequence's tail is.
      at.region = inTail;
      if (!packOf(cursor, at.pack).seek(index, at.place)) return false;
    } else if (!sequenceOf(cursor, this.sequence).seek(index, at)) return false;
    return this.read();
  }

  next(): boolean {
    const { at } = this;
    if (at.nextInPack()) return this.read();
    return !this.isPacked && this.sequence.nextPack(at) && this.read();
  }

  previous(): boolean {
    const { at } = this;
    if (at.previousInPack()) return this.read();
    return !this.isPacked && this.sequence.previousPack(at) && this.read();
  }

  /** Whether the element has these bytes. */
  equals({ bytes, at, length }: Slice): boolean {
    const { element } = this;
    if (element.length !== length) return false;
    return equalBytes(element.bytes, element.at, bytes, at, length);
  }

  private read(): true {
    const { at, element } = this;
    at.pack.read(at.place, element);
    return true;
  }
}
