/**
 * Active expiry: keys whose time has come are removed whether or not anyone asks for them.
 *
 * Every shard knows which of its keys expires next (expiry-index.ts), so a sweep touches nothing but keys that
 * are due. It works in slices of about a millisecond; who calls decides how long to rest between them, which is
 * what bounds its share of the processor while millions expire together. Redis 7 samples 20 keys at a time and
 * leaves up to 10 % of the expired ones in memory.
 *
 * Keys that somebody holds (KeyGuard) are passed over: what is due behind them is found by its rank. So are members of
 * values that are yet to be saved (Keeper), for they would be in its way.
 */
import type { Clock } from '#platform/clock.ts';
import { TreeCursor } from '#structures/tree.ts';
import type { Database } from './database.ts';
import type { ExpiryIndex } from './expiry-index.ts';
import type { Keyspace } from './keyspace.ts';

/** Keys, and then members of keys, removed between two looks at the clock. */
const batchKeys = 32;

export class ActiveExpiry {
  /** DEBUG SET-ACTIVE-EXPIRE turns it off. */
  enabled = true;
  /** Time spent sweeping since the start or CONFIG RESETSTAT. */
  spentMs = 0;
  /** How often a sweep ended because its time was over. */
  timeouts = 0;
  private readonly keyspace: Keyspace;
  private readonly clock: Clock;
  private readonly place = new TreeCursor();
  private resumeAt = 0;

  constructor(keyspace: Keyspace, clock: Clock) {
    this.keyspace = keyspace;
    this.clock = clock;
  }

  /** Removes keys that are due, for at most about `budgetMs`. Returns whether more are due. */
  sweep(budgetMs: number): boolean {
    if (!this.enabled) return false;
    const startMs = this.clock.monotonicMs();
    const more = this.sweepUntil(startMs + budgetMs);
    this.spentMs += this.clock.monotonicMs() - startMs;
    if (more) this.timeouts++;
    return more;
  }

  private sweepUntil(endMs: number): boolean {
    const { databases, shards } = this.keyspace;
    const parts = databases.length * shards.length;
    // Starting behind where the last slice ended lets no part wait for the others' millions.
    for (let step = 0; step < parts; step++) {
      const part = (this.resumeAt + step) % parts;
      const database = databases[Math.floor(part / shards.length)];
      while (database !== undefined && this.removeBatch(database, part % shards.length)) {
        if (this.clock.monotonicMs() < endMs) continue;
        this.resumeAt = (part + 1) % parts;
        return true;
      }
    }
    return false;
  }

  /** Removes up to a batch of what is due in one part. Returns whether more is. */
  private removeBatch(database: Database, shard: number): boolean {
    const moreKeys = this.removeDue(database, shard);
    const moreFields = this.removeDueFields(database, shard);
    return moreKeys || moreFields;
  }

  /** Removes up to a batch of due members. A collection of many is in the index again until none is left. */
  private removeDueFields(database: Database, shard: number): boolean {
    const { fieldExpiries } = database.partAt(shard);
    let left = batchKeys;
    let held = 0;
    while (left > 0) {
      if (!this.seekDue(fieldExpiries, held)) return false;
      const { atMs, hash } = this.due;
      const cursor = database.openEntry(shard, database.entryWithExpiringField(shard, atMs, hash));
      if (database.isHeld(cursor) || this.keyspace.keeper?.needs(cursor) === true) held++;
      else left -= Math.max(1, database.expireMembers(cursor, left));
    }
    return true;
  }

  /** Removes up to a batch of due keys of one part. Returns whether more are due. */
  private removeDue(database: Database, shard: number): boolean {
    const { expiries } = database.partAt(shard);
    let held = 0;
    for (let removed = 0; removed < batchKeys; ) {
      if (!this.seekDue(expiries, held)) return false;
      const { atMs, hash } = this.due;
      const cursor = database.openEntry(shard, database.expiringEntry(shard, atMs, hash));
      if (database.isHeld(cursor)) {
        held++;
        continue;
      }
      this.keyspace.stats.expired++;
      cursor.remove('expired');
      removed++;
    }
    return true;
  }

  /** What {@link seekDue} has found. */
  private readonly due = { atMs: 0, hash: 0 };

  /** Finds the element behind `skipped` others, if it is due. */
  private seekDue(index: ExpiryIndex, skipped: number): boolean {
    const { due, place } = this;
    if (skipped === 0) {
      due.atMs = index.earliestMs();
      if (due.atMs > this.keyspace.nowMs) return false;
      due.hash = index.firstValue();
      return true;
    }
    if (!index.seekRank(skipped, place)) return false;
    due.atMs = index.expiryAt(place);
    due.hash = index.value(place);
    return due.atMs <= this.keyspace.nowMs;
  }
}
