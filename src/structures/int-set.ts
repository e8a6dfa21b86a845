/**
 * A sorted array of distinct int64, each in as few bytes as the widest of them needs: a small set of integers. It has
 * the role of Redis's intset:
 *
 *     0   header   word: bits 0-1 the width, 1 to 3 for 2, 4 or 8 bytes; the rest the count
 *     4   values   ascending, little-endian, of 8 bytes the low word first
 *
 * Finding is a binary search; adding and removing move what is behind. A value that needs more bytes than the others
 * have is below or above all of them, and widens each on the way. They never get narrower again, which would cost a
 * look at all of them.
 *
 * JavaScript has no int64 that costs nothing, so a value is two int32 here: `high`, and `low` with the lower 32 bits.
 *
 * Like a {@link Pack}, an int-set lies inside a block of its owner's and never allocates: an insertion that needs
 * more than `room` changes nothing and says so, the owner makes room for {@link IntSet.bytesWith}, points the view
 * there and repeats the call.
 */
import type { Arena } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';

const valuesAt = 4;
const widthBits = 2;
const widthMask = (1 << widthBits) - 1;
const widthMin = 1;
const widthMax = 3;

/** Bytes of an empty int-set. */
export const intSetHeaderBytes = valuesAt;

/** The most values, so that header and bytes can be counted in an int32. */
export const intSetCountMax = 1 << 26;

/** The width that a value needs: 1 to 3 for 2, 4 or 8 bytes. */
function widthOf(high: number, low: number): number {
  if (high !== low >> 31) return 3;
  return low === (low << 16) >> 16 ? 1 : 2;
}

/** Whether `high`, `low` is less than another value. */
function isLess(high: number, low: number, otherHigh: number, otherLow: number): boolean {
  return high === otherHigh ? low >>> 0 < otherLow >>> 0 : high < otherHigh;
}

/** A view of one int-set after another, and of one of its values. */
export class IntSet {
  /** The higher half of the value last read. */
  high = 0;
  /** Its lower half, as an int32. */
  low = 0;
  // Set by point(), before which there is nothing to view.
  private arena!: Arena;
  private at = 0;
  private room = 0;

  /** Points this view at the int-set at byte offset `at`, a multiple of 4, with `room` bytes of its own. */
  point(arena: Arena, at: number, room: number): this {
    assert((at & 3) === 0 && room >= valuesAt, 'int-set: it has a place and room for a header');
    this.arena = arena;
    this.at = at;
    this.room = room;
    return this;
  }

  /** Writes the header of an empty int-set. */
  format(): void {
    this.setHeader(0, widthMin);
  }

  get count(): number {
    return this.arena.word(this.at) >>> widthBits;
  }

  /** Bytes in use, header included. */
  get bytes(): number {
    return valuesAt + (this.count << this.width);
  }

  /** Bytes in use once it has this value too. */
  bytesWith(high: number, low: number): number {
    return valuesAt + ((this.count + 1) << Math.max(this.width, widthOf(high, low)));
  }

  /** Reads the value at `index` into `high` and `low`. O(1). */
  read(index: number): void {
    this.readAt(this.width, index);
  }

  /** Where the value is, or as -1 - index where it belongs. O(log n). */
  find(high: number, low: number): number {
    const { width } = this;
    if (widthOf(high, low) > width) return -1 - (high < 0 ? 0 : this.count);
    return width === widthMax ? this.findWide(high, low) : this.findNarrow(width, low);
  }

  /** Adds a value that belongs at `index`. Returns whether there was room. O(n). */
  insert(index: number, high: number, low: number): boolean {
    const { arena, count } = this;
    assert(count < intSetCountMax, 'int-set: it may have another value');
    if (this.bytesWith(high, low) > this.room) return false;
    const needed = widthOf(high, low);
    if (needed > this.width) this.widen(needed, index === 0 ? 1 : 0);
    else {
      const from = this.at + valuesAt + (index << this.width);
      arena.move(from + (1 << this.width), from, (count - index) << this.width);
    }
    this.setHeader(count + 1, this.width);
    this.writeAt(this.width, index, high, low);
    return true;
  }

  /** Removes the value at `index`. O(n). */
  remove(index: number): void {
    const { arena, count, width } = this;
    assert(index >= 0 && index < count, 'int-set: there is a value to remove');
    const to = this.at + valuesAt + (index << width);
    arena.move(to, to + (1 << width), (count - index - 1) << width);
    this.setHeader(count - 1, width);
  }

  private get width(): number {
    return this.arena.word(this.at) & widthMask;
  }

  /** {@link find} among values of 2 or 4 bytes. */
  private findNarrow(width: number, low: number): number {
    const { view } = this.arena;
    const valuesFrom = this.at + valuesAt;
    let from = 0;
    let to = this.count;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const at = valuesFrom + (middle << width);
      const value = width === 2 ? view.getInt32(at, true) : view.getInt16(at, true);
      if (value === low) return middle;
      if (value < low) from = middle + 1;
      else to = middle;
    }
    return -1 - from;
  }

  private findWide(high: number, low: number): number {
    const { arena } = this;
    const valuesFrom = this.at + valuesAt;
    let from = 0;
    let to = this.count;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const at = valuesFrom + (middle << widthMax);
      const itsLow = arena.word(at);
      const itsHigh = arena.word(at + 4);
      if (itsHigh === high && itsLow === low) return middle;
      if (isLess(itsHigh, itsLow, high, low)) from = middle + 1;
      else to = middle;
    }
    return -1 - from;
  }

  private setHeader(count: number, width: number): void {
    this.arena.setWord(this.at, (count << widthBits) | width);
  }

  private readAt(width: number, index: number): void {
    const { arena } = this;
    const at = this.at + valuesAt + (index << width);
    if (width === 3) {
      this.low = arena.word(at);
      this.high = arena.word(at + 4);
      return;
    }
    this.low = width === 2 ? arena.word(at) : arena.view.getInt16(at, true);
    this.high = this.low >> 31;
  }

  private writeAt(width: number, index: number, high: number, low: number): void {
    const { arena } = this;
    const at = this.at + valuesAt + (index << width);
    if (width === 1) {
      arena.setHalf(at, low & 0xffff);
      return;
    }
    arena.setWord(at, low);
    if (width === 3) arena.setWord(at + 4, high);
  }

  /** Gives every value the width `to`, and its place `by` further. From the end, for places only move up. */
  private widen(to: number, by: number): void {
    const { count, width } = this;
    for (let index = count - 1; index >= 0; index--) {
      this.readAt(width, index);
      this.writeAt(to, index + by, this.high, this.low);
    }
    this.setHeader(count, to);
  }

  /** Checks that the values ascend and keep to the room. O(n); for tests. */
  verify(): void {
    assert((this.at & 3) === 0 && this.width >= widthMin, 'int-set: it is aligned and has a width');
    assert(this.bytes <= this.room, 'int-set: it keeps to its room');
    for (let index = 1; index < this.count; index++) {
      this.read(index - 1);
      const { high, low } = this;
      this.read(index);
      assert(isLess(high, low, this.high, this.low), 'int-set: its values ascend');
    }
  }
}
