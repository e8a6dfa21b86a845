/** Ids of a stream's entries as they are serialized; and what else both halves of reading a stream need to know. */
import type { StreamId } from '#structures/stream-id.ts';
import type { rdbType } from './format.ts';
import { check } from './rdb-error.ts';
import { type RdbReader, readElement } from './reader.ts';
import { idBytes } from './stream-format.ts';
import { TextSlot } from './text-slot.ts';
import type { RdbWriter } from './writer.ts';

export type StreamType = (typeof rdbType)[
  | 'stream'
  | 'streamWithOffsets'
  | 'streamWithActivity'
  | 'streamWithProducers'
  | 'streamWithUnowned'];

/** What of a stream its groups need to be read. */
export interface StreamExtent {
  readonly length: number;
  readonly firstId: StreamId;
  readonly lastId: StreamId;
}

const wordSpan = 2 ** 32;
const safeWords = 2 ** 21;

const slot = new TextSlot();
const rawId = Buffer.alloc(idBytes);

/** Reads an id in two lengths. */
export function readId(reader: RdbReader, into: StreamId): StreamId {
  reader.readWide();
  const { high, low } = reader;
  reader.readWide();
  return into.setWords(high, low, reader.high, reader.low);
}

/** Reads an id in 16 bytes, perhaps as a string. */
export function readRawId(reader: RdbReader, into: StreamId, isString = false): StreamId {
  const { bytes, at, length } = isString ? readElement(reader, slot) : reader.raw(idBytes, slot);
  check(length === idBytes, 'an id of a stream has another size than ids have');
  return into.setWords(
    bytes.readInt32BE(at),
    bytes.readInt32BE(at + 4),
    bytes.readInt32BE(at + 8),
    bytes.readInt32BE(at + 12),
  );
}

export function writeId(writer: RdbWriter, id: StreamId): void {
  writer.wide(id.msHigh, id.msLow);
  writer.wide(id.seqHigh, id.seqLow);
}

export function writeRawId(writer: RdbWriter, { msHigh, msLow, seqHigh, seqLow }: StreamId): void {
  rawId.writeInt32BE(msHigh, 0);
  rawId.writeInt32BE(msLow, 4);
  rawId.writeInt32BE(seqHigh, 8);
  rawId.writeInt32BE(seqLow, 12);
  writer.raw(rawId, 0, idBytes);
}

/** Makes `into` what is `ms` and `seq` behind `from`, both int64 and each number by itself, modulo 2^64. */
export function advanceId(
  into: StreamId,
  from: StreamId,
  ms: number | bigint,
  seq: number | bigint,
): StreamId {
  const msLow = (from.msLow >>> 0) + lowOf(ms);
  const msHigh = from.msHigh + highOf(ms) + (msLow >= wordSpan ? 1 : 0);
  const seqLow = (from.seqLow >>> 0) + lowOf(seq);
  const seqHigh = from.seqHigh + highOf(seq) + (seqLow >= wordSpan ? 1 : 0);
  return into.setWords(msHigh, msLow, seqHigh, seqLow);
}

/** How far one 64-bit number of two words is behind another, as an int64. */
export function distance(
  high: number,
  low: number,
  fromHigh: number,
  fromLow: number,
): number | bigint {
  const borrow = low >>> 0 < fromLow >>> 0 ? 1 : 0;
  const lowWord = (low - fromLow) >>> 0;
  const highWord = (high - fromHigh - borrow) | 0;
  if (highWord >= -safeWords + 1 && highWord < safeWords) return highWord * wordSpan + lowWord;
  return (BigInt(highWord) << 32n) | BigInt(lowWord);
}

/** The lower word of an int64, unsigned. */
function lowOf(value: number | bigint): number {
  if (typeof value === 'bigint') return Number(BigInt.asUintN(32, value));
  return value - Math.floor(value / wordSpan) * wordSpan;
}

/** The higher word of an int64. */
function highOf(value: number | bigint): number {
  if (typeof value === 'bigint') return Number(BigInt.asIntN(32, value >> 32n));
  return Math.floor(value / wordSpan);
}
