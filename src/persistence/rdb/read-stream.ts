/**
 * Reads streams (stream-format.ts draws them). Entries that are only marked as deleted are left out. Beyond what Redis checks, ids
 * have to ascend over the whole stream and the facts have to agree with the entries: all of it is relied upon.
 */
import { StreamId } from '#structures/stream-id.ts';
import { rdbType } from './format.ts';
import { Listpack } from './listpack.ts';
import { check } from './rdb-error.ts';
import { readGroups } from './read-stream-groups.ts';
import { readTracking } from './read-stream-tracking.ts';
import type { RdbReader } from './reader.ts';
import { entryElements, entryFlag } from './stream-format.ts';
import { advanceId, readId, readRawId, type StreamType } from './stream-id.ts';
import { TextSlot } from './text-slot.ts';
import type { StreamBuilder } from './values.ts';
import { WordList } from './word-list.ts';

const badHead = 'a node of a stream has a head that makes no sense';
const badEntry = 'an entry of a stream makes no sense';

const slot = new TextSlot();
const wordSlot = new TextSlot();
const listpack = new Listpack();
/** Where the names of the fields in a node's head begin, and a walk over them. */
const headNames = new Listpack();
const names = new Listpack();

export function readStream(reader: RdbReader, type: StreamType, builder: StreamBuilder): void {
  const entries = new Entries(builder);
  const nodeId = new StreamId();
  for (let left = reader.length(); left > 0; left--) {
    readRawId(reader, nodeId, true);
    entries.takeNode(nodeId, listpack.open(reader.string(slot)));
  }
  const { length, firstId } = entries;
  check(reader.length() === length, 'a stream miscounts its entries');
  const lastId = readId(reader, new StreamId());
  check(entries.id.compare(lastId) <= 0, 'an entry of a stream has an id after the last one');
  const maxDeletedId = new StreamId();
  let entriesAdded = BigInt(length);
  if (type >= rdbType.streamWithOffsets) {
    // The first id is what the entries say.
    readId(reader, maxDeletedId);
    readId(reader, maxDeletedId);
    entriesAdded = BigInt.asIntN(64, reader.uint64());
  }
  builder.facts({ lastId, maxDeletedId, entriesAdded });
  readGroups(reader, type, builder, { length, firstId, lastId });
  if (type >= rdbType.streamWithProducers) readTracking(reader, builder);
}

/** Hands entries on, and remembers of them what the facts have to agree with. */
class Entries {
  length = 0;
  readonly firstId = new StreamId();
  /** That of the last entry so far. */
  readonly id = new StreamId();
  private readonly nextId = new StreamId();
  private readonly words = new WordList();
  private readonly builder: StreamBuilder;

  constructor(builder: StreamBuilder) {
    this.builder = builder;
  }

  takeNode(nodeId: StreamId, run: Listpack): void {
    const valid = takeCount(run);
    const deleted = takeCount(run);
    const fields = takeCount(run);
    headNames.follow(run);
    for (let left = fields; left > 0; left--) check(run.next(), badHead);
    check(takeCount(run) === 0, badHead);
    const before = this.length;
    for (let left = valid + deleted; left > 0; left--) this.takeEntry(nodeId, run, fields);
    check(!run.next(), 'a node of a stream goes on after its entries');
    check(this.length - before === valid, 'a node of a stream miscounts its entries');
  }

  private takeEntry(nodeId: StreamId, run: Listpack, headFields: number): void {
    const { words } = this;
    const flags = takeCount(run);
    const ms = takeInteger(run);
    advanceId(this.nextId, nodeId, ms, takeInteger(run));
    const isSame = (flags & entryFlag.sameFields) !== 0;
    const fields = isSame ? headFields : takeCount(run);
    if (isSame) names.follow(headNames);
    words.clear();
    for (let left = fields; left > 0; left--) {
      this.takeWord(isSame ? names : run);
      this.takeWord(run);
    }
    const elements = entryElements + (isSame ? fields : 2 * fields + 1);
    check(takeCount(run) === elements, badEntry);
    if ((flags & entryFlag.deleted) === 0) this.add();
  }

  private takeWord(run: Listpack): void {
    check(run.next(), badEntry);
    this.words.add(run.textIn(wordSlot));
  }

  private add(): void {
    const { builder, firstId, id, nextId, words } = this;
    check(words.length > 0, 'an entry of a stream has no fields');
    const isFirst = this.length === 0;
    check(isFirst || nextId.compare(id) > 0, 'the entries of a stream are not in order');
    check(!nextId.isZero, 'an entry of a stream has no id');
    id.set(nextId);
    if (isFirst) firstId.set(id);
    this.length++;
    builder.entry(id, words);
  }
}

function takeCount(run: Listpack): number {
  const count = takeInteger(run);
  check(typeof count === 'number' && count >= 0, badHead);
  return count;
}

function takeInteger(run: Listpack): number | bigint {
  check(run.next(), badEntry);
  return run.toInteger();
}
