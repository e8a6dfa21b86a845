import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compress, decompress, expansionMax } from './lzf.ts';

const few = fc.uint8Array({ max: 3, maxLength: 600 });
const any = fc.uint8Array({ maxLength: 600 });
const repeated = fc
  .tuple(any, fc.integer({ min: 1, max: 60 }))
  .map(([part, times]) => Buffer.concat(Array.from({ length: times }, () => part)));

/** Compressed at an odd place, or undefined where `room` does not suffice. */
function packed(bytes: Uint8Array, room = bytes.length * 2 + 8): Buffer | undefined {
  const from = Buffer.concat([Buffer.from('###'), bytes]);
  const to = Buffer.alloc(room + 8, 0x55);
  const length = compress(from, 3, bytes.length, to, 5, room);
  expect(
    to
      .subarray(5 + length)
      .subarray(room - length)
      .every((byte) => byte === 0x55),
  ).toBe(true);
  return length === 0 ? undefined : Buffer.from(to.subarray(5, 5 + length));
}

function unpacked(bytes: Uint8Array, length: number): Buffer | undefined {
  const to = Buffer.alloc(length + 4, 0x55);
  if (!decompress(Buffer.from(bytes), 0, bytes.length, to, 2, length)) return undefined;
  return to.subarray(2, 2 + length);
}

test('what is compressed comes back, in no more than the room there was', () => {
  fc.assert(
    fc.property(fc.oneof(few, any, repeated), (bytes) => {
      const whole = packed(bytes);
      if (bytes.length === 0) return;
      expect(whole && unpacked(whole, bytes.length)).toEqual(Buffer.from(bytes));
      expect(bytes.length).toBeLessThanOrEqual((whole?.length ?? 0) * expansionMax);
      // Given less room than it takes, it says so and writes nowhere else.
      const tight = packed(bytes, (whole?.length ?? 1) - 1);
      if (tight !== undefined) expect(unpacked(tight, bytes.length)).toEqual(Buffer.from(bytes));
    }),
  );
});

test('it reaches back 8 KiB and says runs of one byte in a few', () => {
  const run = Buffer.alloc(100_000, 'a');
  expect(packed(run)?.length).toBeLessThan(run.length / 80);
  expect(unpacked(packed(run) ?? run, run.length)).toEqual(run);
  const noise = Buffer.from(
    Array.from({ length: 8189 }, (_, i) => ((i * i * 31) >> (i % 11)) & 255),
  );
  for (const gap of [8189, 8188, 8180]) {
    const text = Buffer.concat([
      Buffer.from('\xff\xfe\xfd', 'latin1'),
      noise.subarray(0, gap),
      Buffer.from('\xff\xfe\xfd', 'latin1'),
    ]);
    expect(unpacked(packed(text) ?? text, text.length)).toEqual(text);
  }
});

test('hostile input is refused or read, and never leaves its bounds', () => {
  const cases: [number[], number][] = [
    [[0], 1],
    [[31, 1, 2], 32],
    [[0x20], 3],
    [[0x20, 0], 3],
    [[0, 65, 0xe0, 5], 20],
    [[0, 65, 0x20, 1], 4],
    [[0, 65, 0x20, 0], 3],
    [[0, 65], 2],
    [[], 1],
  ];
  for (const [bytes, length] of cases) {
    expect(unpacked(Buffer.from(bytes), length), bytes.join()).toBeUndefined();
  }
  expect(unpacked(Buffer.from([0, 65, 0x20, 0]), 4)).toEqual(Buffer.from('AAAA'));
  expect(unpacked(Buffer.from([]), 0)).toEqual(Buffer.from(''));
  fc.assert(
    fc.property(any, fc.nat(2000), (bytes, length) => {
      unpacked(bytes, length);
    }),
  );
});
