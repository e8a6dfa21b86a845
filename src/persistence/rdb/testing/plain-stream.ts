/** A stream in any of its three serialized forms, put together by hand: the writer knows only one of them. */
import { Slice } from '#memory/slice.ts';
import { ListpackWriter } from '../listpack-writer.ts';
import type { RdbWriter } from '../writer.ts';
import type { ModelStream } from './model-streams.ts';
import { serialized } from './old-encodings.ts';
import { latin1 } from './redis-values.ts';

const text = (value: string) => new Slice(latin1(value));

/** Entry 5-1 and up, each with the field `f`; a deleted one among them; a group that has read the first. */
export function plainStream(values: readonly string[]): ModelStream {
  const pending = { id: '5-1', deliveredAtMs: 7000, deliveries: 3, consumer: 'c' };
  return {
    type: 'stream',
    entries: values.map((value, at) => ({ id: `5-${at + 1}`, fields: [['f', value]] })),
    lastId: '9-0',
    maxDeletedId: '0-0',
    entriesAdded: values.length,
    groups: [
      {
        name: 'g',
        lastId: '5-1',
        entriesRead: 1,
        pendings: [pending],
        consumers: [{ name: 'c', seenAtMs: 6000 }],
      },
    ],
  };
}

/** {@link plainStream} of type 15, 19 or 21. */
export function plainStreamBytes(type: number, values: readonly string[]): Buffer {
  return serialized(type, (to) => {
    to.writeLength(1);
    to.string(new Slice(rawId(5, 0)));
    to.string(nodeOf(values));
    to.writeLength(values.length);
    writeId(to, 9, 0);
    if (type > 15) {
      writeId(to, 5, 1);
      writeId(to, 0, 0);
      to.writeLength(values.length);
    }
    to.writeLength(1);
    to.string(text('g'));
    writeId(to, 5, 1);
    if (type > 15) to.writeLength(1);
    to.writeLength(1);
    to.raw(rawId(5, 1), 0, 16);
    to.time(7000);
    to.writeLength(3);
    to.writeLength(1);
    to.string(text('c'));
    to.time(6000);
    if (type > 19) to.time(6500);
    to.writeLength(1);
    to.raw(rawId(5, 1), 0, 16);
  });
}

function nodeOf(values: readonly string[]): Slice {
  const pack = new ListpackWriter();
  for (const head of [values.length, 1, 1]) pack.addInteger(head);
  pack.add(text('f'));
  pack.addInteger(0);
  const add = (flags: number, seq: number, value: string) => {
    for (const part of [flags, 0, seq]) pack.addInteger(part);
    pack.add(text(value));
    pack.addInteger(4);
  };
  add(3, 0, 'deleted');
  for (const [at, value] of values.entries()) add(2, at + 1, value);
  return pack.finish();
}

function writeId(to: RdbWriter, ms: number, seq: number): void {
  to.writeLength(ms);
  to.writeLength(seq);
}

function rawId(ms: number, seq: number): Buffer {
  const raw = Buffer.alloc(16);
  raw.writeBigUInt64BE(BigInt(ms), 0);
  raw.writeBigUInt64BE(BigInt(seq), 8);
  return raw;
}
