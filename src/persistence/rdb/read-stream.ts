/**
 * Reads streams (stream-format.ts draws them). Entries that are only marked as deleted are left out. Beyond what Redis checks, ids
 * have to ascend over the whole stream and the facts have to agree with the entries: all of it is relied upon.
 */
import { rdbType } from './format.ts';
import { Listpack } from './listpack.ts';
import { check } from './rdb-error.ts';
import { readGroups } from './read-stream-groups.ts';
import type { RdbReader } from './reader.ts';
import { entryElements, entryFlag } from './stream-format.ts';
import { compareIds, readId, readRawId, type StreamType } from './stream-id.ts';
import { TextSlot } from './text-slot.ts';
import type { StreamBuilder, StreamId } from './values.ts';

const nowhere: StreamId = { ms: 0n, seq: 0n };
const badHead = 'a node of a stream has a head that makes no sense';
const badEntry = 'an entry of a stream makes no sense';

const slot = new TextSlot();
const fieldSlot = new TextSlot();
const valueSlot = new TextSlot();
const listpack = new Listpack();
/** Where the names of the fields in a node's head begin, and a walk over them. */
const headNames = new Listpack();
const names = new Listpack();

export function readStream(reader: RdbReader, type: StreamType, builder: StreamBuilder): void {
  const entries = new Entries(builder);
  for (let left = reader.length(); left > 0; left--) {
    const nodeId = readRawId(reader, true);
    entries.takeNode(nodeId, listpack.open(reader.string(slot)));
  }
  const { length, firstId } = entries;
  check(reader.length() === length, 'a stream miscounts its entries');
  const lastId = readId(reader);
  check(
    compareIds(entries.lastId, lastId) <= 0,
    'an entry of a stream has an id after the last one',
  );
  let maxDeletedId = nowhere;
  let entriesAdded = length;
  if (type >= rdbType.streamWithOffsets) {
    readId(reader);
    maxDeletedId = readId(reader);
    entriesAdded = reader.length();
  }
  builder.facts({ lastId, maxDeletedId, entriesAdded });
  readGroups(reader, type, builder, { length, firstId, lastId });
}

/** Hands entries on, and remembers of them what the facts have to agree with. */
class Entries {
  length = 0;
  firstId = nowhere;
  lastId = nowhere;
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
    const flags = takeCount(run);
    const id = {
      ms: BigInt.asUintN(64, nodeId.ms + takeBig(run)),
      seq: BigInt.asUintN(64, nodeId.seq + takeBig(run)),
    };
    const isSame = (flags & entryFlag.sameFields) !== 0;
    const fields = isSame ? headFields : takeCount(run);
    const isDeleted = (flags & entryFlag.deleted) !== 0;
    if (!isDeleted) this.begin(id, fields);
    if (isSame) names.follow(headNames);
    for (let left = fields; left > 0; left--) {
      const named = isSame ? names : run;
      check(named.next(), badEntry);
      const field = named.textIn(fieldSlot);
      check(run.next(), badEntry);
      if (!isDeleted) this.builder.field(field, run.textIn(valueSlot));
    }
    const elements = entryElements + (isSame ? fields : 2 * fields + 1);
    check(takeCount(run) === elements, badEntry);
  }

  private begin(id: StreamId, fields: number): void {
    const isFirst = this.length === 0;
    check(isFirst || compareIds(id, this.lastId) > 0, 'the entries of a stream are not in order');
    check(fields > 0, 'an entry of a stream has no fields');
    if (isFirst) this.firstId = id;
    this.lastId = id;
    this.length++;
    this.builder.entry(id, fields);
  }
}

function takeCount(run: Listpack): number {
  check(run.next(), badHead);
  const count = run.toInteger();
  check(typeof count === 'number' && count >= 0, badHead);
  return count;
}

function takeBig(run: Listpack): bigint {
  check(run.next(), badEntry);
  return BigInt(run.toInteger());
}
