/**
 * Blocks that begin with a {@link StreamId}, in the order of their ids: a stream's nodes, the entries that wait for an
 * acknowledgement. The tree's order words are the milliseconds; the sequence is read from the block.
 *
 * Value 0 stands for the id that is looked for, which has no block.
 */
import { nullRef, type Ref } from '#memory/arena.ts';
import { compareWords, type StreamId } from './stream-id.ts';
import { Tree, TreeCursor } from './tree.ts';

const msLowAt = 4;
const seqHighAt = 8;
const seqLowAt = 12;

export class IdTree extends Tree {
  private seqHigh = 0;
  private seqLow = 0;

  protected override compareValues(a: number, b: number): number {
    const { arena } = this;
    const aHigh = a === 0 ? this.seqHigh : arena.word(a + seqHighAt);
    const bHigh = b === 0 ? this.seqHigh : arena.word(b + seqHighAt);
    if (aHigh !== bHigh) return compareWords(aHigh, bHigh);
    const aLow = a === 0 ? this.seqLow : arena.word(a + seqLowAt);
    const bLow = b === 0 ? this.seqLow : arena.word(b + seqLowAt);
    return compareWords(aLow, bLow);
  }

  /** Adds a block, whose id is written and not in the tree. Throws ArenaFullError, with the tree as it was. */
  add(block: Ref): void {
    this.insert(this.arena.word(block), this.arena.word(block + msLowAt), block);
  }

  /** Takes out a block, which is still there. */
  take(block: Ref): boolean {
    return this.remove(this.arena.word(block), this.arena.word(block + msLowAt), block);
  }

  /** Lets `moved`, with the same id, stand for `block`. Both are still there. */
  exchange(block: Ref, moved: Ref): boolean {
    const { arena } = this;
    return this.replaceValue(arena.word(block), arena.word(block + msLowAt), block, moved);
  }

  /** To the first block whose id is not below `id`. */
  seekId(id: StreamId, cursor: TreeCursor): boolean {
    this.seqHigh = id.seqHigh;
    this.seqLow = id.seqLow;
    return this.seekElement(id.msHigh, id.msLow, 0, cursor);
  }

  /** To the last block whose id is not above `id`. */
  seekLastUpTo(id: StreamId, cursor: TreeCursor): boolean {
    if (!this.seekId(id, cursor)) return this.last(cursor);
    return this.isAt(id, cursor) || this.previous(cursor);
  }

  /** The block of an id, or null. */
  find(id: StreamId): Ref {
    if (!this.seekId(id, scratch) || !this.isAt(id, scratch)) return nullRef;
    return this.value(scratch);
  }

  /** The block with the highest id. The tree is not empty. */
  lastBlock(): Ref {
    this.last(scratch);
    return this.value(scratch);
  }

  private isAt(id: StreamId, cursor: TreeCursor): boolean {
    const { arena } = this;
    const block = this.value(cursor);
    return (
      arena.word(block) === id.msHigh &&
      arena.word(block + msLowAt) === id.msLow &&
      arena.word(block + seqHighAt) === id.seqHigh &&
      arena.word(block + seqLowAt) === id.seqLow
    );
  }
}

const scratch = new TreeCursor();
