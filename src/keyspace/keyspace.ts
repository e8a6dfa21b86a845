/**
 * The keyspace: all databases over all shards, the time they live by, and their one write path. The engine's
 * composition of data; it knows types only as numbers, and no protocol.
 *
 * A keyspace may have a *view*: another keyspace over the same shards, on which a transaction's commands run (pending.ts).
 */
import { assert } from '#memory/assert.ts';
import type { Slice } from '#memory/slice.ts';
import type { Random } from '#platform/random.ts';
import type { HashSeed } from '#structures/halfsiphash.ts';
import { Probe } from '#structures/probe.ts';
import { AccessClock } from './access.ts';
import { Database } from './database.ts';
import type { BirthFlags, ChangeMark, Generation } from './entry.ts';
import { Foresight } from './foresight.ts';
import type { Keeper } from './keeper.ts';
import type { KeyCursor } from './key-cursor.ts';
import { LazyFree } from './lazy-free.ts';
import { discard, type PendingChanges } from './pending.ts';
import { Shard } from './shard.ts';
import type { HooksByType } from './value-hooks.ts';
import { WritePath } from './writes.ts';

const shardsMax = 128;

export interface KeyspaceOptions {
  /** A power of two up to {@link shardsMax}. Each holds at most 2 GiB. */
  readonly shards: number;
  readonly databases: number;
  readonly random: Random;
  readonly seed: HashSeed;
  /** What is to be known of the types. Without any, every value has to lie in its entry. */
  readonly hooks?: HooksByType;
}

/** Somebody who needs some keys to stay as they are. */
export interface KeyGuard {
  /** Whether nothing but a command may remove the existing key at the cursor: it neither expires nor is evicted. */
  isHeld(cursor: KeyCursor): boolean;
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
  readonly stats: KeyspaceStats;
  readonly lazyFree: LazyFree;
  /** The keys of the requests that come next. */
  readonly foresight: Foresight;
  /** Undefined: keys are nobody's but their own. */
  guard: KeyGuard | undefined;
  /** Of a view, the changes that it shows; a view has some whenever it is used. */
  pending: PendingChanges | undefined;
  /** Of a view, what it is a view of. */
  readonly base: Keyspace | undefined;
  private readonly options: KeyspaceOptions;
  private ownView: Keyspace | undefined;
  readonly hooks: HooksByType;
  /** Called, if somebody wants to know, when a command looks for a key to read that is not there. */
  onMiss: ((cursor: KeyCursor) => void) | undefined;
  /** What new entries belong to: see {@link Generation}. */
  generation: Generation = 0;
  /** What new entries are marked with: see {@link ChangeMark}. */
  changeMark: ChangeMark = 0;
  /** What is being saved, if anything is. */
  keeper: Keeper | undefined;
  /** Called when values that were claimed of the keeper are saved. */
  onSaved: () => void = () => {};
  /** Draws an int32. */
  readonly nextRandom: () => number;

  constructor(options: KeyspaceOptions, base?: Keyspace) {
    const { shards, databases, random, seed, hooks = {} } = options;
    assert(
      shards >= 1 && shards <= shardsMax && (shards & (shards - 1)) === 0,
      'keyspace: the number of shards is a power of two in range',
    );
    this.nextRandom = () => random.int32();
    this.hooks = hooks;
    this.options = options;
    this.base = base;
    this.guard = undefined;
    this.pending = undefined;
    this.stats = base?.stats ?? new KeyspaceStats();
    this.lazyFree = base?.lazyFree ?? new LazyFree(hooks);
    this.access = base?.access ?? new AccessClock(random);
    this.seed = seed;
    this.foresight = new Foresight(seed);
    this.shardMask = shards - 1;
    this.shards = base?.shards ?? Array.from({ length: shards }, () => new Shard(databases, seed));
    this.databases = Array.from(
      { length: databases },
      (_, index) => new Database(this, index, base?.databases[index]),
    );
  }

  /** The view on which transactions work, one at a time. Made when first asked for. */
  get view(): Keyspace {
    this.ownView ??= new Keyspace(this.options, this);
    return this.ownView;
  }

  /** The flags of new entries. */
  get birthFlags(): BirthFlags {
    return this.generation | this.changeMark;
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
    if (this.pending !== undefined) this.openPendingParts(database);
    this.writes.announceFlush(database.index, count);
    if (this.pending !== undefined) this.flushPending(this.pending, database.index);
    else if (this.isOnlyUser(database)) this.resetShards();
    else this.detach(database, async);
    return count;
  }

  /** Empties everything at once: the arenas are dropped whole. Returns how many keys went. */
  flushAll(): number {
    let count = 0;
    if (this.pending !== undefined) {
      for (const database of this.databases) this.openPendingParts(database);
    }
    for (const database of this.databases) {
      count += database.count;
      this.writes.announceFlush(database.index, database.count);
    }
    if (this.pending !== undefined) {
      for (const { index } of this.databases) this.flushPending(this.pending, index);
    } else if (this.hasPending) for (const database of this.databases) this.detach(database, true);
    else this.resetShards();
    return count;
  }

  /** Exchanges the keys of two databases. O(shards). */
  swap(a: Database, b: Database): void {
    if (a === b) return;
    assert(this.pending === undefined, 'keyspace: no transaction exchanges databases');
    this.writes.announceSwap(a.index, b.index);
    for (const shard of this.shards) shard.swap(a.index, b.index);
    a.rebind();
    b.rebind();
  }

  private isOnlyUser(database: Database): boolean {
    if (this.hasPending) return false;
    return this.databases.every((other) => other === database || other.count === 0);
  }

  /** Gives back what is only of use to transactions, none of which may have anything pending. */
  dropPendingParts(): void {
    for (const shard of this.shards) shard.dropPendingParts();
    this.forgetPendingParts();
  }

  private forgetPendingParts(): void {
    for (const database of this.ownView?.databases ?? []) database.forgetPendingParts();
  }

  /** Whether a transaction has something in the arenas that nobody else sees. */
  private get hasPending(): boolean {
    return this.ownView?.databases.some(({ pendingCount }) => pendingCount > 0) ?? false;
  }

  /** Has a view's database ready for keys of which all are looked for where what is pending lies. */
  private openPendingParts(database: Database): void {
    for (let shard = 0; shard < this.shards.length; shard++) database.pendingPartAt(shard);
  }

  private flushPending(pending: PendingChanges, database: number): void {
    discard(this, pending, database);
    pending.flush(database);
  }

  private resetShards(): void {
    this.lazyFree.abandon();
    // Who keeps what a flush leaves behind also reads from arenas that are dropped.
    for (const shard of this.shards) shard.reset(this.keeper !== undefined);
    for (const database of this.databases) database.rebind();
    this.forgetPendingParts();
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
