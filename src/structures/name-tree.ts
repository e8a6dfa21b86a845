/**
 * Blocks that carry a name, in the order of the names' bytes: a stream's groups, a group's consumers. The tree's order
 * words are a name's first 8 bytes, so that most comparisons end there.
 *
 *     block   0   name length     word
 *             …   what the owner keeps, `nameOffset - 4` bytes
 *             nameOffset          name
 *
 * Value 0 stands for the name that is looked for, which has no block.
 */
import { allocate } from '#memory/allocator.ts';
import { nullRef, type Ref } from '#memory/arena.ts';
import { byteAt } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import { Tree, TreeCursor } from './tree.ts';

const orderBytes = 8;

export class NameTree extends Tree {
  private readonly nameOffset: number;
  private readonly wanted = new Slice();
  private readonly name = new Slice();
  private readonly other = new Slice();

  /** A view of nothing, for trees of blocks whose names are at this offset. */
  constructor(nameOffset: number) {
    super();
    this.nameOffset = nameOffset;
  }

  protected override compareValues(a: number, b: number): number {
    // Values are references to blocks of this tree, or 0.
    const one = a === 0 ? this.wanted : this.nameOf(a as Ref, this.name);
    const two = b === 0 ? this.wanted : this.nameOf(b as Ref, this.other);
    return one.bytes.compare(two.bytes, two.at, two.at + two.length, one.at, one.at + one.length);
  }

  /** Points `slice` at a block's name. */
  nameOf(block: Ref, slice: Slice): Slice {
    const { arena } = this;
    return slice.point(arena.bytes, block + this.nameOffset, arena.word(block));
  }

  /** A new block with this name, whose owner's part is undefined, not in the tree yet. Throws ArenaFullError. */
  create(name: Slice): Ref {
    const { arena } = this;
    const block = allocate(arena, this.nameOffset + name.length);
    arena.setWord(block, name.length);
    arena.put(block + this.nameOffset, name.bytes, name.at, name.length);
    return block;
  }

  /** Adds a block whose name is not in the tree. Throws ArenaFullError, with the tree as it was. */
  add(block: Ref): void {
    const name = this.nameOf(block, this.name);
    this.insert(orderWord(name, 0), orderWord(name, 1), block);
  }

  /** Takes out a block, which is still there. */
  take(block: Ref): void {
    const name = this.nameOf(block, this.name);
    this.remove(orderWord(name, 0), orderWord(name, 1), block);
  }

  /** The block of a name, or null. */
  find(name: Slice): Ref {
    if (this.count === 0) return nullRef;
    this.wanted.point(name.bytes, name.at, name.length);
    if (!this.seekElement(orderWord(name, 0), orderWord(name, 1), 0, scratch)) return nullRef;
    const block = this.value(scratch);
    return this.compareValues(block, 0) === 0 ? block : nullRef;
  }
}

/** The first or second four bytes of a name, as if zeros followed it; names that differ only by zeros are told apart later. */
function orderWord({ bytes, at, length }: Slice, index: 0 | 1): number {
  let word = 0;
  for (let i = index * 4; i < index * 4 + orderBytes / 2; i++) {
    word = (word << 8) | (i < length ? byteAt(bytes, at + i) : 0);
  }
  return word;
}

const scratch = new TreeCursor();
