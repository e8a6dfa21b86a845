/**
 * Reads one serialized value of any type that Redis up to 8.4 writes, into a draft at a cursor.
 *
 * Whatever is wrong with it is an {@link RdbError}; the draft is then to be abandoned, so nobody ever sees half a value. An
 * announced count reserves nothing: each element has to be there, and takes no more memory than its bytes call for.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { newerTypeMax, newerTypeMin, rdbType } from './format.ts';
import { check, RdbError } from './rdb-error.ts';
import { readHash } from './read-hash.ts';
import { readList } from './read-list.ts';
import { readSet } from './read-set.ts';
import { readStream } from './read-stream.ts';
import { readZset } from './read-zset.ts';
import type { RdbReader } from './reader.ts';
import { TextSlot } from './text-slot.ts';
import type { ValueBuilders } from './values.ts';

const slot = new TextSlot();

/** Drafts the value of RDB type `type` that comes next. Throws RdbError or ArenaFullError, perhaps with a draft begun. */
export function readValue(
  reader: RdbReader,
  type: number,
  cursor: KeyCursor,
  builders: ValueBuilders,
): void {
  switch (type) {
    case rdbType.string:
      builders.string(cursor, reader.string(slot));
      break;
    case rdbType.list:
    case rdbType.listZiplist:
    case rdbType.listOfZiplists:
    case rdbType.listOfListpacks:
      readList(reader, type, builders.list(cursor));
      break;
    case rdbType.set:
    case rdbType.setIntset:
    case rdbType.setListpack:
      readSet(reader, type, (expected) => builders.set(cursor, expected));
      break;
    case rdbType.zsetOfTexts:
    case rdbType.zset:
    case rdbType.zsetZiplist:
    case rdbType.zsetListpack:
      readZset(reader, type, (expected) => builders.zset(cursor, expected));
      break;
    case rdbType.hash:
    case rdbType.hashZipmap:
    case rdbType.hashZiplist:
    case rdbType.hashListpack:
    case rdbType.hashOfAbsoluteExpiries:
    case rdbType.hashOfExpiries:
    case rdbType.hashExpiringListpackPreGa:
    case rdbType.hashExpiringListpack:
      readHash(reader, type, (expected) => builders.hash(cursor, expected));
      break;
    case rdbType.stream:
    case rdbType.streamWithOffsets:
    case rdbType.streamWithActivity:
    case rdbType.streamWithProducers:
    case rdbType.streamWithUnowned:
      readStream(reader, type, builders.stream(cursor));
      break;
    default:
      refuse(type);
  }
}

function refuse(type: number): never {
  if (type === rdbType.module || type === rdbType.modulePreGa) {
    throw new RdbError('values of modules are not supported', 'unsupported');
  }
  check(type >= newerTypeMin && type <= newerTypeMax, 'a value has an unknown type');
  throw new RdbError(`a value has type ${type}, which is not read here`, 'unsupported');
}
