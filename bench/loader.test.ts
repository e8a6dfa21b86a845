import { describe, expect, test } from 'vitest';
import { Batch, numberSlot, ReplyCounter } from './loader.ts';
import { encode } from './wire.ts';

const digits = (number: number) => `${number}`.padStart(12, '0');

describe('the loader', () => {
  test('renders the very bytes of one command per item, also for a shorter last batch', () => {
    const item = [`key:${numberSlot}`, 'v'.repeat(32)];
    const batch = new Batch({ head: ['SET'], item, itemsPerCommand: 1 }, 30);
    const expected = (from: number, to: number) =>
      Buffer.concat(
        Array.from({ length: to - from }, (_, index) =>
          encode(['SET', `key:${digits(from + index)}`, 'v'.repeat(32)]),
        ),
      );
    expect(batch.render({ from: 0, to: 30 })).toEqual(expected(0, 30));
    expect(batch.render({ from: 9_999_985, to: 10_000_003 })).toEqual(
      expected(9_999_985, 10_000_003),
    );
    expect(batch.render({ from: 5, to: 6 })).toEqual(expected(5, 6));
  });

  test('numbers every slot of an item, with several items in a command', () => {
    const item = [numberSlot, `element:${numberSlot}`];
    const batch = new Batch({ head: ['ZADD', 'z'], item, itemsPerCommand: 2 }, 3);
    const command = (first: number) => {
      const items = [first, first + 1].flatMap((n) => [digits(n), `element:${digits(n)}`]);
      return encode(['ZADD', 'z', ...items]);
    };
    const rendered = batch.render({ from: 98, to: 102 });
    expect(rendered).toEqual(Buffer.concat([command(98), command(100)]));
  });

  test.each([
    [0, 100],
    [7, 7 + 61_813],
  ])('scatters the numbers from %i to %i, each once', (from, to) => {
    const per = to - from;
    const filling = { head: ['SADD', 's'], item: [numberSlot], itemsPerCommand: per };
    const text = new Batch({ ...filling, scatter: { from, to } }, 1)
      .render({ from, to })
      .toString();
    const numbers = [...text.matchAll(/^\d{12}(?=\r)/gm)].map(([found]) => Number(found));
    expect(numbers).not.toEqual(numbers.toSorted((a, b) => a - b));
    expect(numbers).toHaveLength(per);
    expect(new Set(numbers).size).toBe(per);
    expect([Math.min(...numbers), Math.max(...numbers)]).toEqual([from, to - 1]);
  });

  test('counts replies of any length, cut anywhere, and tells an error from a minus inside', () => {
    const bytes = Buffer.from('$15\r\n1526919030474-5\r\n$15\r\n1526919030474-6\r\n');
    for (let cut = 0; cut <= bytes.length; cut++) {
      const replies = new ReplyCounter(2);
      expect(replies.take(bytes.subarray(0, cut))).toBe(true);
      expect(replies.take(bytes.subarray(cut))).toBe(true);
      expect(replies.count).toBe(2);
    }
    expect(new ReplyCounter(1).take(Buffer.from(':1\r\n-ERR no\r\n'))).toBe(false);
  });
});
