/**
 * Writes one value as Redis 7.0 reads it: compact ones as listpacks, which it takes over as they are, the rest element
 * by element. Only a hash with fields that expire needs a later version (read-hash.ts draws it).
 */
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { formatDouble } from '#types/double.ts';
import { listNode, rdbType, rdbVersion, rdbVersionOfFieldExpiry } from './format.ts';
import { ListpackWriter } from './listpack-writer.ts';
import type { ElementWalker, FieldWalker, ScoreWalker, ValueWalkers } from './values.ts';
import { writeStream } from './write-stream.ts';
import type { RdbWriter } from './writer.ts';

/** The longest text of a double: a sign, 17 digits, a point and an exponent; or an integer up to 2^62. */
const scoreBytesMax = 32;

const listpack = new ListpackWriter();

/**
 * Writes the type of the existing value at `cursor` and the value, and returns the version that it takes to read
 * them. O(n).
 */
export function writeValue(writer: RdbWriter, cursor: KeyCursor, walkers: ValueWalkers): number {
  switch (cursor.type) {
    case valueType.string:
      writer.type(rdbType.string);
      writer.stringOf(cursor.bytes, cursor.valueAt, cursor.valueLength);
      return rdbVersion;
    case valueType.list:
      return writeList(writer, walkers.list(cursor));
    case valueType.set:
      return writeSet(writer, walkers.set(cursor));
    case valueType.zset:
      return writeZset(writer, walkers.zset(cursor));
    case valueType.hash:
      return writeHash(writer, walkers.hash(cursor));
    case valueType.stream:
      writeStream(writer, cursor, walkers);
      return rdbVersion;
  }
}

function writeList(writer: RdbWriter, walker: ElementWalker): number {
  if (walker.isCompact) {
    // A quicklist of one node, which is a listpack.
    writer.type(rdbType.listOfListpacks);
    writer.writeLength(1);
    writer.writeLength(listNode.packed);
    listpack.reset();
    while (walker.next()) listpack.add(walker.element);
    writer.string(listpack.finish());
  } else {
    writer.type(rdbType.list);
    writeElements(writer, walker);
  }
  return rdbVersion;
}

/** Redis 7.0 knows no listpacks of members, and makes intsets of integers itself, which take no more bytes this way. */
function writeSet(writer: RdbWriter, walker: ElementWalker): number {
  writer.type(rdbType.set);
  writeElements(writer, walker);
  return rdbVersion;
}

function writeElements(writer: RdbWriter, walker: ElementWalker): void {
  writer.writeLength(walker.count);
  while (walker.next()) writer.string(walker.element);
}

function writeZset(writer: RdbWriter, walker: ScoreWalker): number {
  if (walker.isCompact) {
    writer.type(rdbType.zsetListpack);
    listpack.reset();
    while (walker.next()) {
      listpack.add(walker.element);
      listpack.add(textOf(walker.score));
    }
    writer.string(listpack.finish());
    return rdbVersion;
  }
  writer.type(rdbType.zset);
  writer.writeLength(walker.count);
  while (walker.next()) {
    writer.string(walker.element);
    writer.double(walker.score);
  }
  return rdbVersion;
}

const scoreText = Buffer.alloc(scoreBytesMax);
const scoreSlice = new Slice();

function textOf(score: number): Slice {
  return scoreSlice.point(scoreText, 0, scoreText.write(formatDouble(score), 'latin1'));
}

function writeHash(writer: RdbWriter, walker: FieldWalker): number {
  if (walker.firstExpireAtMs !== 0) return writeExpiringHash(writer, walker);
  if (walker.isCompact) {
    writer.type(rdbType.hashListpack);
    listpack.reset();
    while (walker.next()) {
      listpack.add(walker.field);
      listpack.add(walker.value);
    }
    writer.string(listpack.finish());
    return rdbVersion;
  }
  writer.type(rdbType.hash);
  writer.writeLength(walker.count);
  while (walker.next()) {
    writer.string(walker.field);
    writer.string(walker.value);
  }
  return rdbVersion;
}

function writeExpiringHash(writer: RdbWriter, walker: FieldWalker): number {
  const { firstExpireAtMs } = walker;
  writer.type(rdbType.hashOfExpiries);
  writer.time(firstExpireAtMs);
  writer.writeLength(walker.count);
  while (walker.next()) {
    const { expireAtMs } = walker;
    writer.writeLength(expireAtMs === 0 ? 0 : expireAtMs - firstExpireAtMs + 1);
    writer.string(walker.field);
    writer.string(walker.value);
  }
  return rdbVersionOfFieldExpiry;
}
