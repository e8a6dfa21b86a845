/** Reads sorted sets: members and scores one by one, in a ziplist, or in a listpack. */
import { parseDouble } from '#types/double.ts';
import { rdbType } from './format.ts';
import { Listpack } from './listpack.ts';
import type { PackedRun } from './packed.ts';
import { check, expectSome } from './rdb-error.ts';
import { type RdbReader, readElement } from './reader.ts';
import { TextSlot } from './text-slot.ts';
import type { ZsetBuilder } from './values.ts';
import { Ziplist } from './ziplist.ts';

type ZsetType = (typeof rdbType)['zsetOfTexts' | 'zset' | 'zsetZiplist' | 'zsetListpack'];

/** Begins a sorted set of about so many members. */
type BeginZset = (expected: number) => ZsetBuilder;

const twice = 'a sorted set has a member twice';
const notScore = 'a score is not a number';

const slot = new TextSlot();
const memberSlot = new TextSlot();
const scoreSlot = new TextSlot();
const listpack = new Listpack();
const ziplist = new Ziplist();

export function readZset(reader: RdbReader, type: ZsetType, begin: BeginZset): void {
  switch (type) {
    case rdbType.zset:
      readPairs(reader, begin, true);
      break;
    case rdbType.zsetOfTexts:
      readPairs(reader, begin, false);
      break;
    case rdbType.zsetZiplist:
      addAll(ziplist.open(reader.string(slot)), begin);
      break;
    case rdbType.zsetListpack:
      addAll(listpack.open(reader.string(slot)), begin);
      break;
  }
}

function readPairs(reader: RdbReader, begin: BeginZset, isBinary: boolean): void {
  const members = reader.length();
  expectSome(members);
  const builder = begin(members);
  for (let left = members; left > 0; left--) {
    const member = readElement(reader, slot);
    const score = isBinary ? reader.double() : reader.textDouble();
    check(!Number.isNaN(score), notScore);
    check(builder.add(member, score), twice);
  }
}

function addAll(run: PackedRun, begin: BeginZset): void {
  expectSome(run.count);
  check(run.count % 2 === 0, 'a sorted set has a member without a score');
  const builder = begin(run.count / 2);
  while (run.next()) {
    const member = run.textIn(memberSlot);
    run.next();
    const { bytes, at, length } = run.textIn(scoreSlot);
    const score = parseDouble(bytes, at, length);
    check(!Number.isNaN(score), notScore);
    check(builder.add(member, score), twice);
  }
}
