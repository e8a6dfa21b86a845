/**
 * A single value as DUMP hands it out and RESTORE and MIGRATE take it, complete in itself:
 *
 *     type        1 byte
 *     value       as in an RDB file
 *     version     2 bytes: of the RDB format
 *     checksum    8 bytes: CRC-64 of all before
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { Crc64 } from './crc64.ts';
import { rdbVersionMax } from './format.ts';
import { RdbError } from './rdb-error.ts';
import { readValue } from './read-value.ts';
import { RdbReader } from './reader.ts';
import { releaseLarge } from './text-slot.ts';
import type { ValueBuilders } from './values.ts';
import { type ValueBody, writeValue } from './write-value.ts';
import { RdbWriter } from './writer.ts';

const versionBytes = 2;
const checksumBytes = 8;
const footerBytes = versionBytes + checksumBytes;

const crc = new Crc64();
const writer = new RdbWriter();
const dumped = new Slice();

/** The payload of the existing key at `cursor`; valid until {@link forgetDump}. O(n). */
export function dumpValue(cursor: KeyCursor, body: ValueBody, compresses: boolean): Slice {
  writer.reset();
  writer.compresses = compresses;
  const version = writeValue(writer, cursor, body);
  writer.byte(version & 255);
  writer.byte(version >>> 8);
  crc.reset().update(writer.bytes, 0, writer.length);
  writer.word(crc.low);
  writer.word(crc.high);
  return dumped.point(writer.bytes, 0, writer.length);
}

/** Lets go of the last payload, which may be large. */
export function forgetDump(): void {
  writer.reset();
  dumped.point(writer.bytes, 0, 0);
}

/** Whether a payload is whole and of a version that can be read. O(length). */
export function isPayload({ bytes, at, length }: Slice): boolean {
  if (length < footerBytes) return false;
  const checksumAt = at + length - checksumBytes;
  if (bytes.readUInt16LE(checksumAt - versionBytes) > rdbVersionMax) return false;
  return crc
    .reset()
    .update(bytes, at, length - checksumBytes)
    .equals(bytes, checksumAt);
}

/**
 * Drafts at `cursor` the value in `payload`, for which {@link isPayload} holds, and returns undefined; or drafts
 * nothing and returns what is wrong. Throws ArenaFullError, also without a draft. O(n).
 */
export function draftPayload(
  { bytes, at, length }: Slice,
  cursor: KeyCursor,
  builders: ValueBuilders,
): RdbError | undefined {
  const reader = new RdbReader(bytes, at, length - footerBytes);
  try {
    readValue(reader, reader.byte(), cursor, builders);
    return undefined;
  } catch (error) {
    cursor.abandon();
    if (error instanceof RdbError) return error;
    throw error;
  } finally {
    releaseLarge();
  }
}
