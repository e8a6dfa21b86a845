/**
 * Goes past serialized values without making them, for files are merged by copying what stays. Knows those that this server
 * writes (write-value.ts).
 */
import { listNode, rdbType } from './format.ts';
import { check, RdbError } from './rdb-error.ts';
import type { RdbReader } from './reader.ts';
import { idBytes } from './stream-format.ts';

const wordBytes = 8;

/** Goes past the value of RDB type `type` that comes next. */
export function skipValue(reader: RdbReader, type: number): void {
  switch (type) {
    case rdbType.string:
    case rdbType.hashListpack:
    case rdbType.zsetListpack:
      reader.skipString();
      break;
    case rdbType.list:
    case rdbType.set:
      skipStrings(reader, reader.length());
      break;
    case rdbType.hash:
      skipStrings(reader, 2 * reader.length());
      break;
    case rdbType.zset:
      for (let left = reader.length(); left > 0; left--) {
        reader.skipString();
        reader.skip(wordBytes);
      }
      break;
    case rdbType.listOfListpacks:
      for (let left = reader.length(); left > 0; left--) {
        const kind = reader.length();
        check(kind === listNode.packed || kind === listNode.plain, 'a list has an unknown node');
        reader.skipString();
      }
      break;
    case rdbType.hashOfExpiries:
      reader.skip(wordBytes);
      for (let left = reader.length(); left > 0; left--) {
        reader.length();
        skipStrings(reader, 2);
      }
      break;
    case rdbType.streamWithOffsets:
    case rdbType.streamWithProducers:
    case rdbType.streamWithUnowned:
      skipStream(reader, type);
      break;
    default:
      throw new RdbError(`a value has type ${type}, which is not written here`, 'unsupported');
  }
}

function skipStrings(reader: RdbReader, count: number): void {
  for (let left = count; left > 0; left--) reader.skipString();
}

function skipStream(reader: RdbReader, type: number): void {
  // Each node an id and a listpack.
  skipStrings(reader, 2 * reader.length());
  reader.length();
  skipIds(reader, 3);
  reader.readWide();
  for (let groups = reader.length(); groups > 0; groups--) skipGroup(reader, type);
  if (type >= rdbType.streamWithProducers) skipTracking(reader);
}

function skipTracking(reader: RdbReader): void {
  reader.length();
  reader.length();
  for (let producers = reader.length(); producers > 0; producers--) {
    reader.skipString();
    for (let messages = reader.length(); messages > 0; messages--) {
      reader.skipString();
      skipIds(reader, 1);
    }
  }
  reader.readWide();
  reader.readWide();
}

function skipGroup(reader: RdbReader, type: number): void {
  reader.skipString();
  skipIds(reader, 1);
  reader.readWide();
  for (let pending = reader.length(); pending > 0; pending--) {
    reader.skip(idBytes + wordBytes);
    reader.readWide();
  }
  for (let consumers = reader.length(); consumers > 0; consumers--) {
    reader.skipString();
    reader.skip(type >= rdbType.streamWithActivity ? 2 * wordBytes : wordBytes);
    for (let owned = reader.length(); owned > 0; owned--) reader.skip(idBytes);
  }
  if (type < rdbType.streamWithUnowned) return;
  for (let unowned = reader.length(); unowned > 0; unowned--) reader.skip(idBytes);
}

/** Ids of two lengths. */
function skipIds(reader: RdbReader, count: number): void {
  for (let left = 2 * count; left > 0; left--) reader.readWide();
}
