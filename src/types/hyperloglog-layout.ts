/**
 * What a HyperLogLog looks like inside its string, byte for byte as Redis has it: GET and SET carry it from one
 * to the other.
 *
 *     0   magic         HYLL
 *     4   encoding      0: dense, 1: sparse
 *     5   nothing       3 bytes
 *     8   cardinality   64 bits, little-endian: the last count; stale while the highest bit is set
 *    16   registers     dense: 6 bits each, the first in the lowest bits; sparse: runs (hyperloglog-sparse.ts)
 */
import { byteAt } from '#memory/bytes.ts';
import { registerCount } from './hyperloglog-hash.ts';

export const encodings = { dense: 0, sparse: 1 } as const;

export const headerBytes = 16;
/** Bytes of all registers, 6 bits each. */
export const registersBytes = (registerCount * 6) / 8;
export const denseBytes = headerBytes + registersBytes;

const magic = 0x4c4c5948;
const encodingAt = 4;
const cardinalityAt = 8;
const lastCardinalityAt = 15;
const staleFlag = 0x80;
const wordValues = 2 ** 32;

/** Counts from here on are taken for stale. */
const countEnd = 2 ** 63;

/** Whether bytes could be a HyperLogLog. What a sparse one's runs hold is seen where they are read. O(1). */
export function hasHeader(bytes: Buffer, at: number, length: number): boolean {
  if (length < headerBytes || bytes.readInt32LE(at) !== magic) return false;
  const encoding = encodingOf(bytes, at);
  return encoding === encodings.sparse || (encoding === encodings.dense && length === denseBytes);
}

/** Writes the header of an empty HyperLogLog. */
export function writeHeader(bytes: Buffer, at: number, encoding: number): void {
  bytes.fill(0, at, at + headerBytes);
  bytes.writeInt32LE(magic, at);
  setEncoding(bytes, at, encoding);
}

export function encodingOf(bytes: Buffer, at: number): number {
  return byteAt(bytes, at + encodingAt);
}

export function setEncoding(bytes: Buffer, at: number, encoding: number): void {
  bytes[at + encodingAt] = encoding;
}

export function isStale(bytes: Buffer, at: number): boolean {
  return (byteAt(bytes, at + lastCardinalityAt) & staleFlag) !== 0;
}

export function makeStale(bytes: Buffer, at: number): void {
  const last = at + lastCardinalityAt;
  bytes[last] = byteAt(bytes, last) | staleFlag;
}

/** The count that was kept: a bigint where a number would round it. */
export function keptCount(bytes: Buffer, at: number): number | bigint {
  const low = bytes.readUInt32LE(at + cardinalityAt);
  const high = bytes.readUInt32LE(at + cardinalityAt + 4);
  const count = low + high * wordValues;
  return Number.isSafeInteger(count) ? count : bytes.readBigInt64LE(at + cardinalityAt);
}

/** Keeps a count, which ends its being stale; one that 63 bits do not hold is stale at once. */
export function keepCount(bytes: Buffer, at: number, count: number): void {
  const held = Math.min(count, countEnd);
  const high = Math.floor(held / wordValues);
  bytes.writeUInt32LE(held - high * wordValues, at + cardinalityAt);
  bytes.writeUInt32LE(high, at + cardinalityAt + 4);
}
