import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Engine } from '#commands/testing/engine.ts';
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { readValue } from './read-value.ts';
import { RdbReader } from './reader.ts';
import { ModelBuilders, type ModelValue, walkersOf } from './testing/model-values.ts';
import { newerValue } from './testing/newer-values.ts';
import { expiringHash, sampleValue } from './testing/samples.ts';
import { writeValue } from './write-value.ts';
import { RdbWriter } from './writer.ts';

const engine = new Engine();

/** A cursor at a key of the value's type; of strings with the value. */
function cursorAt(value: ModelValue): KeyCursor {
  const cursor = engine.keyspace.firstDatabase.peek(new Slice(Buffer.from('k')));
  const bytes = Buffer.from(value.type === 'string' ? value.text : '', 'latin1');
  cursor.overwrite('test', valueType[value.type], bytes.length);
  bytes.copy(cursor.bytes, cursor.valueAt);
  return cursor;
}

/** A source that gives a few bytes a call. */
function sourceOf(bytes: Buffer, atOnce: number) {
  let at = 0;
  return {
    read(into: Buffer, toAt: number, length: number): number {
      const count = Math.min(length, atOnce, bytes.length - at);
      bytes.copy(into, toAt, at, at + count);
      at += count;
      return count;
    },
  };
}

function readAll(reader: RdbReader, cursor: KeyCursor): ModelValue | undefined {
  const builders = new ModelBuilders();
  readValue(reader, reader.byte(), cursor, builders);
  return builders.value;
}

test('what is written reads the same, compact or not, compressed or not', () => {
  fc.assert(
    fc.property(
      fc.oneof(sampleValue, expiringHash(1000)),
      fc.boolean(),
      fc.boolean(),
      (value, isCompact, compresses) => {
        const cursor = cursorAt(value);
        const writer = new RdbWriter();
        writer.compresses = compresses;
        const version = writeValue(writer, cursor, walkersOf(value, isCompact));
        const expires =
          value.type === 'hash' && [...value.fields.values()].some((each) => each.expireAtMs > 0);
        expect(version).toBe(expires ? 12 : 10);
        expect(readAll(new RdbReader(writer.bytes, 0, writer.length), cursor)).toEqual(value);
      },
    ),
    { numRuns: 400 },
  );
});

test('what newer versions write reads as what it is', () => {
  fc.assert(
    fc.property(newerValue, ([what, value, bytes]) => {
      const reader = new RdbReader(bytes, 0, bytes.length);
      expect(readAll(reader, cursorAt(value)), what).toEqual(value);
    }),
    { numRuns: 200 },
  );
});

test('values go through small windows and small buffers as through big ones', () => {
  fc.assert(
    fc.property(
      fc.array(sampleValue, { maxLength: 5 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 5000 }),
      (values, isCompact, atOnce) => {
        const chunks: Buffer[] = [];
        const sink = {
          write(bytes: Buffer, at: number, length: number) {
            chunks.push(Buffer.from(bytes.subarray(at, at + length)));
          },
        };
        const writer = new RdbWriter(sink, 16);
        for (const value of values)
          writeValue(writer, cursorAt(value), walkersOf(value, isCompact));
        writer.flush();
        const bytes = Buffer.concat(chunks);
        const reader = new RdbReader(Buffer.alloc(8), 0, 0, sourceOf(bytes, atOnce));
        for (const value of values) expect(readAll(reader, cursorAt(value))).toEqual(value);
        expect(() => reader.byte()).toThrow('the data ends too early');
      },
    ),
    { numRuns: 100 },
  );
});
