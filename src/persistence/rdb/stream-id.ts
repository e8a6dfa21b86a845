/** Ids of a stream's entries, read and compared; and what else both halves of reading a stream need to know. */
import type { rdbType } from './format.ts';
import { check } from './rdb-error.ts';
import { type RdbReader, readElement } from './reader.ts';
import { idBytes } from './stream-format.ts';
import { TextSlot } from './text-slot.ts';
import type { StreamId } from './values.ts';

export type StreamType = (typeof rdbType)['stream' | 'streamWithOffsets' | 'streamWithActivity'];

/** What of a stream its groups need to be read. */
export interface StreamExtent {
  readonly length: number;
  readonly firstId: StreamId;
  readonly lastId: StreamId;
}

const idSlot = new TextSlot();

/** An id in two lengths. */
export function readId(reader: RdbReader): StreamId {
  const ms = reader.uint64();
  return { ms, seq: reader.uint64() };
}

/** An id in 16 bytes, perhaps as a string. */
export function readRawId(reader: RdbReader, isString = false): StreamId {
  const raw = isString ? readElement(reader, idSlot) : reader.raw(idBytes, idSlot);
  check(raw.length === idBytes, 'an id of a stream has another size than ids have');
  return { ms: raw.bytes.readBigUInt64BE(raw.at), seq: raw.bytes.readBigUInt64BE(raw.at + 8) };
}

/** Below 0, 0 or above, as `a` is below `b`, the same, or above. */
export function compareIds(a: StreamId, b: StreamId): number {
  if (a.ms !== b.ms) return a.ms < b.ms ? -1 : 1;
  if (a.seq !== b.seq) return a.seq < b.seq ? -1 : 1;
  return 0;
}
