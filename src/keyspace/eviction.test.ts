/** Eviction: who may go, who goes first, how close to the exact choice that is, and that it stops where it should. */
import { describe, expect, test } from 'vitest';
import { Slice } from '#memory/slice.ts';
import { ManualClock } from '#platform/clock.ts';
import { SeededRandom } from '#platform/random.ts';
import { valueType } from './entry.ts';
import { Eviction, type EvictionPolicy } from './eviction.ts';
import type { KeyCursor } from './key-cursor.ts';
import { Keyspace } from './keyspace.ts';
import { verifyKeyspace } from './testing/books.ts';

const allkeys: readonly EvictionPolicy[] = [
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-lrm',
  'allkeys-random',
];
const volatile: readonly EvictionPolicy[] = [
  'volatile-lru',
  'volatile-lfu',
  'volatile-lrm',
  'volatile-random',
  'volatile-ttl',
];
/** Longer than the tick in which uses are told apart. */
const tickMs = 200;

class Scene {
  readonly clock = new ManualClock();
  readonly keyspace: Keyspace;
  readonly eviction: Eviction;
  readonly evicted: string[] = [];

  constructor(policy: EvictionPolicy, options: { databases?: number; shards?: number } = {}) {
    const { databases = 2, shards = 4 } = options;
    const random = new SeededRandom(7);
    this.keyspace = new Keyspace({ shards, databases, random, seed: { low: 1, high: 2 } });
    this.keyspace.setNow(this.clock.nowMs());
    this.eviction = new Eviction(this.keyspace, this.clock);
    this.eviction.setPolicy(policy);
    this.keyspace.writes.subscribe({
      beforeWrite: (event, cursor) => {
        if (event === 'evicted') this.evicted.push(cursor.key.latin1());
      },
      beforeFlush: () => {},
      beforeSwap: () => {},
    });
  }

  set(key: string, { database = 0, bytes = 40, ttlMs = 0 } = {}): void {
    const cursor = this.open(key, 'write', database);
    cursor.overwrite('set', valueType.string, bytes, ttlMs > 0);
    cursor.setExpiry(ttlMs > 0 ? this.keyspace.nowMs + ttlMs : 0);
  }

  open(key: string, how: 'read' | 'write' | 'peek', database = 0): KeyCursor {
    const found = this.keyspace.database(database);
    if (found === undefined) throw new Error(`there is no database ${database}`);
    return found[how](new Slice(Buffer.from(key)));
  }

  has(key: string, database = 0): boolean {
    return this.open(key, 'peek', database).exists;
  }

  pass(ms = tickMs): void {
    this.clock.advance(ms);
    this.keyspace.setNow(this.clock.nowMs());
  }

  /** Evicts exactly one key, or none where the policy has none to give. */
  evictOne(): string | undefined {
    const { eviction, keyspace } = this;
    const before = this.evicted.length;
    eviction.budgetBytes = keyspace.usedBytes - 1;
    // Whatever the arenas hold now needs no reserve.
    eviction.acceptPresent();
    eviction.makeRoom();
    eviction.budgetBytes = Number.POSITIVE_INFINITY;
    expect(this.evicted.length - before).toBeLessThanOrEqual(1);
    return this.evicted[before];
  }
}

describe('who may go', () => {
  test.each(volatile)('%s evicts keys that expire and no others', (policy) => {
    const scene = new Scene(policy);
    for (let i = 0; i < 300; i++) scene.set(`stays:${i}`, { database: i % 2 });
    for (let i = 0; i < 200; i++) scene.set(`goes:${i}`, { database: i % 2, ttlMs: 1000 + i });
    // Had a place for an expiry, and has none any more.
    scene.set('persisted', { ttlMs: 5000 });
    scene.open('persisted', 'write').changeExpiry('persist', 0);
    for (let i = 0; i < 200; i++) expect(scene.evictOne()).toMatch(/^goes:/);
    expect(scene.evictOne()).toBeUndefined();
    scene.eviction.budgetBytes = 1;
    expect(scene.eviction.makeRoom()).toBe('over');
    expect(scene.keyspace.firstDatabase.count).toBe(151);
    expect(scene.keyspace.stats.evicted).toBe(200);
    verifyKeyspace(scene.keyspace);
  });

  test.each(allkeys)('%s evicts every key of every database until nothing is left', (policy) => {
    const scene = new Scene(policy, { databases: 3 });
    for (let i = 0; i < 300; i++) {
      scene.set(`key:${i}`, { database: i % 3, ttlMs: i % 2 === 0 ? 1000 : 0 });
    }
    for (let i = 0; i < 300; i++) expect(scene.evictOne()).toBeDefined();
    expect(new Set(scene.evicted).size).toBe(300);
    scene.eviction.budgetBytes = 1;
    expect(scene.eviction.makeRoom()).toBe('over');
    for (const database of scene.keyspace.databases) expect(database.count).toBe(0);
    verifyKeyspace(scene.keyspace);
  });

  test('noeviction evicts nothing, and goes on once there is room', () => {
    const scene = new Scene('noeviction');
    for (let i = 0; i < 100; i++) scene.set(`key:${i}`, { ttlMs: 1000 });
    const full = scene.keyspace.usedBytes;
    scene.eviction.budgetBytes = full - 1;
    scene.eviction.acceptPresent();
    expect(scene.eviction.makeRoom()).toBe('over');
    expect(scene.keyspace.firstDatabase.count).toBe(100);
    scene.open('key:5', 'write').remove('del');
    expect(scene.eviction.makeRoom()).toBe('within');
  });

  test('keys past their time may go as well, however many there are', () => {
    for (const policy of [...allkeys, ...volatile]) {
      const scene = new Scene(policy);
      for (let i = 0; i < 300; i++) scene.set(`due:${i}`, { ttlMs: 100 });
      scene.pass(500);
      scene.eviction.budgetBytes = scene.keyspace.usedBytes / 2;
      scene.eviction.acceptPresent();
      expect(scene.eviction.makeRoom(), policy).toBe('within');
      expect(scene.keyspace.usedBytes).toBeLessThanOrEqual(scene.eviction.budgetBytes);
      verifyKeyspace(scene.keyspace);
    }
  });
});

describe('who goes first', () => {
  test('volatile-ttl: who has the shortest to live, in whichever database', () => {
    const scene = new Scene('volatile-ttl', { databases: 3 });
    // In no order of time.
    for (let i = 0; i < 200; i++) {
      scene.set(`${(i * 77) % 200}`, { database: i % 3, ttlMs: 1000 + ((i * 77) % 200) * 10 });
    }
    for (let i = 0; i < 200; i++) expect(scene.evictOne()).toBe(`${i}`);
  });

  /** Of 100 keys the odd ones are used once more, in the given way; then half of all are evicted. */
  function shareOfUsedThatStayed(policy: EvictionPolicy, use: 'read' | 'write', times = 1) {
    const scene = new Scene(policy);
    scene.eviction.samples = 10;
    for (let i = 0; i < 100; i++) scene.set(`key:${i}`, { ttlMs: 1e9 });
    for (let round = 0; round < times; round++) {
      scene.pass();
      for (let i = 1; i < 100; i += 2) scene.open(`key:${i}`, use);
    }
    scene.pass();
    // What was used most often is not what was used last.
    if (times > 1) for (let i = 0; i < 100; i += 2) scene.open(`key:${i}`, use);
    for (let i = 0; i < 50; i++) scene.evictOne();
    return scene.evicted.filter((key) => Number(key.slice(4)) % 2 === 0).length / 50;
  }

  test.each(['allkeys-lru', 'volatile-lru'] as const)('%s: who was not used for longest', (lru) => {
    expect(shareOfUsedThatStayed(lru, 'read')).toBeGreaterThan(0.9);
    expect(shareOfUsedThatStayed(lru, 'write')).toBeGreaterThan(0.9);
  });

  test.each(['allkeys-lrm', 'volatile-lrm'] as const)('%s: reading protects nobody', (lrm) => {
    expect(shareOfUsedThatStayed(lrm, 'read')).toBeLessThan(0.7);
    expect(shareOfUsedThatStayed(lrm, 'write')).toBeGreaterThan(0.9);
  });

  test.each(['allkeys-lfu', 'volatile-lfu'] as const)('%s: who is used least often', (lfu) => {
    expect(shareOfUsedThatStayed(lfu, 'read', 30)).toBeGreaterThan(0.9);
  });

  test('random: anybody', () => {
    const share = shareOfUsedThatStayed('allkeys-random', 'read', 30);
    expect(share).toBeGreaterThan(0.3);
    expect(share).toBeLessThan(0.7);
  });
});

describe('candidates that were found earlier', () => {
  /** Lets the pool know `old:` keys by evicting a few of many, the only ones that are not fresh. */
  function sceneWithPool(policy: EvictionPolicy): Scene {
    const scene = new Scene(policy, { shards: 1 });
    scene.eviction.samples = 64;
    for (let i = 0; i < 30; i++) scene.set(`old:${i}`, { ttlMs: 1e9 });
    scene.pass(10_000);
    for (let i = 0; i < 100; i++) scene.set(`new:${i}`, { ttlMs: 1e9 });
    for (let i = 0; i < 3; i++) expect(scene.evictOne()).toMatch(/^old:/);
    return scene;
  }

  test('are passed over when they were used since', () => {
    const scene = sceneWithPool('allkeys-lru');
    scene.pass(10_000);
    for (let i = 0; i < 30; i++) scene.open(`old:${i}`, 'read');
    expect(scene.evictOne()).toMatch(/^new:/);
    verifyKeyspace(scene.keyspace);
  });

  test('are passed over when they are gone, or others are in their place', () => {
    const scene = sceneWithPool('allkeys-lru');
    scene.pass(10_000);
    const left = Array.from({ length: 30 }, (_, i) => `old:${i}`).filter((key) => scene.has(key));
    for (const key of left) scene.open(key, 'write').remove('del');
    // As long as those were: they get the same blocks.
    for (const [i] of left.entries()) scene.set(`cur:${i}`, { ttlMs: 1e9 });
    for (let i = 0; i < 20; i++) expect(scene.evictOne()).toMatch(/^new:/);
    verifyKeyspace(scene.keyspace);
  });

  test('are passed over when they do not expire any more', () => {
    const scene = sceneWithPool('volatile-lru');
    const left = Array.from({ length: 30 }, (_, i) => `old:${i}`).filter((key) => scene.has(key));
    // By a client whose uses are not noted, so that only the expiry tells.
    scene.keyspace.touches = false;
    for (const key of left) scene.open(key, 'write').changeExpiry('persist', 0);
    for (let i = 0; i < 20; i++) expect(scene.evictOne()).toMatch(/^new:/);
    for (const key of left) expect(scene.has(key)).toBe(true);
  });

  test('are no danger when their databases were exchanged or flushed', () => {
    const scene = sceneWithPool('allkeys-lru');
    const [first, second] = scene.keyspace.databases;
    if (first === undefined || second === undefined) throw new Error('there are two');
    scene.keyspace.swap(first, second);
    scene.pass();
    expect(scene.evictOne()).toBeDefined();
    scene.keyspace.flushAll();
    expect(scene.evictOne()).toBeUndefined();
    scene.set('other');
    expect(scene.evictOne()).toBe('other');
    verifyKeyspace(scene.keyspace);
  });
});

describe('the budget', () => {
  test('is never left by what is written, whatever a slice may take', () => {
    const scene = new Scene('allkeys-lru');
    scene.eviction.sliceMs = 0;
    for (let i = 0; i < 3000; i++) scene.set(`key:${i}`, { bytes: 100 });
    const budget = scene.keyspace.usedBytes;
    scene.eviction.budgetBytes = budget;
    scene.eviction.acceptPresent();
    for (let i = 0; i < 300; i++) {
      scene.set(`large:${i}`, { bytes: 5000 });
      scene.eviction.makeRoom();
      expect(scene.keyspace.usedBytes).toBeLessThanOrEqual(budget);
    }
    expect(scene.evicted.length).toBeGreaterThan(2900);
    verifyKeyspace(scene.keyspace);
  });

  test('is worked down to in slices when it is lowered', () => {
    const scene = new Scene('allkeys-lru');
    scene.eviction.sliceMs = 0;
    for (let i = 0; i < 3000; i++) scene.set(`key:${i}`, { bytes: 100 });
    const full = scene.keyspace.usedBytes;
    scene.eviction.budgetBytes = full / 2;
    scene.eviction.acceptPresent();
    let slices = 0;
    for (let before = 0; scene.eviction.makeRoom() === 'running'; before = scene.evicted.length) {
      slices++;
      expect(scene.evicted.length - before).toBeGreaterThan(0);
      expect(scene.evicted.length - before).toBeLessThanOrEqual(16);
    }
    expect(slices).toBeGreaterThan(80);
    expect(scene.keyspace.usedBytes).toBeLessThanOrEqual(full / 2);
  });

  test('shrinks while the arenas outgrow it, and recovers with them', () => {
    const scene = new Scene('allkeys-lru', { shards: 1 });
    for (let i = 0; i < 3000; i++) scene.set(`key:${i}`, { bytes: 100 });
    const { heldBytes } = scene.keyspace;
    scene.eviction.budgetBytes = heldBytes;
    while (scene.eviction.makeRoom() === 'running');
    expect(scene.keyspace.usedBytes).toBeLessThan(heldBytes * 0.6);
    scene.eviction.acceptPresent();
    const evicted = scene.evicted.length;
    for (let i = 0; i < 300; i++) scene.set(`again:${i}`, { bytes: 100 });
    expect(scene.eviction.makeRoom()).toBe('within');
    expect(scene.evicted.length).toBe(evicted);
  });

  test('lets what was removed be freed before anybody is evicted', () => {
    const scene = new Scene('allkeys-random');
    for (let i = 0; i < 2000; i++) scene.set(`key:${i}`, { database: 1 });
    scene.set('stays');
    scene.eviction.budgetBytes = scene.keyspace.usedBytes - 1;
    scene.eviction.acceptPresent();
    const second = scene.keyspace.database(1);
    if (second === undefined) throw new Error('there are two');
    scene.keyspace.flush(second, true);
    while (scene.eviction.makeRoom() === 'running');
    expect(scene.evicted).toEqual([]);
  });
});

describe('hit ratios with a tenth of the keys in memory', () => {
  const keys = 50_000;
  const capacity = 5000;
  const length = 300_000;

  /** Draws 0 … keys - 1 with probabilities that fall as 1 / rank^0.99. */
  function zipf(random: SeededRandom): () => number {
    const cumulative = new Float64Array(keys);
    let total = 0;
    for (let i = 0; i < keys; i++) {
      total += 1 / (i + 1) ** 0.99;
      cumulative[i] = total;
    }
    return () => {
      const drawn = ((random.int32() >>> 0) / 2 ** 32) * total;
      let low = 0;
      let high = keys - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((cumulative[middle] ?? 0) < drawn) low = middle + 1;
        else high = middle;
      }
      return low;
    };
  }

  const draw = zipf(new SeededRandom(3));
  const traces = {
    zipf: Int32Array.from({ length }, () => draw()),
    // Two fifths of the time somebody walks through keys that nobody asks for again.
    scan: Int32Array.from({ length }, (_, i) => (i % keys < 20_000 ? 100_000 + i : draw())),
  };

  function exact(trace: Int32Array): number {
    const order = new Set<number>();
    let hits = 0;
    for (const key of trace) {
      if (order.delete(key)) hits++;
      else if (order.size >= capacity) order.delete(order.values().next().value ?? -1);
      order.add(key);
    }
    return hits / trace.length;
  }

  function ours(trace: Int32Array, policy: EvictionPolicy): number {
    const scene = new Scene(policy, { databases: 1 });
    const { firstDatabase } = scene.keyspace;
    let hits = 0;
    for (const [at, key] of trace.entries()) {
      // 128 requests in a tick of the access clock.
      if (at % 16 === 0) scene.pass(16);
      if (scene.open(`key:${key}`, 'read').exists) {
        hits++;
        continue;
      }
      if (firstDatabase.count >= capacity) scene.evictOne();
      scene.set(`key:${key}`);
    }
    expect(firstDatabase.count).toBe(capacity);
    verifyKeyspace(scene.keyspace);
    return hits / trace.length;
  }

  test.each(['zipf', 'scan'] as const)('lru is within a hundredth of exact LRU: %s', (name) => {
    expect(Math.abs(ours(traces[name], 'allkeys-lru') - exact(traces[name]))).toBeLessThan(0.01);
  });

  test.each(['zipf', 'scan'] as const)('lfu is at least as good as exact LRU: %s', (name) => {
    expect(ours(traces[name], 'allkeys-lfu')).toBeGreaterThanOrEqual(exact(traces[name]));
  });
});
