/** Active expiry and lazy freeing in slices: how much at a time, and that nobody is left out. */
import { expect, test } from 'vitest';
import { Slice } from '#memory/slice.ts';
import type { Clock } from '#platform/clock.ts';
import { SeededRandom } from '#platform/random.ts';
import type { Database } from './database.ts';
import { valueType } from './entry.ts';
import { ActiveExpiry } from './expiry.ts';
import { Keyspace } from './keyspace.ts';
import { verifyKeyspace } from './testing/books.ts';

const nowMs = 1_700_000_000_000;

/** A clock on which looking takes time: a quarter of a millisecond. */
class TickingClock implements Clock {
  looks = 0;

  nowMs(): number {
    return nowMs;
  }

  monotonicMs(): number {
    return this.looks++ / 4;
  }
}

function newKeyspace(): Keyspace {
  const random = new SeededRandom(1);
  const keyspace = new Keyspace({ shards: 4, databases: 3, random, seed: { low: 1, high: 2 } });
  keyspace.setNow(nowMs);
  return keyspace;
}

/** Adds `count` keys, numbered from `first` on. */
function fill(
  database: Database,
  count: number,
  expireAtMs: (index: number) => number,
  first = 0,
): void {
  for (let index = first; index < first + count; index++) {
    const cursor = database.write(new Slice(Buffer.from(`key:${index}`)));
    cursor.overwrite('set', valueType.string, 10);
    cursor.changeExpiry('expire', expireAtMs(index));
  }
}

function database(keyspace: Keyspace, index: number): Database {
  const found = keyspace.database(index);
  if (found === undefined) throw new Error(`there is no database ${index}`);
  return found;
}

test('a sweep removes just the keys that are due, a slice at a time', () => {
  const keyspace = newKeyspace();
  // Every second key is due, the last of them just now; the next would be in a millisecond.
  fill(database(keyspace, 0), 4000, (i) => (i % 2 === 0 ? nowMs - (i >> 1) : nowMs + 1 + i));
  fill(database(keyspace, 2), 1000, () => nowMs);
  const clock = new TickingClock();
  const expiry = new ActiveExpiry(keyspace, clock);
  let slices = 1;
  let before = 0;
  while (expiry.sweep(1)) {
    slices++;
    const removed = keyspace.stats.expired - before;
    before = keyspace.stats.expired;
    // A millisecond is four looks, and a look every 32 keys.
    expect(removed).toBeGreaterThan(0);
    expect(removed).toBeLessThanOrEqual(32 * 5);
  }
  expect(slices).toBeGreaterThan(15);
  expect(keyspace.stats.expired).toBe(3000);
  expect(database(keyspace, 0).count).toBe(2000);
  expect(database(keyspace, 0).expiring).toBe(2000);
  expect(database(keyspace, 2).count).toBe(0);
  verifyKeyspace(keyspace);
});

test('keys that keep falling due in one database do not keep another waiting', () => {
  const keyspace = newKeyspace();
  const busy = database(keyspace, 0);
  const other = database(keyspace, 1);
  fill(busy, 1000, () => nowMs - 1);
  fill(other, 10, () => nowMs - 1);
  const expiry = new ActiveExpiry(keyspace, new TickingClock());
  let slices = 0;
  while (other.count > 0 && slices < 100) {
    expect(expiry.sweep(1)).toBe(true);
    slices++;
    // More than a slice removes.
    fill(busy, 1000, () => nowMs - 1, slices * 1000);
  }
  expect(other.count).toBe(0);
});

test('a sweep that is turned off removes nothing', () => {
  const keyspace = newKeyspace();
  fill(database(keyspace, 0), 10, () => nowMs - 1);
  const expiry = new ActiveExpiry(keyspace, new TickingClock());
  expiry.enabled = false;
  expect(expiry.sweep(1)).toBe(false);
  expect(database(keyspace, 0).count).toBe(10);
});

test('a database flushed asynchronously is empty at once and freed in slices, used meanwhile', () => {
  const keyspace = newKeyspace();
  const flushed = database(keyspace, 1);
  fill(database(keyspace, 0), 10, () => nowMs + 1);
  const without = keyspace.usedBytes;
  fill(flushed, 20_000, (i) => nowMs + 1 + i);
  const before = keyspace.usedBytes;
  expect(keyspace.flush(flushed, true)).toBe(20_000);
  expect(flushed.count).toBe(0);
  expect(keyspace.usedBytes).toBeGreaterThan(before * 0.99);
  let steps = 0;
  while (keyspace.lazyFree.pending) {
    const used = keyspace.usedBytes;
    keyspace.lazyFree.step();
    expect(keyspace.usedBytes).toBeLessThan(used);
    expect(used - keyspace.usedBytes).toBeLessThan(100_000);
    if (steps++ % 10 === 0) verifyKeyspace(keyspace);
  }
  expect(steps).toBeGreaterThan(30);
  fill(flushed, 5, () => nowMs + 1);
  verifyKeyspace(keyspace);
  expect(keyspace.usedBytes - without).toBeLessThan(3000);
});
