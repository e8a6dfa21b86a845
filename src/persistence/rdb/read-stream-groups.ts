/** Reads the groups of a stream (stream-format.ts draws them). */
import { StreamId } from '#structures/stream-id.ts';
import { rdbType } from './format.ts';
import { check } from './rdb-error.ts';
import { type RdbReader, readElement } from './reader.ts';
import { readId, readRawId, type StreamExtent, type StreamType } from './stream-id.ts';
import { TextSlot } from './text-slot.ts';
import type { StreamBuilder } from './values.ts';

const slot = new TextSlot();
const id = new StreamId();

export function readGroups(
  reader: RdbReader,
  type: StreamType,
  builder: StreamBuilder,
  extent: StreamExtent,
): void {
  for (let left = reader.length(); left > 0; left--) {
    const name = readElement(reader, slot);
    const lastId = readId(reader, new StreamId());
    const entriesRead =
      type >= rdbType.streamWithOffsets
        ? BigInt.asIntN(64, reader.uint64())
        : BigInt(entriesReadUpTo(lastId, extent));
    check(builder.group(name, { lastId, entriesRead }), 'a stream has a group twice');
    const pendings = readPendings(reader, builder);
    const owned = readConsumers(reader, type, builder);
    const unowned = type >= rdbType.streamWithUnowned ? readUnowned(reader, builder) : 0;
    check(owned + unowned === pendings, 'a delivery is pending for no consumer');
  }
}

/** How many entries a group has read that has come to `id`, as far as a stream of before 7.0 tells; else -1. */
function entriesReadUpTo(id: StreamId, { length, firstId, lastId }: StreamExtent): number {
  if (length === 0) return 0;
  if (id.compare(lastId) === 0) return length;
  const fromFirst = id.compare(firstId);
  return fromFirst > 0 ? -1 : fromFirst + 1;
}

/** Returns how many there are. */
function readPendings(reader: RdbReader, builder: StreamBuilder): number {
  const pendings = reader.length();
  for (let left = pendings; left > 0; left--) {
    readRawId(reader, id);
    const deliveredAtMs = reader.time();
    const pending = { id, deliveredAtMs, deliveries: BigInt.asIntN(64, reader.uint64()) };
    check(builder.pending(pending), 'a delivery is pending twice');
  }
  return pendings;
}

/** Returns how many there are. */
function readUnowned(reader: RdbReader, builder: StreamBuilder): number {
  const unowned = reader.length();
  for (let left = unowned; left > 0; left--) {
    const isThere = builder.isUnowned(readRawId(reader, id));
    check(isThere, 'a delivery is pending for nobody and for a consumer, or not at all');
  }
  return unowned;
}

/** Returns how many deliveries are pending for all of them. */
function readConsumers(reader: RdbReader, type: StreamType, builder: StreamBuilder): number {
  let owned = 0;
  for (let left = reader.length(); left > 0; left--) {
    const name = readElement(reader, slot);
    const seenAtMs = reader.time();
    const activeAtMs = type >= rdbType.streamWithActivity ? reader.time() : seenAtMs;
    check(builder.consumer(name, { seenAtMs, activeAtMs }), 'a group has a consumer twice');
    const pendings = reader.length();
    for (let left = pendings; left > 0; left--) {
      check(builder.own(readRawId(reader, id)), 'a consumer has a delivery that is not pending');
    }
    owned += pendings;
  }
  return owned;
}
