/**
 * LZF, the compression inside RDB strings: fast, byte-aligned, and without a header. A compressed text is a
 * sequence of two kinds of items, told apart by the high bits of their first byte:
 *
 *     literal   000nnnnn                            n + 1 bytes follow as they are (1 to 32)
 *     copy      lllooooo oooooooo                   l + 2 bytes (3 to 8) from o + 1 bytes back
 *     copy      111ooooo llllllll oooooooo          l + 9 bytes (9 to 264) from o + 1 bytes back
 *
 * A copy may overlap what it writes, which is how a run of one byte is said. Offsets have 13 bits: 8 KiB back.
 */
import { byteAt, copyBytes } from '#memory/bytes.ts';

const literalMax = 32;
const copyMin = 3;
const longCopyMin = 9;
const copyMax = 264;
const distanceMax = 8192;
const longCopyMark = 7;

/** No compressed text stands for more than this many times its length: three bytes say a copy of 264. */
export const expansionMax = copyMax / 3;

const hashBits = 14;
/** Where three bytes of some hash were last seen, in whatever was compressed then: to be checked before use. */
const lastSeen = new Int32Array(1 << hashBits);

/**
 * Writes `from[fromAt, +fromLength)` compressed to `to` at `toAt`, where `room` bytes may be written. Returns
 * how many were, or 0 when they did not suffice. The buffers are not the same. O(fromLength).
 */
export function compress(
  from: Buffer,
  fromAt: number,
  fromLength: number,
  to: Buffer,
  toAt: number,
  room: number,
): number {
  const fromEnd = fromAt + fromLength;
  const toEnd = toAt + room;
  let at = fromAt;
  let literalsAt = fromAt;
  let out = toAt;
  while (at + copyMin <= fromEnd) {
    const hash = hashAt(from, at);
    const candidate = lastSeen[hash] as number; // a hash is within the table
    lastSeen[hash] = at;
    if (
      candidate < fromAt ||
      candidate >= at ||
      at - candidate > distanceMax ||
      !isSame(from, candidate, at)
    ) {
      at++;
      continue;
    }
    out = putLiterals(from, literalsAt, at, to, out, toEnd);
    const length = matchLength(from, candidate, at, Math.min(copyMax, fromEnd - at));
    if (out < 0 || out + 3 > toEnd) return 0;
    out = putCopy(to, out, at - candidate - 1, length);
    // What a match covers is a place to copy from too; its last two bytes are enough to find long runs again.
    const matchEnd = at + length;
    for (at = Math.max(at + 1, matchEnd - 2); at < matchEnd; at++) {
      if (at + copyMin <= fromEnd) lastSeen[hashAt(from, at)] = at;
    }
    literalsAt = at;
  }
  out = putLiterals(from, literalsAt, fromEnd, to, out, toEnd);
  return out < 0 ? 0 : out - toAt;
}

/**
 * Writes what `from[fromAt, +fromLength)` stands for to `to` at `toAt`, and returns whether that was sound and
 * gave just `length` bytes, for which there is room. O(length).
 */
export function decompress(
  from: Buffer,
  fromAt: number,
  fromLength: number,
  to: Buffer,
  toAt: number,
  length: number,
): boolean {
  const fromEnd = fromAt + fromLength;
  const toEnd = toAt + length;
  let at = fromAt;
  let out = toAt;
  while (at < fromEnd) {
    const control = byteAt(from, at++);
    if (control < literalMax) {
      const count = control + 1;
      if (count > fromEnd - at || count > toEnd - out) return false;
      copyBytes(to, out, from, at, count);
      at += count;
      out += count;
      continue;
    }
    let count = control >>> 5;
    if (at + (count === longCopyMark ? 2 : 1) > fromEnd) return false;
    if (count === longCopyMark) count += byteAt(from, at++);
    count += 2;
    const source = out - 1 - (((control & 31) << 8) | byteAt(from, at++));
    if (source < toAt || count > toEnd - out) return false;
    // Byte by byte, as a copy may read what it has just written.
    for (let i = 0; i < count; i++) to[out + i] = byteAt(to, source + i);
    out += count;
  }
  return out === toEnd;
}

/** A hash of the three bytes at `at`. */
function hashAt(bytes: Buffer, at: number): number {
  const three = (byteAt(bytes, at) << 16) | (byteAt(bytes, at + 1) << 8) | byteAt(bytes, at + 2);
  return Math.imul(three, 0x9e3779b1) >>> (32 - hashBits);
}

function isSame(bytes: Buffer, a: number, b: number): boolean {
  return (
    byteAt(bytes, a) === byteAt(bytes, b) &&
    byteAt(bytes, a + 1) === byteAt(bytes, b + 1) &&
    byteAt(bytes, a + 2) === byteAt(bytes, b + 2)
  );
}

/** How many bytes from `a` on are those from `b` on, at most `max`; the first three are known to be. */
function matchLength(bytes: Buffer, a: number, b: number, max: number): number {
  let length = copyMin;
  while (length < max && byteAt(bytes, a + length) === byteAt(bytes, b + length)) length++;
  return length;
}

/** Writes literals and returns where they end, or -1 when there is no room for them. */
function putLiterals(
  from: Buffer,
  at: number,
  end: number,
  to: Buffer,
  out: number,
  toEnd: number,
): number {
  while (at < end) {
    const count = Math.min(literalMax, end - at);
    if (out + 1 + count > toEnd) return -1;
    to[out] = count - 1;
    copyBytes(to, out + 1, from, at, count);
    at += count;
    out += 1 + count;
  }
  return out;
}

/** Writes a copy and returns where it ends; there is room. */
function putCopy(to: Buffer, out: number, offset: number, length: number): number {
  const isLong = length >= longCopyMin;
  to[out++] = ((isLong ? longCopyMark : length - 2) << 5) | (offset >>> 8);
  if (isLong) to[out++] = length - longCopyMin;
  to[out++] = offset & 255;
  return out;
}
