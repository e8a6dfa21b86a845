/**
 * Writes streams (stream-format.ts draws them) with what Redis 7.0 knows of them. It keeps nodes of any size as they come, so
 * nodes are made as large as its own. Their number stands before them: entries are walked twice, first to count.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { StreamId } from '#structures/stream-id.ts';
import { rdbType } from './format.ts';
import { ListpackWriter } from './listpack-writer.ts';
import { entryElements, entryFlag, idBytes } from './stream-format.ts';
import { distance, writeId, writeRawId } from './stream-id.ts';
import type { StreamWalker, ValueWalkers } from './values.ts';
import { WordList } from './word-list.ts';
import type { RdbWriter } from './writer.ts';

/** Redis's stream-node-max-entries and stream-node-max-bytes. */
const nodeEntriesMax = 100;
const nodeBytesMax = 4096;

const listpack = new ListpackWriter();
const head = new WordList();
const entry = new WordList();
const nodeId = new StreamId();
const text = new Slice();

export function writeStream(writer: RdbWriter, cursor: KeyCursor, walkers: ValueWalkers): void {
  const nodes = planNodes(walkers.stream(cursor));
  const walker = walkers.stream(cursor);
  writer.type(rdbType.streamWithOffsets);
  writer.writeLength(nodes.length);
  for (const entries of nodes) writeNode(writer, walker, entries);
  writer.writeLength(walker.length);
  writeId(writer, walker.lastId);
  writeId(writer, walker.firstId);
  writeId(writer, walker.maxDeletedId);
  writer.uint64(walker.entriesAdded);
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
    const words = index === 0 ? head : entry;
    walker.nextEntry();
    words.clear();
    while (walker.nextField()) {
      words.add(walker.field);
      words.add(walker.value);
    }
    if (index === 0) {
      nodeId.set(walker.id);
      addHead(entries);
    }
    addEntry(walker.id, words);
  }
  writer.writeLength(idBytes);
  writeRawId(writer, nodeId);
  writer.string(listpack.finish());
}

function addHead(entries: number): void {
  listpack.addInteger(entries);
  listpack.addInteger(0);
  listpack.addInteger(head.fields);
  for (let index = 0; index < head.length; index += 2) listpack.add(head.into(index, text));
  listpack.addInteger(0);
}

function addEntry(id: StreamId, words: WordList): void {
  const { fields, length } = words;
  const isSame = words.hasNamesOf(head);
  listpack.addInteger(isSame ? entryFlag.sameFields : 0);
  addDistance(id.msHigh, id.msLow, nodeId.msHigh, nodeId.msLow);
  addDistance(id.seqHigh, id.seqLow, nodeId.seqHigh, nodeId.seqLow);
  if (!isSame) listpack.addInteger(fields);
  const step = isSame ? 2 : 1;
  for (let index = step - 1; index < length; index += step) listpack.add(words.into(index, text));
  listpack.addInteger(entryElements + (isSame ? fields : length + 1));
}

function addDistance(high: number, low: number, fromHigh: number, fromLow: number): void {
  const value = distance(high, low, fromHigh, fromLow);
  if (typeof value === 'number') listpack.addInteger(value);
  else listpack.addBig(value);
}

function writeGroup(writer: RdbWriter, walker: StreamWalker): void {
  const { group } = walker;
  writer.string(walker.groupName);
  writeId(writer, group.lastId);
  writer.uint64(group.entriesRead);
  writer.writeLength(walker.pendings);
  while (walker.nextPending()) {
    const { id, deliveredAtMs, deliveries } = walker.pending;
    writeRawId(writer, id);
    writer.time(deliveredAtMs);
    writer.uint64(deliveries);
  }
  writer.writeLength(walker.consumers);
  while (walker.nextConsumer()) {
    writer.string(walker.consumerName);
    writer.time(walker.consumer.seenAtMs);
    writer.writeLength(walker.owned);
    while (walker.nextOwned()) writeRawId(writer, walker.ownedId);
  }
}
