/**
 * The keyspace: all databases over all shards, the time they live by, and their one write path. The engine's
 * composition of data; it knows types only as numbers, and no protocol.
 */
import { assert } from '#memory/assert.ts';
import type { Slice } from '#memory/slice.ts';
import type { Random } from '#platform/random.ts';
import type { HashSeed } from '#structures/halfsiphash.ts';
import { Probe } from '#structures/probe.ts';
import { AccessClock } from './access.ts';
import { Database } from './database.ts';
import type { Generation } from './entry.ts';
import { Foresight } from './foresight.ts';
import type { KeyCursor } from './key-cursor.ts';
import { LazyFree } from './lazy-free.ts';
import { type Part, Shard } from './shard.ts';
import type { HooksByType } from './value-hooks.ts';
import { WritePath } from './writes.ts';

const shardsMax = 128;

/** Somebody who has a use for what a flush leaves behind. */
export interface PartKeeper {
  /** Takes over a part that a flush detached, if it wants it, and then gives it to {@link Keyspace.lazyFree} itself. */
  keep(shard: Shard, part: Part): boolean;
}

export interface KeyspaceOptions {
  /** A power of two up to {@link shardsMax}. Each holds at most 2 GiB. */
  readonly shards: number;
  readonly databases: number;
  readonly random: Random;
  readonly seed: HashSeed;
  /** What is to be known of the types. Without any, every value has to lie in its entry. */
  readonly hooks?: HooksByType;
}

/** Counters since the start or the last CONFIG RESETSTAT. */
class KeyspaceStats {
  hits = 0;
  misses = 0;
  expired = 0;
  /** Members of collections. */
  expiredFields = 0;
  evicted = 0;
}

export class Keyspace {
  /** The time of the command under way, ms since the epoch. Set with {@link setNow}. */
  nowMs = 0;
  /** Whether time stands, for a command that is not done. */
  holdsTime = false;
  /** Whether uses are noted; a client may ask that its own are not (CLIENT NO-TOUCH). */
  touches = true;
  private readonly probe = new Probe();
  readonly shards: readonly Shard[];
  readonly seed: HashSeed;
  readonly shardMask: number;
  readonly databases: readonly Database[];
  readonly access: AccessClock;
  readonly writes = new WritePath();
  readonly stats = new KeyspaceStats();
  readonly lazyFree: LazyFree;
  /** The keys of the requests that come next. */
  readonly foresight: Foresight;
  readonly hooks: HooksByType;
  /** Called, if somebody wants to know, when a command looks for a key to read that is not there. */
  onMiss: ((cursor: KeyCursor) => void) | undefined;
  /** What new entries belong to: see {@link Generation}. */
  generation: Generation = 0;
  /** Who is asked before a flushed database is taken apart. */
  keeper: PartKeeper | undefined;
  /** Draws an int32. */
  readonly nextRandom: () => number;

  constructor({ shards, databases, random, seed, hooks = {} }: KeyspaceOptions) {
    assert(
      shards >= 1 && shards <= shardsMax && (shards & (shards - 1)) === 0,
      'keyspace: the number of shards is a power of two in range',
    );
    this.nextRandom = () => random.int32();
    this.hooks = hooks;
    this.lazyFree = new LazyFree(hooks);
    this.access = new AccessClock(random);
    this.seed = seed;
    this.foresight = new Foresight(seed);
    this.shardMask = shards - 1;
    this.shards = Array.from({ length: shards }, () => new Shard(databases, seed));
    this.databases = Array.from({ length: databases }, (_, index) => new Database(this, index));
  }

  /** Sets the time that commands see from here on. */
  setNow(nowMs: number): void {
    if (this.holdsTime) return;
    this.nowMs = nowMs;
    this.access.setNow(nowMs);
  }

  /** The hash of a key, by which its shard is chosen and its entry found. */
  hashOf(key: Slice): number {
    this.probe.load(this.seed, key);
    return this.probe.hash;
  }

  /** Bytes in blocks in use, over all shards. O(shards). */
  get usedBytes(): number {
    let bytes = 0;
    for (const shard of this.shards) bytes += shard.usedBytes;
    return bytes;
  }

  /** Bytes resident for the shards, fragmentation included. O(shards). */
  get heldBytes(): number {
    let bytes = 0;
    for (const shard of this.shards) bytes += shard.heldBytes;
    return bytes;
  }

  /** Database 0, where every session begins. */
  get firstDatabase(): Database {
    const [first] = this.databases;
    assert(first !== undefined, 'keyspace: there is a database');
    return first;
  }

  /** The database numbered `index`, if there is one. */
  database(index: number): Database | undefined {
    return this.databases[index];
  }

  /** Empties a database; `async` leaves the work to {@link LazyFree}. Returns how many keys went. */
  flush(database: Database, async: boolean): number {
    const { count } = database;
    this.writes.announceFlush(database.index, count);
    if (this.isOnlyUser(database)) this.resetShards();
    else this.detach(database, async);
    return count;
  }

  /** Empties everything at once: the arenas are dropped whole. Returns how many keys went. */
  flushAll(): number {
    let count = 0;
    for (const database of this.databases) {
      count += database.count;
      this.writes.announceFlush(database.index, database.count);
    }
    this.resetShards();
    return count;
  }

  /** Exchanges the keys of two databases. O(shards). */
  swap(a: Database, b: Database): void {
    if (a === b) return;
    this.writes.announceSwap(a.index, b.index);
    for (const shard of this.shards) shard.swap(a.index, b.index);
    a.rebind();
    b.rebind();
  }

  private isOnlyUser(database: Database): boolean {
    return this.databases.every((other) => other === database || other.count === 0);
  }

  private resetShards(): void {
    this.lazyFree.abandon();
    // Who keeps what a flush leaves behind also reads from arenas that are dropped.
    for (const shard of this.shards) shard.reset(this.keeper !== undefined);
    for (const database of this.databases) database.rebind();
  }

  private detach(database: Database, async: boolean): void {
    for (const shard of this.shards) {
      const part = shard.detach(database.index);
      if (this.keeper?.keep(shard, part) !== true) this.lazyFree.add(shard, part);
    }
    database.rebind();
    if (!async) this.lazyFree.finish();
  }
}
