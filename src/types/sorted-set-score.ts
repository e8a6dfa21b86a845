/**
 * A score inside a pack: as few bytes as it takes. Its length says what it is.
 *
 *     1, 2, 4   an integer of that many bytes, little-endian
 *     8         a double, little-endian: whatever is no such integer
 *
 * -0 becomes 0, as in Redis's compact form.
 */
import type { Arena } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';

const doubleBytes = 8;
const buffer = Buffer.alloc(doubleBytes);
const view = new DataView(buffer.buffer, buffer.byteOffset, doubleBytes);
const encoded = new Slice(buffer);

/** The bytes that stand for a score, until the next call. */
export function encodeScore(score: number): Slice {
  const integer = score | 0;
  if (integer !== score) {
    view.setFloat64(0, score, true);
    encoded.length = doubleBytes;
  } else {
    view.setInt32(0, integer, true);
    encoded.length =
      (integer << 24) >> 24 === integer ? 1 : (integer << 16) >> 16 === integer ? 2 : 4;
  }
  return encoded;
}

/** The score that `length` bytes at `at` stand for. */
export function decodeScore(arena: Arena, at: number, length: number): number {
  if (length === 1) return arena.view.getInt8(at);
  if (length === 2) return arena.view.getInt16(at, true);
  if (length === 4) return arena.view.getInt32(at, true);
  return arena.view.getFloat64(at, true);
}
