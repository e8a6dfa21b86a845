/**
 * Writes streams (stream-format.ts draws them) as Redis 7.0 reads them, unless they have what only later versions know. It keeps nodes of any size as they come, so
 * nodes are made as large as its own. Their number stands before them: entries are walked twice, first to count.
 */
import { Slice } from '#memory/slice.ts';
import { StreamId } from '#structures/stream-id.ts';
import { rdbType, rdbVersion, rdbVersionOfProducers, rdbVersionOfUnowned } from './format.ts';
import { ListpackWriter } from './listpack-writer.ts';
import { entryElements, entryFlag, idBytes } from './stream-format.ts';
import { distance, writeId, writeRawId } from './stream-id.ts';
import type { StreamWalker } from './values.ts';
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

/** What of a stream comes next. */
type Phase =
  | 'plan'
  | 'nodes'
  | 'group'
  | 'pendings'
  | 'consumer'
  | 'owned'
  | 'unowned'
  | 'producer'
  | 'message';

/** A stream that is written in pieces. */
export class StreamBody {
  private walker: StreamWalker | undefined;
  private phase: Phase = 'plan';
  /** How many entries each node is to have, and which comes next. */
  private readonly nodes: number[] = [];
  private nodeAt = 0;
  private entries = nodeEntriesMax;
  private bytes = 0;
  private type: number = rdbType.streamWithOffsets;

  /** Returns the version that it takes to read the stream. */
  begin(writer: RdbWriter, walker: StreamWalker): number {
    const form = formOf(walker);
    this.walker = walker;
    this.type = form.type;
    this.phase = 'plan';
    this.nodes.length = 0;
    this.nodeAt = 0;
    this.entries = nodeEntriesMax;
    this.bytes = 0;
    writer.type(form.type);
    return form.version;
  }

  /** Writes up to about `countMax` more entries, or what is pending. Returns whether there may be more. */
  some(writer: RdbWriter, countMax: number): boolean {
    const { walker } = this;
    if (walker === undefined) return false;
    for (let left = countMax; left > 0; left--) if (!this.step(writer, walker)) return false;
    return true;
  }

  private step(writer: RdbWriter, walker: StreamWalker): boolean {
    switch (this.phase) {
      case 'plan':
        if (this.plan(walker)) return true;
        writer.writeLength(this.nodes.length);
        walker.rewind();
        this.phase = 'nodes';
        return true;
      case 'nodes': {
        const entries = this.nodes[this.nodeAt++];
        if (entries !== undefined) writeNode(writer, walker, entries);
        else this.writeFacts(writer, walker);
        return true;
      }
      case 'group':
        if (!walker.nextGroup()) return this.beginTracking(writer, walker);
        writeGroup(writer, walker);
        this.phase = 'pendings';
        return true;
      case 'pendings':
        if (walker.nextPending()) writePending(writer, walker);
        else {
          writer.writeLength(walker.consumers);
          this.phase = 'consumer';
        }
        return true;
      case 'consumer':
        if (walker.nextConsumer()) {
          writeConsumer(writer, walker, this.type);
          this.phase = 'owned';
        } else if (this.type >= rdbType.streamWithUnowned) {
          writer.writeLength(walker.unowned);
          this.phase = 'unowned';
        } else this.phase = 'group';
        return true;
      case 'owned':
        if (walker.nextOwned()) writeRawId(writer, walker.ownedId);
        else this.phase = 'consumer';
        return true;
      case 'unowned':
        if (walker.nextUnowned()) writeRawId(writer, walker.unownedId);
        else this.phase = 'group';
        return true;
      case 'producer':
        if (!walker.nextProducer()) return endTracking(writer, walker);
        writer.string(walker.producerName);
        writer.writeLength(walker.messages);
        this.phase = 'message';
        return true;
      case 'message':
        if (walker.nextMessage()) {
          writer.string(walker.messageName);
          writeId(writer, walker.messageId);
        } else this.phase = 'producer';
        return true;
    }
  }

  /** Returns whether there is any. */
  private beginTracking(writer: RdbWriter, walker: StreamWalker): boolean {
    if (this.type < rdbType.streamWithProducers) return false;
    const { durationS, size } = walker.tracking;
    writer.writeLength(durationS);
    writer.writeLength(size);
    writer.writeLength(walker.producers);
    this.phase = 'producer';
    return true;
  }

  /** Plans one more entry. Returns whether there was one. */
  private plan(walker: StreamWalker): boolean {
    const { nodes } = this;
    if (!walker.nextEntry()) return false;
    if (this.entries === nodeEntriesMax || this.bytes >= nodeBytesMax) {
      nodes.push(0);
      this.entries = 0;
      this.bytes = 0;
    }
    nodes[nodes.length - 1] = ++this.entries;
    while (walker.nextField()) this.bytes += walker.field.length + walker.value.length;
    return true;
  }

  private writeFacts(writer: RdbWriter, walker: StreamWalker): void {
    writer.writeLength(walker.length);
    writeId(writer, walker.lastId);
    writeId(writer, walker.firstId);
    writeId(writer, walker.maxDeletedId);
    writer.uint64(walker.entriesAdded);
    writer.writeLength(walker.groups);
    this.phase = 'group';
  }
}

/** The oldest form that has everything. */
function formOf({ hasUnowned, hasTracking }: StreamWalker) {
  if (hasUnowned) return { type: rdbType.streamWithUnowned, version: rdbVersionOfUnowned };
  if (hasTracking) return { type: rdbType.streamWithProducers, version: rdbVersionOfProducers };
  return { type: rdbType.streamWithOffsets, version: rdbVersion };
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
}

function writePending(writer: RdbWriter, walker: StreamWalker): void {
  const { id, deliveredAtMs, deliveries } = walker.pending;
  writeRawId(writer, id);
  writer.time(deliveredAtMs);
  writer.uint64(deliveries);
}

function endTracking(writer: RdbWriter, { tracking }: StreamWalker): false {
  writer.uint64(tracking.added);
  writer.uint64(tracking.duplicates);
  return false;
}

function writeConsumer(writer: RdbWriter, walker: StreamWalker, type: number): void {
  const { seenAtMs, activeAtMs } = walker.consumer;
  writer.string(walker.consumerName);
  writer.time(seenAtMs);
  if (type >= rdbType.streamWithActivity) writer.time(activeAtMs);
  writer.writeLength(walker.owned);
}
