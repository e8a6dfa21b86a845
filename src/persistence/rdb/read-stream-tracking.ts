/** Reads what a stream remembers of producers' messages (stream-format.ts draws it). */
import { StreamId } from '#structures/stream-id.ts';
import { check } from './rdb-error.ts';
import { type RdbReader, readElement } from './reader.ts';
import { readId } from './stream-id.ts';
import { TextSlot } from './text-slot.ts';
import type { StreamBuilder } from './values.ts';

/** Redis's limits of both, which it checks as well. */
const durationMaxS = 86_400;
const sizeMax = 10_000;

const producerSlot = new TextSlot();
const messageSlot = new TextSlot();
const id = new StreamId();

export function readTracking(reader: RdbReader, builder: StreamBuilder): void {
  const durationS = reader.length();
  const size = reader.length();
  check(durationS >= 1 && durationS <= durationMaxS, 'a stream remembers messages for too long');
  check(size >= 1 && size <= sizeMax, 'a stream remembers too many messages');
  builder.tracking({ durationS, size });
  for (let producers = reader.length(); producers > 0; producers--) {
    const producer = readElement(reader, producerSlot);
    for (let messages = reader.length(); messages > 0; messages--) {
      const message = readElement(reader, messageSlot);
      readId(reader, id);
      check(builder.message(producer, message, id), 'a producer has a message twice');
    }
  }
  const added = BigInt.asIntN(64, reader.uint64());
  const duplicates = BigInt.asIntN(64, reader.uint64());
  builder.trackingCounts({ added, duplicates });
}
