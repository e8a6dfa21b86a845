/** The writer against a reader that forgives nothing: what is written in either protocol is read back as meant. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { error } from '#commands/errors.ts';
import type { Reply } from '../../../test/kit/resp-reply.ts';
import { Output } from './output.ts';
import { ReplyParser } from './reply-parser.ts';
import { RespWriter } from './writer.ts';

/** A reply: how it is written, and how it is read in RESP2 and in RESP3. */
interface Sample {
  readonly write: (writer: RespWriter) => void;
  readonly resp2: Reply;
  readonly resp3: Reply;
}

function bulk(text: string): Reply {
  return { type: 'bulk', bytes: Buffer.from(text) };
}

function int(value: number | bigint): Reply {
  return { type: 'int', value: BigInt(value) };
}

function both(write: Sample['write'], reply: Reply): Sample {
  return { write, resp2: reply, resp3: reply };
}

const doubleTexts = new Map([
  [0, '0'],
  [-1, '-1'],
  [0.1, '0.1'],
  [1e21, '1e+21'],
  [5e-324, '5e-324'],
  [3, '3'],
  [Infinity, 'inf'],
  [-Infinity, '-inf'],
]);

const asciiLine = fc.stringMatching(/^[ -~]*$/);

const plain: fc.Arbitrary<Sample> = fc.oneof(
  fc.constant(both((writer) => writer.ok(), { type: 'simple', text: 'OK' })),
  asciiLine.map((text) => both((writer) => writer.status(text), { type: 'simple', text })),
  fc.string().map((text) =>
    both((writer) => writer.error(error(text)), {
      type: 'error',
      // One without a text is its code alone.
      text: text === '' ? 'ERR' : `ERR ${text.replace(/[\r\n]/g, ' ')}`,
    }),
  ),
  fc.maxSafeInteger().map((value) => both((writer) => writer.integer(value), int(value))),
  fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((value) => both((writer) => writer.bigInteger(value), int(value))),
  fc.uint8Array({ maxLength: 300 }).map((content) => {
    const bytes = Buffer.from(content);
    const around = Buffer.concat([Buffer.from('<<'), bytes, Buffer.from('>>')]);
    return both((writer) => writer.bulk(around, 2, bytes.length), { type: 'bulk', bytes });
  }),
  fc
    .string({ unit: 'grapheme', maxLength: 300 })
    .map((text) => both((writer) => writer.text(text), bulk(text))),
  fc.string({ unit: 'grapheme' }).map((text) => ({
    write: (writer: RespWriter) => writer.verbatim(text),
    resp2: bulk(text),
    resp3: { type: 'verbatim', format: 'txt', bytes: Buffer.from(text) } as const,
  })),
  fc.boolean().map((value) => ({
    write: (writer: RespWriter) => writer.boolean(value),
    resp2: int(value ? 1 : 0),
    resp3: { type: 'bool', value } as const,
  })),
  fc.constantFrom(
    ...([0, -1, 0.1, 1e21, 5e-324, 3.0, Infinity, -Infinity] as const).map((value) =>
      doubleOf(value),
    ),
  ),
  fc.constant<Sample>({
    write: (writer) => writer.nil(),
    resp2: { type: 'null', form: 'bulk' },
    resp3: { type: 'null', form: 'resp3' },
  }),
  fc.constant<Sample>({
    write: (writer) => writer.nilArray(),
    resp2: { type: 'null', form: 'array' },
    resp3: { type: 'null', form: 'resp3' },
  }),
);

function doubleOf(value: number): Sample {
  const text = doubleTexts.get(value) ?? '';
  return {
    write: (writer) => writer.double(value),
    resp2: bulk(text),
    resp3: { type: 'double', text },
  };
}

const { reply } = fc.letrec<{ reply: Sample; aggregate: Sample }>((tie) => ({
  reply: fc.oneof({ maxDepth: 3, depthSize: 'small' }, plain, tie('aggregate')),
  aggregate: fc
    .tuple(fc.constantFrom('array', 'set', 'map', 'push'), fc.array(tie('reply'), { maxLength: 5 }))
    .map(([kind, items]) => aggregateOf(kind, items)),
}));

function aggregateOf(kind: 'array' | 'set' | 'map' | 'push', items: readonly Sample[]): Sample {
  const even = kind === 'map' ? items.slice(0, items.length - (items.length % 2)) : items;
  const in3 = even.map((item) => item.resp3);
  return {
    write: (writer) => {
      writer[kind](kind === 'map' ? even.length / 2 : even.length);
      for (const item of even) item.write(writer);
    },
    resp2: { type: 'array', items: even.map((item) => item.resp2) },
    resp3: kind === 'map' ? { type: 'map', entries: pairs(in3) } : { type: kind, items: in3 },
  };
}

function pairs(items: readonly Reply[]): [Reply, Reply][] {
  const entries: [Reply, Reply][] = [];
  for (let at = 0; at + 1 < items.length; at += 2) {
    // The loop stays within the items.
    entries.push([items[at] as Reply, items[at + 1] as Reply]);
  }
  return entries;
}

function readAll(output: Output): Reply[] {
  const parser = new ReplyParser();
  parser.push(output.bytes.subarray(0, output.length));
  const replies: Reply[] = [];
  for (let next = parser.next(); next !== undefined; next = parser.next()) replies.push(next);
  expect(parser.pendingBytes).toBe(0);
  return replies;
}

describe('Replies', () => {
  test.each([2, 3] as const)('in RESP%i are read back as they were meant', (protocol) => {
    fc.assert(
      fc.property(
        fc.array(reply, { maxLength: 8 }),
        fc.integer({ min: 1, max: 64 }),
        (samples, size) => {
          const output = new Output(size);
          const writer = new RespWriter(output);
          writer.protocol = protocol;
          for (const sample of samples) sample.write(writer);
          const meant = samples.map((sample) => (protocol === 2 ? sample.resp2 : sample.resp3));
          expect(readAll(output)).toEqual(meant);
        },
      ),
      { seed: 4, numRuns: 500 },
    );
  });

  test('fill a buffer exactly, whatever room is left in it', () => {
    for (let room = 1; room < 80; room++) {
      const output = new Output(room);
      const writer = new RespWriter(output);
      writer.integer(Number.MIN_SAFE_INTEGER);
      writer.text('é'.repeat(10));
      writer.bulk(Buffer.from('abc'), 1, 1);
      writer.ok();
      writer.error(error('no'));
      expect(readAll(output)).toHaveLength(5);
      expect(output.length).toBeLessThanOrEqual(output.bytes.length);
    }
  });
});

describe('Errors', () => {
  test('quote the bytes of a request as they are, but for line ends', () => {
    const output = new Output();
    // A text that was not cleaned where it was made.
    new RespWriter(output).error({ code: 'ERR', text: "'\xff\r\n\xe9'", status: 'internal' });
    expect(output.bytes.toString('latin1', 0, output.length)).toBe("-ERR '\xff  \xe9'\r\n");
  });

  test('are counted, with the last one’s code', () => {
    const writer = new RespWriter(new Output());
    writer.error(error('one'));
    writer.error(error('two', 'internal', 'TWO'));
    expect([writer.errorsWritten, writer.lastErrorCode]).toEqual([2, 'TWO']);
  });
});

describe('The output', () => {
  test('is replaced while the system still sends it, and when it has grown and is not filled any more', () => {
    const output = new Output(64);
    const writer = new RespWriter(output);
    const first = output.bytes;
    writer.ok();
    output.clear(false);
    expect(output.bytes).toBe(first);
    writer.ok();
    output.clear(true);
    expect(output.bytes).not.toBe(first);
    writer.text('x'.repeat(1000));
    output.clear(false);
    expect(output.bytes.length).toBeGreaterThan(1000);
    for (let batch = 0; batch < 64; batch++) {
      writer.text('x');
      output.clear(false);
    }
    expect([output.bytes.length, output.length]).toEqual([64, 0]);
  });
});
