/**
 * Eviction: keeps the data within a budget of bytes by removing keys, the ones that a policy likes least first.
 *
 * Least recently used, least frequently used and least recently modified compare samples of keys and a pool of the
 * best candidates so far (eviction-pool.ts); of all keys a sample is a bucket of the hash table, of those that
 * expire it is an element of the expiry index at a random rank. Shortest to live needs no sample: the expiry index
 * knows. With 5 samples the hit ratio is within a hundredth or two of exact LRU's (eviction.test.ts).
 *
 * The budget is for what stays resident. Freed memory goes back to the allocator, not to the system, and values
 * of mixed sizes leave gaps that the next ones do not fit: then the arenas grow although less than the budget is in
 * use. So a part of the budget is kept in reserve, and whenever the arenas have outgrown the budget the reserve
 * grows by twice the excess: there are more gaps then, and they get larger, until what comes fits into them.
 */
import type { Ref } from '#memory/arena.ts';
import type { Clock } from '#platform/clock.ts';
import { RefList } from '#structures/ref-list.ts';
import { TreeCursor } from '#structures/tree.ts';
import type { AccessMode } from './access.ts';
import type { Database } from './database.ts';
import { accessOf } from './entry.ts';
import { type Candidate, EvictionPool } from './eviction-pool.ts';
import type { Keyspace } from './keyspace.ts';

export type EvictionPolicy =
  | 'noeviction'
  | `${'allkeys' | 'volatile'}-${'lru' | 'lfu' | 'lrm' | 'random'}`
  | 'volatile-ttl';

/** How far eviction has come: `over` means that nothing can be evicted and the data is beyond its budget. */
export type EvictionState = 'within' | 'running' | 'over';

/** Keys removed between two looks at the clock. */
const batchKeys = 16;
/** The arenas' extent is looked at once for so many calls. */
const extentCheckedEvery = 32;
/** The most of the budget that may be kept in reserve. */
const reserveShareMax = 0.5;
const frequencyMax = 255;
/** Buckets looked at for a sample; most have several keys. */
const bucketsPerSample = 4;

export class Eviction {
  policy: EvictionPolicy = 'noeviction';
  /** Redis's maxmemory-samples. */
  samples = 5;
  /** How long one call may evict, in ms. */
  sliceMs = 0.5;
  private readonly keyspace: Keyspace;
  private readonly clock: Clock;
  private readonly pool = new EvictionPool();
  private readonly sampled = new RefList();
  private readonly place = new TreeCursor();
  private budget = Number.POSITIVE_INFINITY;
  private reserve = 0;
  private heldBefore = 0;
  private calls = 0;

  constructor(keyspace: Keyspace, clock: Clock) {
    this.keyspace = keyspace;
    this.clock = clock;
  }

  /** Bytes that the arenas may hold; Infinity = no limit. */
  get budgetBytes(): number {
    return this.budget;
  }

  set budgetBytes(bytes: number) {
    if (bytes !== this.budget) this.reserve = 0;
    this.budget = bytes;
  }

  get isLimited(): boolean {
    return this.budget !== Number.POSITIVE_INFINITY;
  }

  /** What entries have to remember of their use for a policy. */
  static accessModeFor(policy: EvictionPolicy): AccessMode {
    if (policy.endsWith('lfu')) return 'frequency';
    return policy.endsWith('lrm') ? 'modification' : 'recency';
  }

  /** Changes the policy; what entries remember of their use is taken for what the new one needs. */
  setPolicy(policy: EvictionPolicy): void {
    this.policy = policy;
    this.keyspace.access.mode = Eviction.accessModeFor(policy);
    this.pool.clear();
  }

  /** Evicts until the data is within its budget, for at most {@link sliceMs}. O(shards) while it is. */
  makeRoom(): EvictionState {
    if (this.calls++ % extentCheckedEvery === 0) this.watchExtent();
    const target = this.budget - this.reserve;
    if (this.keyspace.usedBytes <= target) return 'within';
    if (this.keyspace.lazyFree.pending) {
      this.keyspace.lazyFree.step();
      return 'running';
    }
    if (this.policy === 'noeviction') return 'over';
    const endMs = this.clock.monotonicMs() + this.sliceMs;
    while (this.keyspace.usedBytes > target) {
      for (let evicted = 0; evicted < batchKeys && this.keyspace.usedBytes > target; evicted++) {
        if (!this.evictOne()) return 'over';
      }
      if (this.clock.monotonicMs() >= endMs) return 'running';
    }
    return 'within';
  }

  /** Enlarges the reserve when the arenas grow beyond the budget. */
  private watchExtent(): void {
    const { heldBytes } = this.keyspace;
    const growth = heldBytes - Math.max(this.heldBefore, this.budget);
    if (growth > 0) {
      this.reserve = Math.min(this.reserve + 2 * growth, this.budget * reserveShareMax);
    }
    this.heldBefore = heldBytes;
  }

  /** Removes one key. Returns false when there is none that may go. */
  private evictOne(): boolean {
    switch (this.policy) {
      case 'noeviction':
        return false;
      case 'volatile-ttl':
        return this.evictShortestToLive();
      case 'allkeys-random':
      case 'volatile-random':
        return this.evictRandom();
      default:
        return this.evictBest();
    }
  }

  private evictBest(): boolean {
    // A candidate that was used meanwhile is skipped; every round samples anew.
    for (let round = 0; round < 64; round++) {
      let found = false;
      for (const database of this.keyspace.databases) {
        if (this.eligible(database) === 0) continue;
        found = true;
        this.sample(database);
      }
      if (!found) return false;
      for (let best = this.pool.takeBest(); best !== undefined; best = this.pool.takeBest()) {
        if (this.evict(best)) return true;
      }
    }
    return false;
  }

  /** How many keys of a database the policy may evict. */
  private eligible(database: Database): number {
    return this.policy.startsWith('allkeys') ? database.count : database.expiring;
  }

  private sample(database: Database): void {
    if (this.policy.startsWith('volatile')) {
      for (let n = 0; n < this.samples; n++) this.sampleExpiring(database);
      return;
    }
    const { nextRandom, shards } = this.keyspace;
    let seen = 0;
    for (let tries = 0; seen < this.samples && tries < this.samples * bucketsPerSample; tries++) {
      const shard = (nextRandom() >>> 0) % shards.length;
      this.sampled.clear();
      database.partAt(shard).keys.sample(nextRandom(), nextRandom(), this.sampled);
      seen += this.sampled.length;
      for (let i = 0; i < this.sampled.length; i++)
        this.consider(database, shard, this.sampled.at(i));
    }
  }

  private sampleExpiring(database: Database): void {
    const shard = this.randomShardOf(database);
    const entry = this.randomExpiring(database, shard);
    this.consider(database, shard, entry);
  }

  private consider(database: Database, shard: number, entry: Ref): void {
    const { keys } = database.partAt(shard);
    const access = accessOf(keys.arena, entry);
    const clock = this.keyspace.access;
    const score =
      clock.mode === 'frequency' ? frequencyMax - clock.frequency(access) : clock.idleMs(access);
    if (!this.pool.wants(score)) return;
    this.pool.add(score, {
      database: database.index,
      shard,
      entry,
      hash: keys.hashOf(entry),
      access,
    });
  }

  /** Removes a candidate, unless it has gone or been used since it was sampled. */
  private evict({ database: index, shard, entry, hash, access }: Candidate): boolean {
    const database = this.keyspace.database(index);
    if (database === undefined) return false;
    const { keys } = database.partAt(shard);
    this.sampled.clear();
    keys.candidates(hash, this.sampled);
    for (let i = 0; i < this.sampled.length; i++) {
      if (this.sampled.at(i) !== entry) continue;
      if (accessOf(keys.arena, entry) !== access || keys.hashOf(entry) !== hash) return false;
      this.remove(database, shard, entry);
      return true;
    }
    return false;
  }

  private evictRandom(): boolean {
    let total = 0;
    for (const database of this.keyspace.databases) total += this.eligible(database);
    if (total === 0) return false;
    let left = (this.keyspace.nextRandom() >>> 0) % total;
    for (const database of this.keyspace.databases) {
      const eligible = this.eligible(database);
      if (left >= eligible) {
        left -= eligible;
        continue;
      }
      if (this.policy === 'allkeys-random') {
        const key = database.random();
        if (!key.exists) return false;
        this.keyspace.stats.evicted++;
        key.remove('evicted');
        return true;
      }
      const shard = this.randomShardOf(database);
      this.remove(database, shard, this.randomExpiring(database, shard));
      return true;
    }
    return false;
  }

  private evictShortestToLive(): boolean {
    let earliestMs = Number.POSITIVE_INFINITY;
    let owner: Database | undefined;
    let ownersShard = 0;
    const { databases, shards } = this.keyspace;
    for (const database of databases) {
      for (let shard = 0; shard < shards.length; shard++) {
        const atMs = database.partAt(shard).expiries.earliestMs();
        if (atMs >= earliestMs) continue;
        earliestMs = atMs;
        owner = database;
        ownersShard = shard;
      }
    }
    if (owner === undefined) return false;
    const hash = owner.partAt(ownersShard).expiries.firstValue();
    this.remove(owner, ownersShard, owner.expiringEntry(ownersShard, earliestMs, hash));
    return true;
  }

  /** A shard of a database that has keys which expire, drawn with their number as weight. */
  private randomShardOf(database: Database): number {
    let left = (this.keyspace.nextRandom() >>> 0) % database.expiring;
    let shard = 0;
    for (;;) {
      const { count } = database.partAt(shard).expiries;
      if (left < count) return shard;
      left -= count;
      shard++;
    }
  }

  private randomExpiring(database: Database, shard: number): Ref {
    const { expiries } = database.partAt(shard);
    expiries.seekRank((this.keyspace.nextRandom() >>> 0) % expiries.count, this.place);
    const atMs = expiries.high(this.place) * 2 ** 32 + expiries.low(this.place);
    return database.expiringEntry(shard, atMs, expiries.value(this.place));
  }

  private remove(database: Database, shard: number, entry: Ref): void {
    this.keyspace.stats.evicted++;
    database.openEntry(shard, entry).remove('evicted');
  }
}
