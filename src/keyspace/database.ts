/**
 * A database: the keys of one number, spread over all shards by hash. Opening a key finds its shard and entry,
 * drops it if its time has come, and notes that it was used.
 */

import { nullRef, type Ref } from '#memory/arena.ts';
import { assert, InvariantError } from '#memory/assert.ts';
import type { Slice } from '#memory/slice.ts';
import type { Probe } from '#structures/probe.ts';
import { RefList } from '#structures/ref-list.ts';
import { touchItem } from '#structures/segment.ts';
import { scanCursorEnd } from '#structures/table.ts';
import type { AccessClock } from './access.ts';
import {
  accessOf,
  expireAtMs,
  fieldExpireAtMs,
  keyAt,
  keyLength,
  mayExpire,
  setAccess,
} from './entry.ts';
import { KeyCursor } from './key-cursor.ts';
import type { Keyspace } from './keyspace.ts';
import type { Part } from './shard.ts';
import type { KeyEvent } from './writes.ts';

/** How often RANDOMKEY tries again when it meets keys that have expired. */
const randomTriesMax = 100;

export class Database {
  /** Its number now; SWAPDB changes it. */
  index: number;
  readonly keyspace: Keyspace;
  readonly access: AccessClock;
  /** For a command's second key, and for walking all keys while a first stays open. */
  readonly secondary: KeyCursor;
  private readonly primary: KeyCursor;
  private readonly sweeper: KeyCursor;
  private readonly parts: Part[];
  /** Of a view, where what is pending lies; numbered as shards behind those that are shown beneath. */
  private readonly pendingParts: (Part | undefined)[] = [];
  private readonly scratch = new RefList();

  /** Of a view with `base`, the database of that number beneath. */
  constructor(keyspace: Keyspace, index: number, base?: Database) {
    this.keyspace = keyspace;
    this.index = index;
    this.access = keyspace.access;
    this.parts = base?.parts ?? keyspace.shards.map((shard) => shard.part(index));
    this.primary = new KeyCursor(this, this.partAt(0));
    this.secondary = new KeyCursor(this, this.partAt(0));
    this.sweeper = new KeyCursor(this, this.partAt(0));
  }

  /** Takes up the parts that the shards hold for this database now, after they were exchanged or reset. */
  rebind(): void {
    for (const [number, shard] of this.keyspace.shards.entries()) {
      this.parts[number] = shard.part(this.index);
    }
  }

  /** To be called when the arenas were dropped. */
  forgetPendingParts(): void {
    this.pendingParts.length = 0;
  }

  /** Keys, those whose time has come but that are not yet swept included. O(shards), of a view O(pending keys). */
  get count(): number {
    const { pending } = this.keyspace;
    let count = pending === undefined ? 0 : this.pendingCount - pending.hidden(this.index);
    if (pending?.flushed.has(this.index) === true) return this.pendingCount;
    for (const part of this.parts) count += part.keys.count;
    return count;
  }

  /** Announces about how many more keys will come at once. O(shards). */
  expect(keys: number): void {
    for (const part of this.parts) part.keys.expect(part.keys.count + keys / this.parts.length);
  }

  /** Keys that are pending, in whichever transaction. O(shards). */
  get pendingCount(): number {
    let count = 0;
    for (const part of this.pendingParts) count += part?.keys.count ?? 0;
    return count;
  }

  /** Keys that expire. O(shards). */
  get expiring(): number {
    let count = 0;
    for (const part of this.parts) count += part.expiries.count;
    return count;
  }

  /** Keys with members that expire. O(shards). */
  get expiringFields(): number {
    let count = 0;
    for (const part of this.parts) count += part.fieldExpiries.count;
    return count;
  }

  /** Opens a key to read it: counts a hit or a miss, and a use. */
  read(key: Slice, cursor: KeyCursor = this.primary): KeyCursor {
    this.peek(key, cursor);
    const { stats } = this.keyspace;
    if (cursor.entry === 0) {
      this.miss(cursor);
      return cursor;
    }
    stats.hits++;
    if (this.access.mode !== 'modification') this.use(cursor);
    return cursor;
  }

  /** Opens a key to ask about it: counts a hit or a miss, but no use. */
  inspect(key: Slice, cursor: KeyCursor = this.primary): KeyCursor {
    this.peek(key, cursor);
    if (cursor.entry === 0) this.miss(cursor);
    else this.keyspace.stats.hits++;
    return cursor;
  }

  /** Opens a key to change it: counts a use. */
  write(key: Slice, cursor: KeyCursor = this.primary): KeyCursor {
    this.peek(key, cursor);
    if (cursor.entry !== 0) this.use(cursor);
    return cursor;
  }

  /** Opens a key without leaving a trace. */
  peek(key: Slice, cursor: KeyCursor = this.primary): KeyCursor {
    this.find(key, cursor);
    const { entry } = cursor;
    if (entry !== 0 && mayExpire(cursor.arena, entry)) this.dropIfExpired(cursor);
    return cursor;
  }

  /** Opens a key as it is, whether or not its time has come. */
  find(key: Slice, cursor: KeyCursor = this.primary): KeyCursor {
    const { keyspace } = this;
    const probe = keyspace.foresight.probeOf(key) ?? this.load(cursor.ownProbe, key);
    cursor.probe = probe;
    const shard = probe.hash & keyspace.shardMask;
    const isPending = keyspace.pending?.covers(this.index, probe.hash, key) === true;
    return this.locate(key, isPending ? this.pendingPartAt(shard) : this.partAt(shard), cursor);
  }

  /** Of a view: opens what is pending of a key, in whichever transaction. */
  openPending(key: Slice, cursor: KeyCursor = this.primary): KeyCursor {
    cursor.probe = this.load(cursor.ownProbe, key);
    const shard = cursor.probe.hash & this.keyspace.shardMask;
    return this.locate(key, this.pendingPartAt(shard), cursor);
  }

  /** Looks for the key that the cursor's probe has. */
  private locate(key: Slice, part: Part, cursor: KeyCursor): KeyCursor {
    const { probe } = cursor;
    cursor.key.point(key.bytes, key.at, key.length);
    cursor.hash = probe.hash;
    cursor.part = part;
    cursor.arena = part.keys.arena;
    cursor.entry = part.keys.find(probe);
    return cursor;
  }

  /** Whether the key is there although its time has come, or that of a member of it. Removes nothing. */
  isDue(key: Slice): boolean {
    const cursor = this.find(key, this.sweeper);
    const { arena, entry } = cursor;
    if (entry === 0 || !mayExpire(arena, entry)) return false;
    if (this.isExpired(cursor)) return true;
    const fieldAtMs = fieldExpireAtMs(arena, entry);
    return fieldAtMs !== 0 && fieldAtMs <= this.keyspace.nowMs;
  }

  /** Opens the key of an entry that a scan or a sample of the shard numbered `shard` returned. */
  openEntry(shard: number, entry: Ref, cursor: KeyCursor = this.sweeper): KeyCursor {
    const part = this.partAt(shard);
    const { arena } = part.keys;
    cursor.key.point(arena.bytes, keyAt(arena, entry), keyLength(arena, entry));
    cursor.probe = this.load(cursor.ownProbe, cursor.key);
    cursor.hash = cursor.probe.hash;
    cursor.part = part;
    cursor.arena = arena;
    cursor.entry = entry;
    return cursor;
  }

  /**
   * Adds the entries of one step of a scan to `into`, all of the shard whose number is returned by
   * {@link shardOfCursor}, and returns the next cursor, 0 at the end. Entries may have expired.
   */
  scan(cursor: number, into: RefList): number {
    const shard = this.shardOfCursor(cursor);
    const { length } = into;
    const next = this.partAt(shard).keys.scan(cursor % scanCursorEnd, into);
    if (this.keyspace.pending !== undefined) {
      into.retain(length, (entry) => this.isShown(this.openEntry(shard, entry)));
    }
    if (next !== 0) return shard * scanCursorEnd + next;
    return shard + 1 === this.partCount ? 0 : (shard + 1) * scanCursorEnd;
  }

  /** Whether the entry at the cursor, of a table, is what there is of its key for whoever looks through this. */
  private isShown(cursor: KeyCursor): boolean {
    const { pending } = this.keyspace;
    return (
      pending === undefined ||
      pending.covers(this.index, cursor.hash, cursor.key) === this.isPending(cursor)
    );
  }

  private isPending({ part: { header }, hash }: KeyCursor): boolean {
    return this.pendingParts[hash & this.keyspace.shardMask]?.header === header;
  }

  /** Shards, and those of what is pending. */
  private get partCount(): number {
    return this.keyspace.pending === undefined ? this.parts.length : this.parts.length * 2;
  }

  shardOfCursor(cursor: number): number {
    return Math.floor(cursor / scanCursorEnd);
  }

  /** Whether a number could be one of this database's cursors. */
  isCursor(cursor: number): boolean {
    return cursor >= 0 && cursor < this.partCount * scanCursorEnd;
  }

  /** Opens a random key; `exists` is false when there is none. */
  random(): KeyCursor {
    const cursor = this.primary;
    cursor.entry = nullRef;
    for (let tries = 0; tries < randomTriesMax; tries++) {
      const shard = this.randomShard();
      if (shard < 0) break;
      const entry = this.partAt(shard).keys.random(this.keyspace.nextRandom, this.scratch);
      this.openEntry(shard, entry, cursor);
      this.dropIfExpired(cursor);
      if (cursor.exists && this.isShown(cursor)) return cursor;
    }
    return this.firstLiving(cursor);
  }

  /** Opens the first key in scan order whose time has not come, if there is one. O(n), and removes nothing. */
  private firstLiving(cursor: KeyCursor): KeyCursor {
    const { scratch } = this;
    let next = 0;
    do {
      const shard = this.shardOfCursor(next);
      scratch.clear();
      next = this.scan(next, scratch);
      for (let i = 0; i < scratch.length; i++) {
        if (!this.isExpired(this.openEntry(shard, scratch.at(i), cursor))) return cursor;
      }
    } while (next !== 0);
    cursor.entry = nullRef;
    return cursor;
  }

  /** Whether the entry's time has come. */
  isExpired(cursor: KeyCursor): boolean {
    const atMs = expireAtMs(cursor.arena, cursor.entry);
    return atMs !== 0 && atMs <= this.keyspace.nowMs;
  }

  /**
   * The entry that the shard's expiry index names by time and hash; of several with both in common any one. If
   * another key shares the tag and the time, it is as due as the one meant, and the index still has that one then.
   */
  expiringEntry(shard: number, atMs: number, hash: number): Ref {
    return this.indexedEntry(shard, atMs, hash, expireAtMs);
  }

  /** Likewise the entry whose first member to expire does so at `atMs`. */
  entryWithExpiringField(shard: number, atMs: number, hash: number): Ref {
    return this.indexedEntry(shard, atMs, hash, fieldExpireAtMs);
  }

  private indexedEntry(shard: number, atMs: number, hash: number, timeOf: typeof expireAtMs): Ref {
    const { scratch } = this;
    const { keys } = this.partAt(shard);
    scratch.clear();
    keys.candidates(hash, scratch);
    for (let i = 0; i < scratch.length; i++) {
      const entry = scratch.at(i);
      if (timeOf(keys.arena, entry) === atMs) return entry;
    }
    throw new InvariantError(`expiry index: no key of shard ${shard} expires at ${atMs}`);
  }

  private miss(cursor: KeyCursor): void {
    const { keyspace } = this;
    keyspace.stats.misses++;
    keyspace.onMiss?.(cursor);
  }

  announce(event: KeyEvent, cursor: KeyCursor): void {
    this.keyspace.writes.announce(event, cursor);
  }

  /** The view of the shard numbered `shard`; beyond the last, that of what is pending in the first, and so on. */
  partAt(shard: number): Part {
    const { parts } = this;
    // In range: every caller masks a hash or counts shards.
    return shard < parts.length ? (parts[shard] as Part) : this.pendingPartAt(shard - parts.length);
  }

  /** Of a view: where what is pending of a shard's keys lies. */
  pendingPartAt(shard: number): Part {
    const known = this.pendingParts[shard];
    if (known !== undefined) return known;
    const part = this.keyspace.shards[shard]?.pendingPart(this.index);
    assert(part !== undefined, 'database: the shard is one of its keyspace');
    this.pendingParts[shard] = part;
    return part;
  }

  private load(probe: Probe, key: Slice): Probe {
    probe.load(this.keyspace.seed, key);
    return probe;
  }

  /** Where a key that is about to be opened would be, and {@link touch} reads what is there. */
  bucketOf({ hash }: Probe): number {
    return this.partAt(hash & this.keyspace.shardMask).keys.bucketOf(hash);
  }

  touch({ hash }: Probe, bucket: number): number {
    const { arena } = this.partAt(hash & this.keyspace.shardMask).keys;
    return touchItem(arena, bucket, hash);
  }

  private use(cursor: KeyCursor): void {
    const { arena, entry } = cursor;
    if (this.keyspace.touches) setAccess(arena, entry, this.access.used(accessOf(arena, entry)));
  }

  /**
   * Removes the existing key at the cursor if its time has come, else those of its members whose time has. A key that is
   * held stays, but is not there for this cursor.
   */
  dropIfExpired(cursor: KeyCursor): void {
    if (this.isExpired(cursor)) {
      if (this.isHeld(cursor)) {
        cursor.entry = nullRef;
        return;
      }
      this.keyspace.stats.expired++;
      cursor.remove('expired');
      return;
    }
    const fieldAtMs = fieldExpireAtMs(cursor.arena, cursor.entry);
    if (fieldAtMs !== 0 && fieldAtMs <= this.keyspace.nowMs && !this.isHeld(cursor)) {
      this.expireMembers(cursor, Number.POSITIVE_INFINITY);
    }
  }

  /** Whether the existing key at the cursor may only be removed by a command. Through a view, all that is not pending is. */
  isHeld(cursor: KeyCursor): boolean {
    const { guard, pending } = this.keyspace;
    if (pending !== undefined) return !this.isPending(cursor);
    return guard?.isHeld(cursor) ?? false;
  }

  /** Removes up to `countMax` members of the existing key whose time has come. Returns how many. */
  expireMembers(cursor: KeyCursor, countMax: number): number {
    const { hooks, stats } = this.keyspace;
    const removed = hooks[cursor.type]?.expireMembers?.(cursor, countMax) ?? 0;
    stats.expiredFields += removed;
    return removed;
  }

  /** A shard drawn with the weight of its keys, or -1 when there are none. */
  private randomShard(): number {
    let total = 0;
    for (let shard = 0; shard < this.partCount; shard++) total += this.partAt(shard).keys.count;
    if (total === 0) return -1;
    let left = (this.keyspace.nextRandom() >>> 0) % total;
    let shard = 0;
    while (left >= this.partAt(shard).keys.count) left -= this.partAt(shard++).keys.count;
    return shard;
  }
}
