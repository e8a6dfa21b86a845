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
 * use. Two things answer that. Where an arena has grown, a gap twice as large is made by moving entries (compaction.ts).
 * And from {@link calmShare} of the budget on, each byte that the arenas grow by takes several from what may be in
 * use: there are more gaps then, and what comes fits sooner. With values of up to 256 KiB in 16 arenas of 12 MB,
 * shifting between small and large, the arenas exceed the budget by 2 % at worst and for moments, and 55 to 70 % of
 * it is in use; with values of one size 90 % by calculation. Without compaction it was 35 %, and 40 % in use.
 */
import { nullRef, type Ref } from '#memory/arena.ts';
import type { Clock } from '#platform/clock.ts';
import { RefList } from '#structures/ref-list.ts';
import { TreeCursor } from '#structures/tree.ts';
import type { AccessMode } from './access.ts';
import { Compaction } from './compaction.ts';
import type { Database } from './database.ts';
import { accessOf, expireAtMs } from './entry.ts';
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
/** While there is room, the arenas' extent is looked at once for so many calls. */
const extentCheckedEvery = 8;
/** Up to this share of the budget the arenas may hold without any reserve. */
const calmShare = 0.88;
/** Bytes of reserve for each that the arenas hold beyond. */
const reservePerExcess = 6;
/** How large a gap is made where an arena has grown. */
const gapPerGrowth = 2;
/** The most of the budget that may be kept in reserve. */
const reserveShareMax = 0.6;
const frequencyMax = 255;
/** How often samples are taken before it is given up to find a key. */
const roundsMax = 64;
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
  private readonly compaction: Compaction;
  /** What each shard's arena held when it was last looked at. */
  private readonly extents: number[] = [];
  /** The databases with keys that may go, as far as is known. */
  private readonly populated: Database[] = [];
  private onlyExpiring = false;
  private budget = Number.POSITIVE_INFINITY;
  private reserve = 0;
  /** What the arenas held when a limit was set, and still do. */
  private accepted = 0;
  private usedBefore = 0;
  private calls = 0;

  constructor(keyspace: Keyspace, clock: Clock) {
    this.keyspace = keyspace;
    this.clock = clock;
    this.compaction = new Compaction(keyspace);
  }

  /** Bytes that the arenas may hold; Infinity = no limit. */
  get budgetBytes(): number {
    return this.budget;
  }

  set budgetBytes(bytes: number) {
    this.budget = bytes;
    this.watchExtent();
  }

  /**
   * Called when a limit was set: what there is now is nobody's debt, and what the arenas hold is no reason for a
   * reserve, for that memory is touched already and stays so whatever is evicted.
   */
  acceptPresent(): void {
    this.usedBefore = this.keyspace.usedBytes;
    this.accepted = this.keyspace.heldBytes;
    this.watchExtent();
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
    this.onlyExpiring = policy.startsWith('volatile');
    this.keyspace.access.mode = Eviction.accessModeFor(policy);
    this.pool.clear();
  }

  /**
   * Evicts until the data is within its budget. What the data has grown by since the last call is paid for in any
   * case, so that it never stays beyond the budget because of writes; what is more than that, as after a budget was
   * lowered, for at most {@link sliceMs}. O(shards) while the data is within.
   */
  makeRoom(): EvictionState {
    const { keyspace } = this;
    const { usedBytes } = keyspace;
    if (this.calls++ % extentCheckedEvery === 0 || usedBytes > this.budget - this.reserve) {
      this.watchExtent();
    }
    const target = this.budget - this.reserve;
    const owedTo = Math.max(target, this.usedBefore);
    this.usedBefore = usedBytes;
    if (usedBytes <= target) return 'within';
    const state = this.reduce(target, owedTo);
    this.usedBefore = keyspace.usedBytes;
    return state;
  }

  /** Evicts down to `target` bytes, but from `owedTo` on only for {@link sliceMs}. */
  private reduce(target: number, owedTo: number): EvictionState {
    const { keyspace, clock } = this;
    if (keyspace.lazyFree.pending) {
      keyspace.lazyFree.step();
      return 'running';
    }
    if (this.isFreeing) return 'running';
    if (this.policy === 'noeviction') return 'over';
    this.findPopulated();
    const endMs = clock.monotonicMs() + this.sliceMs;
    while (keyspace.usedBytes > target) {
      for (let evicted = 0; evicted < batchKeys && keyspace.usedBytes > target; evicted++) {
        if (!this.evictOne()) return 'over';
        if (this.isFreeing) return 'running';
      }
      if (keyspace.usedBytes <= owedTo && clock.monotonicMs() >= endMs) return 'running';
    }
    return 'within';
  }

  /** Whether memory comes back by itself, once what was removed is saved. */
  private get isFreeing(): boolean {
    return this.keyspace.keeper?.isFreeing === true;
  }

  /** Fits the reserve to how far the arenas have come towards what they may hold. */
  private watchExtent(): void {
    const { heldBytes } = this.keyspace;
    this.accepted = Math.min(this.accepted, heldBytes);
    const calmBytes = Math.max(this.budget * calmShare, this.accepted);
    const reserve = Math.max(0, heldBytes - calmBytes) * reservePerExcess;
    this.reserve = Math.min(reserve, this.budget * reserveShareMax);
    this.answerGrowth(heldBytes > calmBytes);
  }

  /** Where an arena has grown beyond what it should, makes a gap, so that the next like what came fits. */
  private answerGrowth(isBeyond: boolean): void {
    const { shards } = this.keyspace;
    for (let shard = 0; shard < shards.length; shard++) {
      const heldBytes = shards[shard]?.heldBytes ?? 0;
      const growth = heldBytes - (this.extents[shard] ?? heldBytes);
      this.extents[shard] = heldBytes;
      if (isBeyond && growth > 0) this.compaction.makeGap(shard, gapPerGrowth * growth);
    }
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
    for (let round = 0; round < roundsMax; round++) {
      if (round > 0) this.findPopulated();
      if (this.populated.length === 0) return false;
      for (const database of this.populated) this.sample(database);
      for (let best = this.pool.takeBest(); best !== undefined; best = this.pool.takeBest()) {
        if (this.evict(best)) return true;
      }
    }
    return false;
  }

  /** How many keys of a database the policy may evict. */
  private eligible(database: Database): number {
    return this.onlyExpiring ? database.expiring : database.count;
  }

  private findPopulated(): void {
    this.populated.length = 0;
    for (const database of this.keyspace.databases) {
      if (this.eligible(database) > 0) this.populated.push(database);
    }
  }

  private sample(database: Database): void {
    if (this.onlyExpiring) {
      for (let n = 0; n < this.samples; n++) this.sampleExpiring(database);
      return;
    }
    const { nextRandom, shards } = this.keyspace;
    let seen = 0;
    for (let tries = 0; seen < this.samples && tries < this.samples * bucketsPerSample; tries++) {
      const shard = this.below(shards.length);
      this.sampled.clear();
      database.partAt(shard).keys.sample(nextRandom(), nextRandom(), this.sampled);
      seen += this.sampled.length;
      for (let i = 0; i < this.sampled.length; i++)
        this.consider(database, shard, this.sampled.at(i));
    }
  }

  private sampleExpiring(database: Database): void {
    const shard = this.randomShardOf(database);
    if (shard >= 0) this.consider(database, shard, this.randomExpiring(database, shard));
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
      if (this.onlyExpiring && expireAtMs(keys.arena, entry) === 0) return false;
      return this.remove(database, shard, entry);
    }
    return false;
  }

  private evictRandom(): boolean {
    let total = 0;
    for (const database of this.keyspace.databases) total += this.eligible(database);
    if (total === 0) return false;
    // A key that is held is not removed, and another one drawn.
    for (let round = 0; round < roundsMax; round++) {
      if (this.removeNth(this.below(total))) return true;
    }
    return false;
  }

  /** Removes a random key of the database that has the `nth` of all that may go, if it is none that is held. */
  private removeNth(nth: number): boolean {
    let left = nth;
    for (const database of this.keyspace.databases) {
      const eligible = this.eligible(database);
      if (left < eligible) {
        const shard = this.randomShardOf(database);
        return this.remove(database, shard, this.randomEntry(database, shard));
      }
      left -= eligible;
    }
    return false;
  }

  private randomEntry(database: Database, shard: number): Ref {
    if (this.onlyExpiring) return this.randomExpiring(database, shard);
    return database.partAt(shard).keys.random(this.keyspace.nextRandom, this.sampled);
  }

  private evictShortestToLive(): boolean {
    let earliestMs = Number.POSITIVE_INFINITY;
    let entry = nullRef;
    let owner: Database | undefined;
    let ownersShard = 0;
    const { databases, shards } = this.keyspace;
    for (const database of databases) {
      for (let shard = 0; shard < shards.length; shard++) {
        const { expiries } = database.partAt(shard);
        if (expiries.earliestMs() >= earliestMs) continue;
        const first = this.firstExpiring(database, shard);
        if (first === nullRef) continue;
        const atMs = expiries.expiryAt(this.place);
        if (atMs >= earliestMs) continue;
        earliestMs = atMs;
        entry = first;
        owner = database;
        ownersShard = shard;
      }
    }
    return owner !== undefined && this.remove(owner, ownersShard, entry);
  }

  /** The key of a part that expires first, but for those that are held; null if there is none. {@link place} is there. */
  private firstExpiring(database: Database, shard: number): Ref {
    const { place } = this;
    const { expiries } = database.partAt(shard);
    for (let more = expiries.first(place); more; more = expiries.next(place)) {
      const entry = database.expiringEntry(shard, expiries.expiryAt(place), expiries.value(place));
      if (!database.isHeld(database.openEntry(shard, entry))) return entry;
    }
    return nullRef;
  }

  /** A shard of a database, drawn with the number of its keys that may go as weight, or -1 if there are none. */
  private randomShardOf(database: Database): number {
    const eligible = this.eligible(database);
    if (eligible === 0) return -1;
    let left = this.below(eligible);
    for (let shard = 0; ; shard++) {
      const { keys, expiries } = database.partAt(shard);
      const { count } = this.onlyExpiring ? expiries : keys;
      if (left < count) return shard;
      left -= count;
    }
  }

  private below(limit: number): number {
    return (this.keyspace.nextRandom() >>> 0) % limit;
  }

  private randomExpiring(database: Database, shard: number): Ref {
    const { expiries } = database.partAt(shard);
    expiries.seekRank(this.below(expiries.count), this.place);
    return database.expiringEntry(shard, expiries.expiryAt(this.place), expiries.value(this.place));
  }

  /** Removes a key, unless it is held. */
  private remove(database: Database, shard: number, entry: Ref): boolean {
    const cursor = database.openEntry(shard, entry);
    if (database.isHeld(cursor)) return false;
    this.keyspace.stats.evicted++;
    cursor.remove('evicted');
    return true;
  }
}
