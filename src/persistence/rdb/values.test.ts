import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RdbReader } from './reader.ts';
import { skipValue } from './skip-value.ts';
import type { ModelValue } from './testing/model-values.ts';
import { newerValue } from './testing/newer-values.ts';
import { expiringHash, newerStream, sampleValue } from './testing/samples.ts';
import { readModel, writeModel } from './testing/serialize.ts';
import { RdbWriter } from './writer.ts';

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

/** The version of the first Redis that knows all that is in a value. */
function oldestVersionOf(value: ModelValue): number {
  if (value.type === 'hash') {
    return [...value.fields.values()].some((each) => each.expireAtMs > 0) ? 12 : 10;
  }
  if (value.type !== 'stream') return 10;
  const pendings = value.groups.flatMap((group) => group.pendings);
  if (pendings.some(({ consumer }) => consumer === '')) return 14;
  return value.tracking === undefined ? 10 : 13;
}

test('what is written reads the same, compact or not, compressed or not', () => {
  fc.assert(
    fc.property(
      fc.oneof(sampleValue, expiringHash(1000), newerStream),
      fc.boolean(),
      fc.boolean(),
      (value, isCompact, compresses) => {
        const writer = new RdbWriter();
        writer.compresses = compresses;
        const version = writeModel(writer, value, isCompact);
        expect(version).toBe(oldestVersionOf(value));
        expect(readModel(new RdbReader(writer.bytes, 0, writer.length))).toEqual(value);
        const reader = new RdbReader(writer.bytes, 0, writer.length);
        skipValue(reader, reader.byte());
        expect(reader.position).toBe(writer.length);
      },
    ),
    { numRuns: 400 },
  );
});

test('what newer versions write reads as what it is', () => {
  fc.assert(
    fc.property(newerValue, ([what, value, bytes]) => {
      const reader = new RdbReader(bytes, 0, bytes.length);
      expect(readModel(reader), what).toEqual(value);
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
        for (const value of values) writeModel(writer, value, isCompact);
        writer.flush();
        const bytes = Buffer.concat(chunks);
        const reader = new RdbReader(Buffer.alloc(8), 0, 0, sourceOf(bytes, atOnce));
        for (const value of values) expect(readModel(reader)).toEqual(value);
        expect(() => reader.byte()).toThrow('the data ends too early');
      },
    ),
    { numRuns: 100 },
  );
});
