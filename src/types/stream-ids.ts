/** Ids of stream entries as text: `<ms>-<sequence>`, two unsigned 64-bit integers in decimal. */
import { byteAt, copyBytes } from '#memory/bytes.ts';
import type { Slice } from '#memory/slice.ts';
import type { StreamId } from '#structures/stream-id.ts';
import { formatInteger, parseInteger } from './int64.ts';

/** The longest text of an id. */
export const streamIdTextMax = 41;

/** Redis reads ids of up to so many bytes. */
const textBytesMax = 127;
const dash = 0x2d;
const plus = 0x2b;
const star = 0x2a;
const uint64Max = 2n ** 64n - 1n;
const safeWords = 2 ** 21;

/** What parseStreamId made of a text. */
export type ParsedId = 'id' | 'ms-*' | 'invalid';

/** The high and the low word of the number that was read last. */
let high = 0;
let low = 0;

/** Reads `<ms>` or `<ms>-<sequence>`; a missing sequence is the lowest, or the highest there is. */
export function parseStrictId(text: Slice, into: StreamId, missing: 'first' | 'last'): boolean {
  return parseNewId(text, into, missing) === 'id';
}

/** Like {@link parseStrictId}, and `-` and `+` are the first and the last id there can be. */
export function parseBoundId(text: Slice, into: StreamId, missing: 'first' | 'last'): boolean {
  if (text.length === 1) {
    const byte = byteAt(text.bytes, text.at);
    if (byte === dash) into.setMin();
    if (byte === plus) into.setMax();
    if (byte === dash || byte === plus) return true;
  }
  return parseStrictId(text, into, missing);
}

/** Like {@link parseStrictId}, and a sequence of `*` leaves it to the stream. */
export function parseNewId(
  { bytes, at, length }: Slice,
  into: StreamId,
  missing: 'first' | 'last' = 'first',
): ParsedId {
  if (length > textBytesMax) return 'invalid';
  const end = at + length;
  let dashAt = at;
  while (dashAt < end && byteAt(bytes, dashAt) !== dash) dashAt++;
  if (!readUint64(bytes, at, dashAt)) return 'invalid';
  const [msHigh, msLow] = [high, low];
  if (dashAt === end) {
    const word = missing === 'first' ? 0 : -1;
    into.setWords(msHigh, msLow, word, word);
    return 'id';
  }
  if (end - dashAt === 2 && byteAt(bytes, dashAt + 1) === star) {
    into.setWords(msHigh, msLow, 0, 0);
    return 'ms-*';
  }
  if (!readUint64(bytes, dashAt + 1, end)) return 'invalid';
  into.setWords(msHigh, msLow, high, low);
  return 'id';
}

/** Reads digits into the two words above. Like strtoull, zeros, spaces and a plus may come first. */
function readUint64(bytes: Buffer, at: number, end: number): boolean {
  const small = parseInteger(bytes, at, end - at);
  if (small >= 0) {
    high = Math.floor(small / 2 ** 32);
    low = small - high * 2 ** 32;
    return true;
  }
  const text = bytes.toString('latin1', at, end);
  if (!/^[ \t\n\v\f\r]*\+?[0-9]+$/.test(text)) return false;
  const value = BigInt(text.trim().replace('+', ''));
  if (value > uint64Max) return false;
  high = Number(value >> 32n);
  low = Number(value & 0xffffffffn);
  return true;
}

/** The time in ms that was written last, and its text: of entries on the way many have it in common. */
const lastMs = { high: 0, low: 0, length: 0, text: Buffer.alloc(streamIdTextMax) };

/** Writes an id's text at `at` and returns how many bytes that took. */
export function formatStreamId(bytes: Buffer, at: number, id: StreamId): number {
  if (lastMs.high !== id.msHigh || lastMs.low !== id.msLow || lastMs.length === 0) {
    lastMs.high = id.msHigh;
    lastMs.low = id.msLow;
    lastMs.length = formatUint64(lastMs.text, 0, id.msHigh >>> 0, id.msLow >>> 0);
  }
  copyBytes(bytes, at, lastMs.text, 0, lastMs.length);
  const dashAt = at + lastMs.length;
  bytes[dashAt] = dash;
  return dashAt + 1 - at + formatUint64(bytes, dashAt + 1, id.seqHigh >>> 0, id.seqLow >>> 0);
}

function formatUint64(bytes: Buffer, at: number, highWord: number, lowWord: number): number {
  if (highWord < safeWords) return formatInteger(bytes, at, highWord * 2 ** 32 + lowWord);
  return bytes.write(String((BigInt(highWord) << 32n) | BigInt(lowWord)), at, 'latin1');
}
