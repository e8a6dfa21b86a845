/**
 * Bitmaps: strings addressed by bit. Bit 0 is the most significant of the first byte, and a string is as if zeros
 * without end followed it: reading past its end gives 0, writing there makes it longer.
 *
 * A string that a bit command may have written to is `edited` (OBJECT ENCODING says raw) even where nothing changed,
 * as in Redis, which unshares the string before it looks. Nothing else happens then: no event, nothing dirty.
 */
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { byteAt } from '#memory/bytes.ts';

/** The event of every change of single bits, BITFIELD's too. */
export const bitEvent = 'setbit';

/** The byte that a bit lies in. Offsets reach 2^32 and beyond, where a shift would cut them. */
export function byteOfBit(offset: number): number {
  return Math.floor(offset / 8);
}

/** The bit at `offset` of the string at the cursor, 0 where there is none. */
export function readBit(cursor: KeyCursor, offset: number): number {
  if (cursor.entry === 0) return 0;
  const byte = byteOfBit(offset);
  if (byte >= cursor.valueLength) return 0;
  return (byteAt(cursor.bytes, cursor.valueAt + byte) >> (7 - (offset & 7))) & 1;
}

/** Sets the bit at `offset` to 0 or 1 and returns what it was. Makes or extends the string as needed. */
export function writeBit(cursor: KeyCursor, offset: number, bit: number): number {
  const byte = byteOfBit(offset);
  const grew = extend(cursor, byte + 1);
  const before = readBit(cursor, offset);
  if (before === bit) return before;
  if (!grew) cursor.edit(bitEvent);
  const { bytes } = cursor;
  const at = cursor.valueAt + byte;
  bytes[at] = byteAt(bytes, at) ^ (0x80 >> (offset & 7));
  return before;
}

/**
 * Makes the string at the cursor at least `length` bytes long, the new ones zeros, creating it if needed, and
 * marks it as edited. Returns whether it changed; only then is it announced. Throws ArenaFullError.
 */
export function extend(cursor: KeyCursor, length: number): boolean {
  const exists = cursor.entry !== 0;
  const before = exists ? cursor.valueLength : 0;
  const grows = !exists || length > before;
  if (!exists) cursor.overwrite(bitEvent, valueType.string, length);
  else if (grows) cursor.resize(bitEvent, length);
  cursor.edited = true;
  if (grows) cursor.bytes.fill(0, cursor.valueAt + before, cursor.valueAt + length);
  return grows;
}
