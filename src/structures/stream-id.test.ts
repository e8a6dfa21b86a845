import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StreamId } from './stream-id.ts';
import { readVarint, varintEnd, varintHigh, wideVarintBytes, writeWideVarint } from './varint.ts';

const word = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0, 1, 0x7f, 0x80, 0x7fffffff, 0x80000000, 0xffffffff),
);
const words = fc.tuple(word, word, word, word);
const top = 2n ** 128n - 1n;

function numberOf(id: StreamId): bigint {
  return [id.msHigh, id.msLow, id.seqHigh, id.seqLow].reduce(
    (value, each) => (value << 32n) | BigInt(each >>> 0),
    0n,
  );
}

function idOf(value: bigint): StreamId {
  const at = (shift: bigint) => Number((value >> shift) & 0xffffffffn);
  return new StreamId().setWords(at(96n), at(64n), at(32n), at(0n));
}

test('ids are ordered and stepped like unsigned numbers of 128 bits', () => {
  fc.assert(
    fc.property(words, words, (a, b) => {
      const [one, two] = [new StreamId().setWords(...a), new StreamId().setWords(...b)];
      const [x, y] = [numberOf(one), numberOf(two)];
      expect(Math.sign(one.compare(two))).toBe(x < y ? -1 : x > y ? 1 : 0);
      const [next, previous] = [idOf(x), idOf(x)];
      expect(next.increment()).toBe(x < top);
      expect(numberOf(next)).toBe(x < top ? x + 1n : x);
      expect(previous.decrement()).toBe(x > 0n);
      expect(numberOf(previous)).toBe(x > 0n ? x - 1n : x);
    }),
  );
});

test('carries cross all words', () => {
  expect(idOf(2n ** 64n - 1n).increment()).toBe(true);
  const id = idOf(2n ** 96n - 1n);
  id.increment();
  expect(numberOf(id)).toBe(2n ** 96n);
  id.decrement();
  expect(numberOf(id)).toBe(2n ** 96n - 1n);
});

test('64-bit varints are read back, in as many bytes as was said', () => {
  const bytes = Buffer.alloc(16);
  fc.assert(
    fc.property(word, word, (high, low) => {
      const end = writeWideVarint(bytes, 1, high | 0, low | 0);
      expect(end - 1).toBe(wideVarintBytes(high | 0, low | 0));
      expect(readVarint(bytes, 1) >>> 0).toBe(low >>> 0);
      expect(varintHigh() >>> 0).toBe(high >>> 0);
      expect(varintEnd()).toBe(end);
    }),
  );
});
