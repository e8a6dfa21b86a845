/**
 * Reads hashes: fields and values one by one, in a zipmap, a ziplist or a listpack; and since Redis 7.4 with times at
 * which fields expire. Those are counted from the earliest, which comes first, so that they are short:
 *
 *     hashOfExpiries         earliest (8 bytes), count, and for each field: ms after the earliest + 1, or 0; field; value
 *     hashExpiringListpack   earliest (8 bytes), a listpack of field, value, ms since the epoch or 0
 *
 * Release candidates of 7.4 wrote both without the earliest, and the times as they are.
 */
import { rdbType } from './format.ts';
import { Listpack } from './listpack.ts';
import type { PackedRun } from './packed.ts';
import { check, expectSome } from './rdb-error.ts';
import { type RdbReader, readElement } from './reader.ts';
import { TextSlot } from './text-slot.ts';
import type { HashBuilder } from './values.ts';
import { Ziplist } from './ziplist.ts';
import { Zipmap } from './zipmap.ts';

type HashType = (typeof rdbType)[
  | 'hash'
  | 'hashZipmap'
  | 'hashZiplist'
  | 'hashListpack'
  | 'hashOfAbsoluteExpiries'
  | 'hashOfExpiries'
  | 'hashExpiringListpackPreGa'
  | 'hashExpiringListpack'];

/** Begins a hash of about so many fields. */
type BeginHash = (expected: number) => HashBuilder;

/** The latest time at which a field can expire in Redis. */
const expireAtMsMax = 2 ** 48 - 1;

const twice = 'a hash has a field twice';
const badExpiry = 'a field expires at an impossible time';

const slot = new TextSlot();
const fieldSlot = new TextSlot();
const valueSlot = new TextSlot();
const listpack = new Listpack();
const ziplist = new Ziplist();
const zipmap = new Zipmap();

export function readHash(reader: RdbReader, type: HashType, begin: BeginHash): void {
  switch (type) {
    case rdbType.hash:
      readFields(reader, begin);
      break;
    case rdbType.hashZipmap:
      addPairs(zipmap.open(reader.string(slot)), begin);
      break;
    case rdbType.hashZiplist:
      addPairs(ziplist.open(reader.string(slot)), begin);
      break;
    case rdbType.hashListpack:
      addPairs(listpack.open(reader.string(slot)), begin);
      break;
    case rdbType.hashOfAbsoluteExpiries:
      readExpiringFields(reader, begin, 1);
      break;
    case rdbType.hashOfExpiries:
      readExpiringFields(reader, begin, reader.time());
      break;
    case rdbType.hashExpiringListpackPreGa:
      addTriples(listpack.open(reader.string(slot)), begin);
      break;
    case rdbType.hashExpiringListpack:
      reader.time();
      addTriples(listpack.open(reader.string(slot)), begin);
      break;
  }
}

function readFields(reader: RdbReader, begin: BeginHash): void {
  const fields = reader.length();
  expectSome(fields);
  const builder = begin(fields);
  for (let left = fields; left > 0; left--) {
    const field = readElement(reader, fieldSlot);
    check(builder.add(field, readElement(reader, valueSlot), 0), twice);
  }
}

/** With `firstAtMs` 1, the times are as they are. */
function readExpiringFields(reader: RdbReader, begin: BeginHash, firstAtMs: number): void {
  const fields = reader.length();
  expectSome(fields);
  const builder = begin(fields);
  for (let left = fields; left > 0; left--) {
    const after = reader.length();
    const expireAtMs = after === 0 ? 0 : firstAtMs + after - 1;
    check(expireAtMs >= 0 && expireAtMs <= expireAtMsMax, badExpiry);
    const field = readElement(reader, fieldSlot);
    check(builder.add(field, readElement(reader, valueSlot), expireAtMs), twice);
  }
}

function addPairs(run: PackedRun, begin: BeginHash): void {
  expectSome(run.count);
  check(run.count % 2 === 0, 'a hash has a field without a value');
  const builder = begin(run.count / 2);
  while (run.next()) {
    const field = run.textIn(fieldSlot);
    run.next();
    check(builder.add(field, run.textIn(valueSlot), 0), twice);
  }
}

function addTriples(run: PackedRun, begin: BeginHash): void {
  expectSome(run.count);
  check(run.count % 3 === 0, 'a hash has a field without a value or a time');
  const builder = begin(run.count / 3);
  while (run.next()) {
    const field = run.textIn(fieldSlot);
    run.next();
    const value = run.textIn(valueSlot);
    run.next();
    const expireAtMs = Number(run.toInteger());
    check(expireAtMs >= 0 && expireAtMs <= expireAtMsMax, badExpiry);
    check(builder.add(field, value, expireAtMs), twice);
  }
}
