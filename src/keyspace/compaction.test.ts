/** Compaction: a gap comes into being, and nothing else changes. */
import { expect, test } from 'vitest';
import { Slice } from '#memory/slice.ts';
import { SeededRandom } from '#platform/random.ts';
import { Compaction } from './compaction.ts';
import { valueType } from './entry.ts';
import { Keyspace } from './keyspace.ts';
import { emptyCompletely, verifyKeyspace } from './testing/books.ts';

const nowMs = 1_700_000_000_000;

/** Small values of two databases, some with an expiry, some with much room to grow, every other one removed. */
function scattered(seed: number) {
  const random = new SeededRandom(seed);
  const below = (limit: number) => (random.int32() >>> 0) % limit;
  const keyspace = new Keyspace({ shards: 2, databases: 2, random, seed: { low: 1, high: 2 } });
  keyspace.setNow(nowMs);
  const model = new Map<string, { value: Buffer; database: number; expireAtMs: number }>();
  const open = (database: number, key: string) => {
    const found = keyspace.database(database);
    if (found === undefined) throw new Error('there are two');
    return found.peek(new Slice(Buffer.from(key)));
  };
  for (let i = 0; i < 6000; i++) {
    const database = below(2);
    const value = Buffer.alloc(1 + below(200), i);
    const expireAtMs = below(3) === 0 ? nowMs + 1 + below(1e6) : 0;
    const cursor = open(database, `key:${i}`);
    cursor.overwrite('set', valueType.string, value.length, expireAtMs > 0);
    value.copy(cursor.bytes, cursor.valueAt);
    cursor.setExpiry(expireAtMs);
    model.set(`key:${i}`, { value, database, expireAtMs });
    if (below(50) !== 0) continue;
    // Grows into room for as much again, then gives back most of what it uses: the length is kept apart.
    cursor.resize('append', 1000);
    cursor.resize('append', value.length);
  }
  for (const [key, { database }] of model) {
    if (below(2) === 0) continue;
    open(database, key).remove('del');
    model.delete(key);
  }
  const heldBytes = (shard: number) => keyspace.shards[shard]?.heldBytes ?? 0;
  const verify = () => {
    verifyKeyspace(keyspace);
    for (const [key, { value, database, expireAtMs }] of model) {
      const cursor = open(database, key);
      expect(cursor.exists).toBe(true);
      expect(cursor.expireAtMs).toBe(expireAtMs);
      const { valueAt, valueLength } = cursor;
      expect(cursor.bytes.subarray(valueAt, valueAt + valueLength).equals(value)).toBe(true);
    }
    const count = keyspace.databases.reduce((sum, database) => sum + database.count, 0);
    expect(count).toBe(model.size);
  };
  return { keyspace, heldBytes, open, verify };
}

test.each([1, 2, 3, 4, 5])('entries stay what they are wherever they are moved to (%i)', (seed) => {
  const { keyspace, verify } = scattered(seed);
  const compaction = new Compaction(keyspace);
  for (let round = 0; round < 40; round++) compaction.makeGap(round % 2, 20_000);
  expect(compaction.moved).toBeGreaterThan(1000);
  verify();
  emptyCompletely(keyspace);
});

test('a large value finds room where there were only small gaps', () => {
  const bytes = 60_000;
  const place = ({ open, heldBytes }: ReturnType<typeof scattered>) => {
    const before = heldBytes(0);
    let number = 0;
    // A key of the first shard.
    while ((open(0, `large:${number}`).hash & 1) !== 0) number++;
    open(0, `large:${number}`).overwrite('set', valueType.string, bytes);
    return heldBytes(0) - before;
  };
  expect(place(scattered(2))).toBeGreaterThan(bytes * 0.8);
  const scene = scattered(2);
  const compaction = new Compaction(scene.keyspace);
  const before = scene.heldBytes(0);
  let gap = 0;
  for (let tries = 0; tries < 20 && gap < bytes + 1000; tries++)
    gap = compaction.makeGap(0, bytes + 1000);
  expect(gap).toBeGreaterThan(bytes);
  expect(scene.heldBytes(0)).toBeLessThanOrEqual(before);
  expect(scene.heldBytes(0) + place(scene)).toBeLessThanOrEqual(before);
  verifyKeyspace(scene.keyspace);
});

test('what no gap is left for stays, and an empty shard has nothing to move', () => {
  const random = new SeededRandom(1);
  const keyspace = new Keyspace({ shards: 1, databases: 2, random, seed: { low: 1, high: 2 } });
  const compaction = new Compaction(keyspace);
  expect(compaction.makeGap(0, 1000)).toBe(0);
  for (let i = 0; i < 100; i++) {
    keyspace.firstDatabase
      .peek(new Slice(Buffer.from(`key:${i}`)))
      .overwrite('set', valueType.string, 5000);
  }
  const { heldBytes } = keyspace;
  compaction.makeGap(0, 100_000);
  expect(keyspace.heldBytes).toBeLessThanOrEqual(heldBytes);
  expect(compaction.moved).toBeLessThan(5);
  verifyKeyspace(keyspace);
});
