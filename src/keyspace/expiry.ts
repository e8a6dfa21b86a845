/**
 * Active expiry: keys whose time has come are removed whether or not anyone asks for them.
 *
 * Every shard knows which of its keys expires next (expiry-index.ts), so a sweep touches nothing but keys that
 * are due. It works in slices of about a millisecond; who calls decides how long to rest between them, which is
 * what bounds its share of the processor while millions expire together. Redis 7 samples 20 keys at a time and
 * leaves up to 10 % of the expired ones in memory.
 */
import type { Clock } from '#platform/clock.ts';
import type { Database } from './database.ts';
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
    const { nowMs } = this.keyspace;
    let left = batchKeys;
    while (left > 0) {
      const earliestMs = fieldExpiries.earliestMs();
      if (earliestMs > nowMs) return false;
      const hash = fieldExpiries.firstValue();
      const entry = database.entryWithExpiringField(shard, earliestMs, hash);
      const removed = database.expireMembers(database.openEntry(shard, entry), left);
      left -= Math.max(1, removed);
    }
    return true;
  }

  /** Removes up to a batch of due keys of one part. Returns whether more are due. */
  private removeDue(database: Database, shard: number): boolean {
    const { expiries } = database.partAt(shard);
    const { nowMs } = this.keyspace;
    for (let removed = 0; removed < batchKeys; removed++) {
      const earliestMs = expiries.earliestMs();
      if (earliestMs > nowMs) return false;
      this.removeOne(database, shard, earliestMs, expiries.firstValue());
    }
    return true;
  }

  private removeOne(database: Database, shard: number, atMs: number, hash: number): void {
    const entry = database.expiringEntry(shard, atMs, hash);
    this.keyspace.stats.expired++;
    database.openEntry(shard, entry).remove('expired');
  }
}
