/**
 * A compact sequence of byte strings in one run: the fields and values of a small hash, the members of a small
 * set, some items of a list. It has the role of Redis's listpack, at one byte an element instead of two:
 *
 *     pack                                              a length
 *     0   dataBytes     word                            [ n ]                        n < 255
 *     4   count         half                            [ 255 ][ n, 4 bytes ][ 255 ] otherwise
 *     6   lengthsBytes  half
 *     8   data          the elements' bytes, one after another
 *         lengths       right after the data, in the same order
 *
 * Both ends of a length say which of the two forms it has, so that a walk can go either way. Keeping lengths
 * apart from data saves the second length that a walk from the end needs elsewhere, and a search runs through
 * a few cache lines of lengths and looks only at elements of the right one. An insertion moves two runs
 * instead of one, what is behind it among the data and among the lengths, which memmove hardly notices.
 *
 * The pack lies inside a block of its owner's, who alone knows what else is in there and who must hear of it
 * when the block moves. So it never allocates: an operation that needs more than `room` changes nothing and
 * says so, the owner makes room for `packElementBytes` more, points the view there and repeats the call. Cursors
 * hold distances from the pack's beginning and stay good across the move.
 */
import { type Arena, nowhere } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import { equalBytes } from '#memory/bytes.ts';
import type { Slice } from '#memory/slice.ts';

/** Where the parts of its header are, for pack-ends.ts. */
export const dataBytesAt = 0;
export const countAt = 4;
const lengthsBytesAt = 6;
const dataAt = 8;

/** Bytes of an empty pack. */
export const packHeaderBytes = dataAt;

/** What both ends of a long length say. */
export const longMark = 255;
export const longLengthBytes = 6;

/** The most elements of a pack, so that their lengths' bytes can be counted whatever they are. */
export const packCountMax = Math.floor(0xffff / longLengthBytes);

/** What an element of `length` bytes takes. */
export function packElementBytes(length: number): number {
  return length + lengthBytes(length);
}

/** Elements of the pack at `at`. */
export function packCount(arena: Arena, at: number): number {
  return arena.half(at + countAt);
}

/** What the length of such an element takes. */
export function lengthBytes(length: number): number {
  return length < longMark ? 1 : longLengthBytes;
}

/** A place in a pack: an element, or the end. A change of the pack through another cursor makes it meaningless. */
export class PackCursor {
  index = 0;
  /** The element's bytes, or 0 at the end. */
  length = 0;
  /** Where the element begins in the data. */
  offset = 0;
  /** Where its length begins in the lengths. */
  lengthOffset = 0;
}

/** A view of one pack after another; which one is all it knows. */
export class Pack {
  arena: Arena;
  /** Where the pack is; a multiple of 4. */
  at: number;
  /** Bytes from there on that belong to it. */
  room: number;

  /** A view of nothing, or of the pack at `at`. */
  constructor(arena: Arena = nowhere, at = 0, room = 0) {
    this.arena = arena;
    this.at = at;
    this.room = room;
  }

  /** Points this view at another pack, or at where this one has moved. */
  point(arena: Arena, at: number, room: number): this {
    assert((at & 3) === 0 && room >= packHeaderBytes, 'pack: it has a place and room for a header');
    this.arena = arena;
    this.at = at;
    this.room = room;
    return this;
  }

  /** Writes the header of an empty pack. */
  format(): void {
    this.setHeader(0, 0, 0);
  }

  get count(): number {
    return this.arena.half(this.at + countAt);
  }

  /** Bytes in use, header included. */
  get bytes(): number {
    return packHeaderBytes + this.dataBytes + this.lengthsBytes;
  }

  /** Points `slice` at the element's bytes, for as long as the pack stays as it is. */
  read(cursor: PackCursor, slice: Slice): Slice {
    return slice.point(this.arena.bytes, this.at + dataAt + cursor.offset, cursor.length);
  }

  /** Where in the arena the element begins. */
  elementAt(cursor: PackCursor): number {
    return this.at + dataAt + cursor.offset;
  }

  // All that move a cursor return whether there is an element where it is now.

  /** To the first element. */
  first(cursor: PackCursor): boolean {
    cursor.index = 0;
    cursor.offset = 0;
    cursor.lengthOffset = 0;
    return this.readLength(cursor);
  }

  /** Behind the last element. */
  end(cursor: PackCursor): false {
    cursor.index = this.count;
    cursor.length = 0;
    cursor.offset = this.dataBytes;
    cursor.lengthOffset = this.lengthsBytes;
    return false;
  }

  /** To the last element. */
  last(cursor: PackCursor): boolean {
    this.end(cursor);
    return this.previous(cursor);
  }

  /** To the next element, or from the last to the end. */
  next(cursor: PackCursor): boolean {
    assert(cursor.index < this.count, 'pack: nothing comes after its end');
    cursor.index++;
    cursor.offset += cursor.length;
    cursor.lengthOffset += lengthBytes(cursor.length);
    return this.readLength(cursor);
  }

  /** To the element before; at the first it stays and returns false. */
  previous(cursor: PackCursor): boolean {
    if (cursor.index === 0) return false;
    cursor.index--;
    this.skipBack(cursor, 1);
    return this.readLength(cursor);
  }

  /** To the element at `index`, from the nearer end; to the end if there is none. O(n). */
  seek(index: number, cursor: PackCursor): boolean {
    const { count } = this;
    assert(index >= 0, 'pack: an index is not negative');
    if (index >= count) return this.end(cursor);
    if (index < count >> 1) {
      cursor.offset = 0;
      cursor.lengthOffset = 0;
      this.skip(cursor, index);
    } else {
      this.end(cursor);
      this.skipBack(cursor, count - index);
    }
    cursor.index = index;
    return this.readLength(cursor);
  }

  /**
   * To the first element that equals `sought` among those at index `from`, `from + stride` and so on; to the end
   * if there is none. A stride of 2 finds fields between their values. O(n).
   */
  find(sought: Slice, from: number, stride: number, cursor: PackCursor): boolean {
    const { arena, count, lengthsAt } = this;
    const { bytes, length } = sought;
    let at = this.at + dataAt;
    let lengthAt = lengthsAt;
    let candidate = from;
    for (let index = 0; index < count; index++) {
      let itsLength = arena.byte(lengthAt);
      let itsLengthBytes = 1;
      if (itsLength === longMark) {
        itsLength = this.longLength(lengthAt);
        itsLengthBytes = longLengthBytes;
      }
      if (index === candidate) {
        candidate += stride;
        if (itsLength === length && equalBytes(arena.bytes, at, bytes, sought.at, length)) {
          cursor.index = index;
          cursor.length = length;
          cursor.offset = at - this.at - dataAt;
          cursor.lengthOffset = lengthAt - lengthsAt;
          return true;
        }
      }
      at += itsLength;
      lengthAt += itsLengthBytes;
    }
    return this.end(cursor);
  }

  // All that add return whether there was room, and the source may be anywhere but in this pack.

  /** Adds an element before the one at the cursor, which then is at the new one. O(n). */
  insert(cursor: PackCursor, source: Slice): boolean {
    const { count } = this;
    assert(count < packCountMax, 'pack: it may have another element');
    if (this.bytes + packElementBytes(source.length) > this.room) return false;
    this.reshape(cursor, 0, 0, source.length, lengthBytes(source.length));
    this.arena.setHalf(this.at + countAt, count + 1);
    this.write(cursor, source);
    return true;
  }

  /** Adds a last element. */
  append(source: Slice): boolean {
    this.end(scratch);
    return this.insert(scratch, source);
  }

  /** Adds a first element. O(n). */
  prepend(source: Slice): boolean {
    this.first(scratch);
    return this.insert(scratch, source);
  }

  /** Gives the element at the cursor other bytes. O(n) if there are more or fewer of them. */
  replace(cursor: PackCursor, source: Slice): boolean {
    assert(cursor.index < this.count, 'pack: there is an element to replace');
    const { length } = cursor;
    const grown = packElementBytes(source.length) - packElementBytes(length);
    if (grown > 0 && this.bytes + grown > this.room) return false;
    if (source.length !== length) {
      this.reshape(cursor, length, lengthBytes(length), source.length, lengthBytes(source.length));
    }
    this.write(cursor, source);
    return true;
  }

  /** Removes `count` elements from the cursor on, which then is at the one behind them. O(n). */
  remove(cursor: PackCursor, count = 1): boolean {
    const { offset, lengthOffset } = cursor;
    assert(cursor.index + count <= this.count, 'pack: there are as many elements to remove');
    this.skip(cursor, count);
    const dataBytes = cursor.offset - offset;
    const lengthsBytes = cursor.lengthOffset - lengthOffset;
    cursor.offset = offset;
    cursor.lengthOffset = lengthOffset;
    this.reshape(cursor, dataBytes, lengthsBytes, 0, 0);
    this.arena.setHalf(this.at + countAt, this.count - count);
    return this.readLength(cursor);
  }

  private get dataBytes(): number {
    return this.arena.word(this.at + dataBytesAt);
  }

  private get lengthsBytes(): number {
    return this.arena.half(this.at + lengthsBytesAt);
  }

  private get lengthsAt(): number {
    return this.at + dataAt + this.dataBytes;
  }

  private setHeader(dataBytes: number, count: number, lengthsBytes: number): void {
    const { arena, at } = this;
    arena.setWord(at + dataBytesAt, dataBytes);
    arena.setHalf(at + countAt, count);
    arena.setHalf(at + lengthsBytesAt, lengthsBytes);
  }

  /** The length whose long form begins at `lengthAt`. */
  private longLength(lengthAt: number): number {
    return this.arena.half(lengthAt + 1) | (this.arena.half(lengthAt + 3) << 16);
  }

  /** Moves a cursor's offsets forward by `count` elements. */
  private skip(cursor: PackCursor, count: number): void {
    const { arena, lengthsAt } = this;
    let lengthAt = lengthsAt + cursor.lengthOffset;
    let dataBytes = 0;
    for (; count > 0; count--) {
      const mark = arena.byte(lengthAt);
      dataBytes += mark < longMark ? mark : this.longLength(lengthAt);
      lengthAt += mark < longMark ? 1 : longLengthBytes;
    }
    cursor.offset += dataBytes;
    cursor.lengthOffset = lengthAt - lengthsAt;
  }

  /** Moves a cursor's offsets back by `count` elements. */
  private skipBack(cursor: PackCursor, count: number): void {
    const { arena, lengthsAt } = this;
    let lengthAt = lengthsAt + cursor.lengthOffset;
    let dataBytes = 0;
    for (; count > 0; count--) {
      const mark = arena.byte(lengthAt - 1);
      lengthAt -= mark < longMark ? 1 : longLengthBytes;
      dataBytes += mark < longMark ? mark : this.longLength(lengthAt);
    }
    cursor.offset -= dataBytes;
    cursor.lengthOffset = lengthAt - lengthsAt;
  }

  /** Lets a cursor whose offsets are set know its element's length. */
  private readLength(cursor: PackCursor): boolean {
    if (cursor.index >= this.count) return this.end(cursor);
    const lengthAt = this.lengthsAt + cursor.lengthOffset;
    const mark = this.arena.byte(lengthAt);
    cursor.length = mark < longMark ? mark : this.longLength(lengthAt);
    return true;
  }

  /**
   * Makes the bytes and the lengths at a cursor longer or shorter. Of what is behind them, the data and the
   * lengths before the cursor's are one run; the lengths behind it are another and move further.
   */
  private reshape(
    cursor: PackCursor,
    dataBytes: number,
    lengthsBytes: number,
    newDataBytes: number,
    newLengthsBytes: number,
  ): void {
    const { arena, at, lengthsAt } = this;
    const end = at + this.bytes;
    const run = at + dataAt + cursor.offset + dataBytes;
    const runEnd = lengthsAt + cursor.lengthOffset;
    const rest = runEnd + lengthsBytes;
    const by = newDataBytes - dataBytes;
    const restBy = by + newLengthsBytes - lengthsBytes;
    // Where it grows, the rest has to make way first; both differences have the same sign.
    if (by >= 0 && end > rest) arena.move(rest + restBy, rest, end - rest);
    if (runEnd > run && by !== 0) arena.move(run + by, run, runEnd - run);
    if (by < 0 && end > rest) arena.move(rest + restBy, rest, end - rest);
    const lengthsBytesNow = this.lengthsBytes + newLengthsBytes - lengthsBytes;
    this.setHeader(this.dataBytes + by, this.count, lengthsBytesNow);
  }

  /** Fills the place that was made for an element, and tells the cursor. */
  private write(cursor: PackCursor, source: Slice): void {
    const { arena, at } = this;
    const { length } = source;
    cursor.length = length;
    arena.put(at + dataAt + cursor.offset, source.bytes, source.at, length);
    const lengthAt = this.lengthsAt + cursor.lengthOffset;
    if (length < longMark) {
      arena.setByte(lengthAt, length);
      return;
    }
    arena.setByte(lengthAt, longMark);
    arena.setHalf(lengthAt + 1, length & 0xffff);
    arena.setHalf(lengthAt + 3, length >>> 16);
    arena.setByte(lengthAt + longLengthBytes - 1, longMark);
  }

  /** Walks both ways and checks that everything adds up. O(n); for tests. */
  verify(): void {
    const cursor = new PackCursor();
    assert((this.at & 3) === 0, 'pack: it is aligned');
    assert(this.bytes <= this.room, 'pack: it keeps to its room');
    assert(this.count <= packCountMax, 'pack: its count is possible');
    let dataBytes = 0;
    let lengthsBytes = 0;
    for (let more = this.first(cursor); more; more = this.next(cursor)) {
      assert(cursor.length >= 0 && cursor.offset === dataBytes, 'pack: data is without gaps');
      assert(cursor.lengthOffset === lengthsBytes, 'pack: lengths are without gaps');
      dataBytes += cursor.length;
      lengthsBytes += lengthBytes(cursor.length);
    }
    assert(dataBytes === this.dataBytes, 'pack: its lengths add up to its data');
    assert(lengthsBytes === this.lengthsBytes, 'pack: its lengths are as many as its count');
    for (let more = this.last(cursor); more; more = this.previous(cursor)) {
      dataBytes -= cursor.length;
      assert(cursor.offset === dataBytes, 'pack: a walk back sees the same');
    }
    assert(dataBytes === 0 && cursor.lengthOffset === 0, 'pack: a walk back ends at the beginning');
  }
}

/** Where {@link Pack.append} and {@link Pack.prepend} add. */
const scratch = new PackCursor();
