/**
 * Adding to and removing from the ends of a {@link Pack}, which is what lists do all day: the same as with a cursor, but
 * straight, with each part of the header read and written once.
 *
 *     header  data ................  lengths .....
 *     header  data ................  NEW  lengths .....  N       append
 *     header  NEW  data ................  N  lengths .....       prepend
 *
 * What happens at the end moves a few lengths, what happens at the beginning everything. So whoever mostly adds and removes
 * first elements keeps them last first, and calls {@link reverseElements} where others want them in order.
 */
import { byteAt } from '#memory/bytes.ts';
import type { Slice } from '#memory/slice.ts';
import {
  countAt,
  dataBytesAt,
  lengthBytes,
  longLengthBytes,
  longMark,
  type Pack,
  packCountMax,
  packHeaderBytes,
} from './pack.ts';

/** The half of the header's second word that has the lengths' bytes. */
const lengthsShift = 16;
const countMask = 0xffff;

/** Adds a last element. Returns whether there was room. */
export function appendElement(pack: Pack, source: Slice): boolean {
  const { arena, at } = pack;
  const { length } = source;
  const dataBytes = arena.word(at + dataBytesAt);
  const counts = arena.word(at + countAt);
  const lengthsBytes = counts >>> lengthsShift;
  const added = lengthBytes(length);
  if (packHeaderBytes + dataBytes + lengthsBytes + length + added > pack.room) return false;
  if ((counts & countMask) >= packCountMax) return false;
  const lengthsAt = at + packHeaderBytes + dataBytes;
  if (lengthsBytes > 0) arena.move(lengthsAt + length, lengthsAt, lengthsBytes);
  arena.put(lengthsAt, source.bytes, source.at, length);
  arena.setWord(at + dataBytesAt, dataBytes + length);
  arena.setWord(at + countAt, counts + 1 + (added << lengthsShift));
  writeLength(pack, lengthsAt + length + lengthsBytes, length);
  return true;
}

/** Adds a first element. Returns whether there was room. O(n). */
export function prependElement(pack: Pack, source: Slice): boolean {
  const { arena, at } = pack;
  const { length } = source;
  const dataBytes = arena.word(at + dataBytesAt);
  const counts = arena.word(at + countAt);
  const lengthsBytes = counts >>> lengthsShift;
  const added = lengthBytes(length);
  if (packHeaderBytes + dataBytes + lengthsBytes + length + added > pack.room) return false;
  if ((counts & countMask) >= packCountMax) return false;
  const dataStart = at + packHeaderBytes;
  const lengthsAt = dataStart + dataBytes;
  if (lengthsBytes > 0) {
    arena.move(lengthsAt + length + added, lengthsAt, lengthsBytes);
    arena.move(dataStart + length, dataStart, dataBytes);
  }
  arena.put(dataStart, source.bytes, source.at, length);
  arena.setWord(at + dataBytesAt, dataBytes + length);
  arena.setWord(at + countAt, counts + 1 + (added << lengthsShift));
  writeLength(pack, lengthsAt + length, length);
  return true;
}

/** Points `slice` at the first element, which there is, for as long as the pack stays as it is. */
export function readFirstElement(pack: Pack, slice: Slice): Slice {
  const { arena, at } = pack;
  const dataStart = at + packHeaderBytes;
  return slice.point(
    arena.bytes,
    dataStart,
    lengthAt(pack, dataStart + arena.word(at + dataBytesAt)),
  );
}

/** Points `slice` at the last element, which there is, for as long as the pack stays as it is. */
export function readLastElement(pack: Pack, slice: Slice): Slice {
  const { arena, at } = pack;
  const lengthsAt = at + packHeaderBytes + arena.word(at + dataBytesAt);
  const length = lengthBefore(pack, lengthsAt + (arena.word(at + countAt) >>> lengthsShift));
  return slice.point(arena.bytes, lengthsAt - length, length);
}

/** Removes the first element, which there is. O(n). */
export function removeFirstElement(pack: Pack): void {
  const { arena, at } = pack;
  const dataBytes = arena.word(at + dataBytesAt);
  const counts = arena.word(at + countAt);
  const lengthsBytes = counts >>> lengthsShift;
  const dataStart = at + packHeaderBytes;
  const lengthsAt = dataStart + dataBytes;
  const length = lengthAt(pack, lengthsAt);
  const removed = lengthBytes(length);
  arena.setWord(at + dataBytesAt, dataBytes - length);
  arena.setWord(at + countAt, counts - 1 - (removed << lengthsShift));
  if (lengthsBytes === removed) return;
  arena.move(dataStart, dataStart + length, dataBytes - length);
  arena.move(lengthsAt - length, lengthsAt + removed, lengthsBytes - removed);
}

/** Removes the last element, which there is. */
export function removeLastElement(pack: Pack): void {
  const { arena, at } = pack;
  const dataBytes = arena.word(at + dataBytesAt);
  const counts = arena.word(at + countAt);
  const lengthsBytes = counts >>> lengthsShift;
  const lengthsAt = at + packHeaderBytes + dataBytes;
  const length = lengthBefore(pack, lengthsAt + lengthsBytes);
  const removed = lengthBytes(length);
  arena.setWord(at + dataBytesAt, dataBytes - length);
  arena.setWord(at + countAt, counts - 1 - (removed << lengthsShift));
  if (lengthsBytes > removed && length > 0) {
    arena.move(lengthsAt - length, lengthsAt, lengthsBytes - removed);
  }
}

/** Puts the elements in the opposite order. O(n). */
export function reverseElements({ arena, at }: Pack): void {
  const dataBytes = arena.word(at + dataBytesAt);
  const counts = arena.word(at + countAt);
  // A single element may be of any size.
  if ((counts & countMask) < 2) return;
  const dataStart = at + packHeaderBytes;
  const end = dataStart + dataBytes + (counts >>> lengthsShift);
  if (copied.length < end - dataStart) copied = Buffer.allocUnsafe(end - dataStart);
  arena.bytes.copy(copied, 0, dataStart, end);
  let from = 0;
  let fromLength = dataBytes;
  let to = dataStart + dataBytes;
  let toLength = end;
  for (let left = counts & countMask; left > 0; left--) {
    const mark = byteAt(copied, fromLength);
    const length = mark < longMark ? mark : copied.readUInt32LE(fromLength + 1);
    const taken = lengthBytes(length);
    to -= length;
    toLength -= taken;
    arena.put(to, copied, from, length);
    // Both ends of a length are alike.
    if (taken === 1) arena.setByte(toLength, mark);
    else arena.put(toLength, copied, fromLength, taken);
    from += length;
    fromLength += taken;
  }
}

/** The elements and lengths that {@link reverseElements} reads. */
let copied = Buffer.allocUnsafe(4096);

function lengthAt({ arena }: Pack, at: number): number {
  const mark = arena.byte(at);
  return mark < longMark ? mark : arena.half(at + 1) | (arena.half(at + 3) << 16);
}

/** The length that ends at `end`. */
function lengthBefore(pack: Pack, end: number): number {
  const mark = pack.arena.byte(end - 1);
  return mark < longMark ? mark : lengthAt(pack, end - longLengthBytes);
}

function writeLength({ arena }: Pack, at: number, length: number): void {
  if (length < longMark) {
    arena.setByte(at, length);
    return;
  }
  arena.setByte(at, longMark);
  arena.setHalf(at + 1, length & 0xffff);
  arena.setHalf(at + 3, length >>> 16);
  arena.setByte(at + longLengthBytes - 1, longMark);
}
