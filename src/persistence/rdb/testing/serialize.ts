/** Model values to bytes and back, by the writers and readers under test. */
import { Engine } from '#commands/testing/engine.ts';
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { RdbError } from '../rdb-error.ts';
import { readValue } from '../read-value.ts';
import { RdbReader } from '../reader.ts';
import { ValueBody, writeValue } from '../write-value.ts';
import { RdbWriter } from '../writer.ts';
import { ModelBuilders, type ModelValue, walkersOf } from './model-values.ts';
import { payloadOf } from './payloads.ts';

const { firstDatabase } = new Engine({ shards: 1 }).keyspace;

/** A cursor at a key of the value's type, which holds a string's bytes and nothing of other values. */
function cursorAt(value: ModelValue): KeyCursor {
  const cursor = firstDatabase.peek(new Slice(Buffer.from('k')));
  const bytes = Buffer.from(value.type === 'string' ? value.text : '', 'latin1');
  cursor.overwrite('test', valueType[value.type], bytes.length);
  bytes.copy(cursor.bytes, cursor.valueAt);
  return cursor;
}

/** Writes a value and returns the version it takes. */
export function writeModel(writer: RdbWriter, value: ModelValue, isCompact: boolean): number {
  return writeValue(writer, cursorAt(value), new ValueBody(walkersOf(value, isCompact)));
}

export function serialize(value: ModelValue, isCompact: boolean, compresses = true): Buffer {
  const writer = new RdbWriter();
  writer.compresses = compresses;
  writeModel(writer, value, isCompact);
  return Buffer.from(writer.bytes.subarray(0, writer.length));
}

/** What DUMP would answer. */
export function dumpOf(value: ModelValue, isCompact: boolean): Buffer {
  const writer = new RdbWriter();
  const version = writeModel(writer, value, isCompact);
  return payloadOf(writer.bytes.subarray(0, writer.length), version);
}

/** The value that a reader reads next. Throws RdbError. */
export function readModel(reader: RdbReader): ModelValue | undefined {
  const builders = new ModelBuilders();
  readValue(reader, reader.byte(), firstDatabase.peek(new Slice(Buffer.from('k'))), builders);
  return builders.value;
}

/** The value in some bytes; undefined after an error that readers may have. */
export function modelOf(bytes: Buffer): ModelValue | undefined {
  try {
    return readModel(new RdbReader(bytes, 0, bytes.length));
  } catch (error) {
    if (error instanceof RdbError) return undefined;
    throw error;
  }
}
