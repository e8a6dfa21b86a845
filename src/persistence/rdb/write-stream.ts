/**
 * Writes streams (stream-format.ts draws them) with what Redis 7.0 knows of them. It keeps nodes of any size as they come, so
 * nodes are made as large as its own. Their number stands before them: entries are walked twice, first to count.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { EntryCopy } from './entry-copy.ts';
import { rdbType } from './format.ts';
import { ListpackWriter } from './listpack-writer.ts';
import { entryElements, entryFlag, idBytes } from './stream-format.ts';
import type { StreamId, StreamWalker, ValueWalkers } from './values.ts';
import type { RdbWriter } from './writer.ts';

/** Redis's stream-node-max-entries and stream-node-max-bytes. */
const nodeEntriesMax = 100;
const nodeBytesMax = 4096;

const listpack = new ListpackWriter();
const head = new EntryCopy();
const entry = new EntryCopy();
const text = new Slice();
const rawId = Buffer.alloc(idBytes);

export function writeStream(writer: RdbWriter, cursor: KeyCursor, walkers: ValueWalkers): void {
  const nodes = planNodes(walkers.stream(cursor));
  const walker = walkers.stream(cursor);
  writer.byte(rdbType.streamWithOffsets);
  writer.writeLength(nodes.length);
  for (const entries of nodes) writeNode(writer, walker, entries);
  writer.writeLength(walker.length);
  writeId(writer, walker.lastId);
  writeId(writer, walker.firstId);
  writeId(writer, walker.maxDeletedId);
  writer.writeLength(walker.entriesAdded);
  writer.writeLength(walker.groups);
  while (walker.nextGroup()) writeGroup(writer, walker);
}

/** How many entries each node is to have. */
function planNodes(walker: StreamWalker): number[] {
  const nodes: number[] = [];
  let entries = nodeEntriesMax;
  let bytes = 0;
  while (walker.nextEntry()) {
    if (entries === nodeEntriesMax || bytes >= nodeBytesMax) {
      nodes.push(0);
      entries = 0;
      bytes = 0;
    }
    nodes[nodes.length - 1] = ++entries;
    while (walker.nextField()) bytes += walker.field.length + walker.value.length;
  }
  return nodes;
}

function writeNode(writer: RdbWriter, walker: StreamWalker, entries: number): void {
  listpack.reset();
  for (let index = 0; index < entries; index++) {
    const current = index === 0 ? head : entry;
    walker.nextEntry();
    current.take(walker);
    if (index === 0) addHead(entries);
    addEntry(current);
  }
  writer.writeLength(idBytes);
  writeRawId(writer, head.id);
  writer.string(listpack.finish());
}

function addHead(entries: number): void {
  listpack.addInteger(entries);
  listpack.addInteger(0);
  listpack.addInteger(head.fields);
  for (let index = 0; index < head.fields; index++) listpack.add(head.name(index, text));
  listpack.addInteger(0);
}

function addEntry(current: EntryCopy): void {
  const { fields, id } = current;
  const isSame = current.hasNamesOf(head);
  listpack.addInteger(isSame ? entryFlag.sameFields : 0);
  listpack.addBig(BigInt.asIntN(64, id.ms - head.id.ms));
  listpack.addBig(BigInt.asIntN(64, id.seq - head.id.seq));
  if (!isSame) listpack.addInteger(fields);
  for (let index = 0; index < fields; index++) {
    if (!isSame) listpack.add(current.name(index, text));
    listpack.add(current.value(index, text));
  }
  listpack.addInteger(entryElements + (isSame ? fields : 2 * fields + 1));
}

function writeGroup(writer: RdbWriter, walker: StreamWalker): void {
  const { group } = walker;
  writer.string(walker.groupName);
  writeId(writer, group.lastId);
  writer.uint64(BigInt.asUintN(64, BigInt(group.entriesRead)));
  writer.writeLength(walker.pendings);
  while (walker.nextPending()) {
    const { id, deliveredAtMs, deliveries } = walker.pending;
    writeRawId(writer, id);
    writer.time(deliveredAtMs);
    writer.writeLength(deliveries);
  }
  writer.writeLength(walker.consumers);
  while (walker.nextConsumer()) {
    writer.string(walker.consumerName);
    writer.time(walker.consumer.seenAtMs);
    writer.writeLength(walker.owned);
    while (walker.nextOwned()) writeRawId(writer, walker.ownedId);
  }
}

function writeId(writer: RdbWriter, { ms, seq }: StreamId): void {
  writer.uint64(ms);
  writer.uint64(seq);
}

function writeRawId(writer: RdbWriter, { ms, seq }: StreamId): void {
  rawId.writeBigUInt64BE(ms, 0);
  rawId.writeBigUInt64BE(seq, 8);
  writer.raw(rawId, 0, idBytes);
}
