/** Reads the end of a delta (delta-format.ts): what is gone, and where the databases' keys were in the save before. */
import { byteAt } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import { readVarint, varintEnd } from '#structures/varint.ts';
import { Crc64 } from '../rdb/crc64.ts';
import type { RdbFileSource } from '../rdb/whole-reads.ts';
import { RecoveryError } from '../recovery-error.ts';
import { noOrigin } from './change-tracker.ts';
import { countedTrailerBytes, deltaMagic, trailerBytes } from './delta-format.ts';

/** More than there can be; what is read is in memory whole. */
const endBytesMax = 2 ** 31 - 1;
const varintBytesMax = 5;

export interface DeltaDatabase {
  /** The number its keys had before, or {@link noOrigin}. */
  readonly origin: number;
  /** The keys that are gone, unless the delta has them. */
  removed(): Iterable<Slice>;
}

export interface DeltaEnd {
  /** Where it begins: the RDB file ends there. */
  readonly at: number;
  readonly databases: readonly DeltaDatabase[];
}

/** Whether a file ends as deltas do. */
export function hasDeltaTrailer(trailer: Buffer): boolean {
  return trailer.toString('latin1', Math.max(0, trailer.length - deltaMagic.length)) === deltaMagic;
}

/** Rejects with RecoveryError. */
export async function readDeltaEnd({ name, file, bytes }: RdbFileSource): Promise<DeltaEnd> {
  const trailer = Buffer.alloc(Math.min(bytes, trailerBytes));
  await file.read(trailer, 0, trailer.length, bytes - trailer.length);
  const at = endAt(trailer, name, bytes);
  const end = Buffer.alloc(bytes - at);
  await file.read(end, 0, end.length, at);
  return parseDeltaEnd(end, name, at);
}

/** Where the end of a delta of `bytes` bytes begins, by its trailer. Throws RecoveryError. */
export function endAt(trailer: Buffer, name: string, bytes: number): number {
  if (trailer.length < trailerBytes || !hasDeltaTrailer(trailer)) {
    throw new RecoveryError(`${name}: this is no whole delta`);
  }
  const at = Number(trailer.readBigUInt64LE(0));
  const length = bytes - at;
  if (length >= trailerBytes && length <= endBytesMax) return at;
  throw broken(name, bytes - trailerBytes);
}

/** Takes apart the end of the delta `name`, which begins at byte `at` of it. Throws RecoveryError. */
export function parseDeltaEnd(end: Buffer, name: string, at: number): DeltaEnd {
  const counted = end.length - trailerBytes + countedTrailerBytes;
  if (!new Crc64().update(end, 0, counted).equals(end, counted)) throw broken(name, at);
  const cursor = new Numbers(end, end.length - trailerBytes);
  const databases: DeltaDatabase[] = [];
  const seen = new Set<number>();
  for (let left = cursor.next(); left > 0; left--) {
    const origin = cursor.next() - 1;
    const keys = cursor.run(cursor.next());
    if (cursor.isBroken || (origin !== noOrigin && seen.has(origin))) throw broken(name, at);
    seen.add(origin);
    databases.push({ origin, removed: () => keysIn(keys, name, at) });
  }
  return { at, databases };
}

function* keysIn(keys: Buffer, name: string, at: number): Generator<Slice> {
  const cursor = new Numbers(keys, keys.length);
  const key = new Slice();
  while (cursor.at < keys.length) {
    const length = cursor.next();
    cursor.run(length);
    if (cursor.isBroken) throw broken(name, at);
    yield key.point(keys, cursor.at - length, length);
  }
}

function broken(name: string, at: number): RecoveryError {
  return new RecoveryError(`${name}: byte ${at}: the end of the delta is damaged`);
}

/** Reads varints as long as there are some. */
class Numbers {
  at = 0;
  isBroken = false;
  private readonly bytes: Buffer;
  private readonly end: number;

  constructor(bytes: Buffer, end: number) {
    this.bytes = bytes;
    this.end = end;
  }

  next(): number {
    const from = this.at;
    let end = from;
    while (end < this.end && end - from < varintBytesMax && byteAt(this.bytes, end) >= 0x80) end++;
    if (end >= this.end || end - from === varintBytesMax) {
      this.isBroken = true;
      return 0;
    }
    const number = readVarint(this.bytes, from);
    this.at = varintEnd();
    if (number < 0) this.isBroken = true;
    return number;
  }

  run(length: number): Buffer {
    if (length > this.end - this.at) this.isBroken = true;
    else this.at += length;
    return this.bytes.subarray(this.at - (this.isBroken ? 0 : length), this.at);
  }
}
