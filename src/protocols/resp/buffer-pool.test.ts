import { expect, test } from 'vitest';
import { BufferPool } from './buffer-pool.ts';

test('a buffer given back is handed out again, to one user at a time', () => {
  const pool = new BufferPool();
  const first = pool.take(100_000);
  expect(first.length).toBe(131_072);
  pool.giveBack(first);
  expect(pool.keptBytes).toBe(131_072);
  expect(pool.take(70_000)).toBe(first);
  expect(pool.take(70_000)).not.toBe(first);
  expect(pool.keptBytes).toBe(0);
});

test('there is always as much room as asked for', () => {
  const pool = new BufferPool();
  for (const length of [1, 16_383, 16_384, 16_385, 1 << 20, (1 << 20) + 1, 5_000_001]) {
    const buffer = pool.take(length);
    expect(buffer.length).toBeGreaterThanOrEqual(length);
    pool.giveBack(buffer);
    expect(pool.take(length).length).toBeGreaterThanOrEqual(length);
  }
});

test('what is kept is limited', () => {
  const pool = new BufferPool();
  const many = Array.from({ length: 50 }, () => pool.take(1 << 20));
  for (const buffer of many) pool.giveBack(buffer);
  pool.giveBack(Buffer.allocUnsafeSlow(20_000));
  pool.giveBack(Buffer.allocUnsafeSlow(8 << 20));
  expect(pool.keptBytes).toBe(4 << 20);
});
