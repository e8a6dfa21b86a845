/**
 * What a transaction has changed and nobody else sees yet, and how it becomes what there is.
 *
 * A transaction works on a *view* of the keyspace ({@link Keyspace.view}): the same shards and databases, with a
 * write path of their own. A key that it is about to change is copied first into its shard's part for pending keys; from then on the view
 * looks there, and at the keyspace's own part for every other key. So commands run on the view as on any keyspace, and what
 * they change is in place already: publishing hands entries from one table of an arena to another and copies nothing.
 *
 * All transactions share the parts for pending keys: locks see to it that a key is pending in one transaction only. Which
 * keys of a part are whose is told by the transaction's {@link PendingChanges}. A key that is pending and not in the part has been deleted.
 */
import { ArenaFullError, nullRef, type Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import { equalBytes } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import type { Database } from './database.ts';
import { setGeneration } from './entry.ts';
import { indexExpiries, unindexExpiries } from './field-expiry.ts';
import type { KeyCursor } from './key-cursor.ts';
import type { Keyspace } from './keyspace.ts';
import type { KeyEvent } from './writes.ts';

/** A key of which a transaction has a copy of its own, or has deleted it. */
interface PendingKey {
  readonly database: number;
  readonly hash: number;
  readonly bytes: Buffer;
  /** Whether there is such a key beneath, which the view does not show. */
  readonly isHiding: boolean;
  isChanged: boolean;
  /** Another with the same hash. */
  readonly next: PendingKey | undefined;
}

interface PendingEvent {
  readonly event: KeyEvent;
  readonly key: PendingKey;
}

export class PendingChanges {
  /** Databases that were emptied: nothing of what is beneath is shown. */
  readonly flushed = new Set<number>();
  /** What was announced, in order. */
  events: PendingEvent[] = [];
  /** The keys of each database, by hash. */
  private readonly databases = new Map<number, Map<number, PendingKey>>();

  /** Whether publishing would change anything. */
  get isEmpty(): boolean {
    return this.events.length === 0 && this.flushed.size === 0;
  }

  find(database: number, hash: number, key: Slice): PendingKey | undefined {
    let found = this.databases.get(database)?.get(hash);
    while (found !== undefined) {
      const { bytes } = found;
      const { length } = key;
      if (bytes.length === length && equalBytes(bytes, 0, key.bytes, key.at, length)) return found;
      found = found.next;
    }
    return undefined;
  }

  /** Whether the view shows what is pending of this key, which may be nothing, in place of what is beneath. */
  covers(database: number, hash: number, key: Slice): boolean {
    return this.flushed.has(database) || this.find(database, hash, key) !== undefined;
  }

  /** From here on the key, which was not pending, is. Keeps `bytes`. */
  add(database: number, hash: number, bytes: Buffer, isHiding: boolean): PendingKey {
    let byHash = this.databases.get(database);
    if (byHash === undefined) {
      byHash = new Map();
      this.databases.set(database, byHash);
    }
    const next = byHash.get(hash);
    const key = { database, hash, bytes, isHiding, isChanged: false, next };
    byHash.set(hash, key);
    return key;
  }

  /** Takes back the last {@link add}. */
  remove({ database, hash, next }: PendingKey): void {
    if (next === undefined) this.databases.get(database)?.delete(hash);
    else this.databases.get(database)?.set(hash, next);
  }

  /** Notes that the pending key at the view's cursor is about to change. */
  note(event: KeyEvent, { database: { index }, hash, key: name }: KeyCursor): void {
    let key = this.find(index, hash, name);
    if (key === undefined) {
      assert(this.flushed.has(index), 'pending: only what is pending is changed');
      key = this.add(index, hash, name.copy(), false);
    }
    key.isChanged = true;
    this.events.push({ event, key });
  }

  /** The pending keys of one database, or of all. */
  *keys(database?: number): IterableIterator<PendingKey> {
    for (const [index, byHash] of this.databases) {
      if (database !== undefined && index !== database) continue;
      for (const first of byHash.values()) {
        let key: PendingKey | undefined = first;
        for (; key !== undefined; key = key.next) yield key;
      }
    }
  }

  /** How many keys of the database beneath are not shown because something is pending of them. */
  hidden(database: number): number {
    let count = 0;
    for (const { isHiding } of this.keys(database)) if (isHiding) count++;
    return count;
  }

  /** The database is emptied, and of what was pending in it nothing is left. */
  flush(database: number): void {
    this.databases.delete(database);
    this.events = this.events.filter(({ key }) => key.database !== database);
    this.flushed.add(database);
  }
}

/** A pending key on its way into the keyspace. */
interface Move {
  readonly key: PendingKey;
  readonly to: Database;
  readonly shard: number;
  /** What is pending, null if the key was deleted. */
  readonly entry: Ref;
  /** What it takes the place of. */
  readonly before: Ref;
  /** What the subscribers of the write path are shown. */
  shown: Ref;
}

/** What a table may have to allocate for a key that it is given, generously. */
const roomBytesPerKey = 256;
const roomBytesMin = 64 * 1024;
/** What an empty part takes. */
const roomBytesPerFlush = 1024;

/**
 * Puts what is pending in the place of what there was, all at once, and announces it. The changes are over then. Throws
 * ArenaFullError, with everything as it was before.
 */
export function publish(base: Keyspace, view: Keyspace, changes: PendingChanges): void {
  if (changes.flushed.size > 0) flushBeneath(base, changes);
  const moves = movesOf(base, view, changes);
  reserve(base, moves);
  announce(base, changes, moves);
  for (const move of moves) settle(base, view, move);
  discard(view, changes);
}

/** Drops what is pending, in one database or all. */
export function discard(view: Keyspace, changes: PendingChanges, database?: number): void {
  const slice = new Slice();
  for (const { database: index, bytes } of changes.keys(database)) {
    const cursor = view.database(index)?.openPending(slice.point(bytes, 0, bytes.length));
    if (cursor?.exists === true) cursor.discard();
  }
}

/** Empties the databases that the transaction has, once it is sure that what comes then will find room. */
function flushBeneath(base: Keyspace, changes: PendingChanges): void {
  const keysByShard = base.shards.map(() => 0);
  for (const { hash } of changes.keys()) {
    const shard = hash & base.shardMask;
    keysByShard[shard] = (keysByShard[shard] ?? 0) + 1;
  }
  for (const [shard, keys] of keysByShard.entries()) {
    const bytes = roomBytesMin + keys * roomBytesPerKey + changes.flushed.size * roomBytesPerFlush;
    base.shards[shard]?.assureRoom(bytes);
  }
  for (const index of changes.flushed) {
    const database = base.database(index);
    if (database !== undefined) base.flush(database, true);
  }
}

function movesOf(base: Keyspace, view: Keyspace, changes: PendingChanges): Map<PendingKey, Move> {
  const moves = new Map<PendingKey, Move>();
  const slice = new Slice();
  for (const key of changes.keys()) {
    if (!key.isChanged) continue;
    const { database, hash, bytes } = key;
    const to = base.database(database);
    const from = view.database(database);
    if (to === undefined || from === undefined) continue;
    slice.point(bytes, 0, bytes.length);
    const { entry } = from.openPending(slice);
    const { entry: before } = to.find(slice);
    moves.set(key, { key, to, shard: hash & base.shardMask, entry, before, shown: before });
  }
  return moves;
}

/** Does all that may find no memory: gives the tables and indexes what is new to them. Undoes it, if it does not. */
function reserve(base: Keyspace, moves: ReadonlyMap<PendingKey, Move>): void {
  const done: Move[] = [];
  try {
    for (const move of moves.values()) {
      if (move.entry === nullRef) continue;
      enter(base, move);
      done.push(move);
    }
  } catch (error) {
    if (error instanceof ArenaFullError) for (const move of done) withdraw(move);
    throw error;
  }
}

function enter(base: Keyspace, { to, shard, entry, before, key: { hash } }: Move): void {
  const part = to.partAt(shard);
  setGeneration(part.keys.arena, entry, base.generation);
  indexExpiries(part, entry, hash);
  if (before !== nullRef) return;
  try {
    part.keys.insert(hash, entry);
  } catch (error) {
    unindexExpiries(part, entry, hash);
    throw error;
  }
}

function withdraw({ to, shard, entry, before, key: { hash } }: Move): void {
  const part = to.partAt(shard);
  unindexExpiries(part, entry, hash);
  if (before === nullRef) part.keys.remove(hash, entry);
}

/** Events after which there is no key. */
const removing: ReadonlySet<KeyEvent> = new Set(['del', 'rename_from', 'move_from']);

/** Announces what happened, in order, each key as it was before. */
function announce(
  base: Keyspace,
  { events }: PendingChanges,
  moves: ReadonlyMap<PendingKey, Move>,
): void {
  const slice = new Slice();
  for (const { event, key } of events) {
    const move = moves.get(key);
    if (move === undefined) continue;
    const cursor = move.to.find(slice.point(key.bytes, 0, key.bytes.length));
    cursor.entry = move.shown;
    base.writes.announce(event, cursor);
    // A later event of the same key is not to look like its beginning.
    move.shown = removing.has(event) ? nullRef : move.entry;
  }
}

/** Takes the entry out of the part for pending keys, and what it replaces out of the keyspace. Needs no memory. */
function settle(base: Keyspace, view: Keyspace, [key, move]: [PendingKey, Move]): void {
  const { to, shard, entry, before } = move;
  const { hash, bytes } = key;
  const cursor = to.find(new Slice(bytes));
  cursor.entry = before;
  if (entry === nullRef) {
    if (before !== nullRef) cursor.discard();
    return;
  }
  const pending = view.database(key.database)?.pendingPartAt(shard);
  if (pending !== undefined) {
    unindexExpiries(pending, entry, hash);
    pending.keys.remove(hash, entry);
  }
  if (before === nullRef) return;
  const part = to.partAt(shard);
  unindexExpiries(part, before, hash);
  part.keys.replace(hash, before, entry);
  base.lazyFree.retire(part.keys.arena, before);
}
