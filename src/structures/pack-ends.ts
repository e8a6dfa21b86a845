/**
 * Adding to and removing from the ends of a {@link Pack}, which is what lists do all day: the same as with a cursor, but
 * straight, with each part of the header read and written once.
 *
 *     header  data ................  lengths .....
 *     header  data ................  NEW  lengths .....  N       append
 *     header  NEW  data ................  N  lengths .....       prepend
 */
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
