import { describe, expect, test } from 'vitest';
import { keyName, SetBatch } from './loader.ts';
import { encode } from './wire.ts';

describe('the loader', () => {
  test('names keys in 16 bytes, as redis-benchmark does', () => {
    expect(keyName(99_999)).toBe('key:000000099999');
    expect(keyName(9_999_999)).toHaveLength(16);
  });

  test('renders the very bytes of one SET per key, also for a shorter last batch', () => {
    const batch = new SetBatch(30);
    const expected = (from: number, to: number) =>
      Buffer.concat(
        Array.from({ length: to - from }, (_, index) =>
          encode(['SET', keyName(from + index), 'v'.repeat(32)]),
        ),
      );
    expect(batch.render(0, 30)).toEqual(expected(0, 30));
    expect(batch.render(9_999_985, 10_000_003)).toEqual(expected(9_999_985, 10_000_003));
    expect(batch.render(5, 6)).toEqual(expected(5, 6));
  });
});
