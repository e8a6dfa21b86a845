/**
 * Writes one value as Redis 7.0 reads it: compact ones as listpacks, which it takes over as they are, the rest element
 * by element. A hash with fields that expire (read-hash.ts draws it) and some streams need a later version.
 *
 * A value may be written in pieces: a body is begun and then asked for some elements at a time, while other values
 * are written elsewhere with bodies and walkers of their own.
 */
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { formatDouble } from '#types/double.ts';
import { listNode, rdbType, rdbVersion, rdbVersionOfFieldExpiry } from './format.ts';
import { ListpackWriter } from './listpack-writer.ts';
import type { ElementWalker, FieldWalker, ScoreWalker, ValueWalkers } from './values.ts';
import { StreamBody } from './write-stream.ts';
import type { RdbWriter } from './writer.ts';

/** The longest text of a double: a sign, 17 digits, a point and an exponent; or an integer up to 2^62. */
const scoreBytesMax = 32;

const listpack = new ListpackWriter();

/** What follows a value's type and count, of which some elements can be written at a time. */
type Rest = 'nothing' | 'elements' | 'scores' | 'fields' | 'expiringFields' | 'stream';

/** One value after another that is written in pieces. The value stays as it is, and where it is, from begin to end. */
export class ValueBody {
  private readonly walkers: ValueWalkers;
  private readonly stream = new StreamBody();
  private rest: Rest = 'nothing';
  private elements: ElementWalker | undefined;
  private scores: ScoreWalker | undefined;
  private fields: FieldWalker | undefined;

  constructor(walkers: ValueWalkers) {
    this.walkers = walkers;
  }

  /**
   * Writes the type of the existing value at `cursor` and what comes before its elements; of a compact value, all. Returns the
   * version that it takes to read the value.
   */
  begin(writer: RdbWriter, cursor: KeyCursor): number {
    const { walkers } = this;
    this.rest = 'nothing';
    switch (cursor.type) {
      case valueType.string:
        writer.type(rdbType.string);
        writer.stringOf(cursor.bytes, cursor.valueAt, cursor.valueLength);
        return rdbVersion;
      case valueType.list:
        this.beginList(writer, walkers.list(cursor));
        return rdbVersion;
      case valueType.set:
        // Redis 7.0 knows no listpacks of members, and makes intsets of integers itself, which take no more bytes this way.
        this.beginElements(writer, rdbType.set, walkers.set(cursor));
        return rdbVersion;
      case valueType.zset:
        this.beginZset(writer, walkers.zset(cursor));
        return rdbVersion;
      case valueType.hash:
        return this.beginHash(writer, walkers.hash(cursor));
      case valueType.stream:
        this.rest = 'stream';
        return this.stream.begin(writer, walkers.stream(cursor));
    }
  }

  /** Writes up to about `countMax` more elements. Returns whether there may be more. */
  some(writer: RdbWriter, countMax: number): boolean {
    const { elements, scores, fields } = this;
    switch (this.rest) {
      case 'nothing':
        return false;
      case 'elements':
        return elements !== undefined && writeElements(writer, elements, countMax);
      case 'scores':
        return scores !== undefined && writeScores(writer, scores, countMax);
      case 'fields':
        return fields !== undefined && writeFields(writer, fields, countMax);
      case 'expiringFields':
        return fields !== undefined && writeExpiringFields(writer, fields, countMax);
      case 'stream':
        return this.stream.some(writer, countMax);
    }
  }

  private beginList(writer: RdbWriter, walker: ElementWalker): void {
    if (!walker.isCompact) return this.beginElements(writer, rdbType.list, walker);
    // A quicklist of one node, which is a listpack.
    writer.type(rdbType.listOfListpacks);
    writer.writeLength(1);
    writer.writeLength(listNode.packed);
    listpack.reset();
    while (walker.next()) listpack.add(walker.element);
    writer.string(listpack.finish());
  }

  private beginElements(writer: RdbWriter, type: number, walker: ElementWalker): void {
    writer.type(type);
    writer.writeLength(walker.count);
    this.elements = walker;
    this.rest = 'elements';
  }

  private beginZset(writer: RdbWriter, walker: ScoreWalker): void {
    if (walker.isCompact) {
      writer.type(rdbType.zsetListpack);
      listpack.reset();
      while (walker.next()) {
        listpack.add(walker.element);
        listpack.add(textOf(walker.score));
      }
      writer.string(listpack.finish());
      return;
    }
    writer.type(rdbType.zset);
    writer.writeLength(walker.count);
    this.scores = walker;
    this.rest = 'scores';
  }

  private beginHash(writer: RdbWriter, walker: FieldWalker): number {
    const { firstExpireAtMs } = walker;
    if (firstExpireAtMs === 0 && walker.isCompact) {
      writer.type(rdbType.hashListpack);
      listpack.reset();
      while (walker.next()) {
        listpack.add(walker.field);
        listpack.add(walker.value);
      }
      writer.string(listpack.finish());
      return rdbVersion;
    }
    this.fields = walker;
    if (firstExpireAtMs === 0) {
      writer.type(rdbType.hash);
      writer.writeLength(walker.count);
      this.rest = 'fields';
      return rdbVersion;
    }
    writer.type(rdbType.hashOfExpiries);
    writer.time(firstExpireAtMs);
    writer.writeLength(walker.count);
    this.rest = 'expiringFields';
    return rdbVersionOfFieldExpiry;
  }
}

/** Writes up to so many. Returns whether there may be more, as all of these do. */
function writeElements(writer: RdbWriter, walker: ElementWalker, countMax: number): boolean {
  for (let left = countMax; left > 0; left--) {
    if (!walker.next()) return false;
    writer.string(walker.element);
  }
  return true;
}

function writeScores(writer: RdbWriter, walker: ScoreWalker, countMax: number): boolean {
  for (let left = countMax; left > 0; left--) {
    if (!walker.next()) return false;
    writer.string(walker.element);
    writer.double(walker.score);
  }
  return true;
}

function writeFields(writer: RdbWriter, walker: FieldWalker, countMax: number): boolean {
  for (let left = countMax; left > 0; left--) {
    if (!walker.next()) return false;
    writer.string(walker.field);
    writer.string(walker.value);
  }
  return true;
}

function writeExpiringFields(writer: RdbWriter, walker: FieldWalker, countMax: number): boolean {
  const { firstExpireAtMs } = walker;
  for (let left = countMax; left > 0; left--) {
    if (!walker.next()) return false;
    const { expireAtMs } = walker;
    writer.writeLength(expireAtMs === 0 ? 0 : expireAtMs - firstExpireAtMs + 1);
    writer.string(walker.field);
    writer.string(walker.value);
  }
  return true;
}

const scoreText = Buffer.alloc(scoreBytesMax);
const scoreSlice = new Slice();

function textOf(score: number): Slice {
  return scoreSlice.point(scoreText, 0, scoreText.write(formatDouble(score), 'latin1'));
}

/** Writes a value at once with a body. Returns the version that it takes to read it. O(n). */
export function writeValue(writer: RdbWriter, cursor: KeyCursor, body: ValueBody): number {
  const version = body.begin(writer, cursor);
  while (body.some(writer, Number.POSITIVE_INFINITY));
  return version;
}
