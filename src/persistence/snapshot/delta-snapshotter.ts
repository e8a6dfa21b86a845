/**
 * Writes a delta (delta-format.ts): what has changed since the last save, as it is at one moment, while commands go on.
 *
 * It begins by cutting the tracker's lists off (change-tracker.ts), which takes no time. Then it goes through them in slices and
 * looks each key up: one with the mark of the epoch that ended is written, and its mark taken off; if there is none, or it has
 * no such mark any more, the key goes on the list of those that are gone. What is about to change before its turn is
 * written as it is just before. So a key that was changed or removed while the delta was written may be in both lists, and
 * then it was there: whoever reads it removes first. Telling the two apart would take a note for each.
 *
 * The tables are those of the start, so that nothing is lost by a flush or a swap: what a flush leaves behind is kept
 * (Keeper) until the delta is complete. A delta that fails gives its lists back to the tracker, and goes through them once
 * more to mark what is on them.
 */
import { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { Part, Shard } from '#keyspace/shard.ts';
import type { Slice } from '#memory/slice.ts';
import type { Clock } from '#platform/clock.ts';
import { Probe } from '#structures/probe.ts';
import { writeVarint } from '#structures/varint.ts';
import { createWalkers } from '../rdb/adapters/all.ts';
import { Crc64 } from '../rdb/crc64.ts';
import { RdbFileWriter } from '../rdb/file-writer.ts';
import { BigValues, pointAt, usualPieces } from './big-values.ts';
import { type Changes, type ChangeTracker, forgetChange } from './change-tracker.ts';
import { ChangedKeys, ChangedKeysWalk } from './changed-keys.ts';
import { countedTrailerBytes, deltaMagic, trailerBytes } from './delta-format.ts';
import { OutputFile } from './output-file.ts';
import { fileVersionFor, hasFieldExpiry, type SnapshotOptions } from './snapshotter.ts';
import { ValueKeeper } from './value-keeper.ts';

/** Keys between two looks at the clock. */
const keysPerLook = 16;
const varintBytesMax = 5;

/** A table that was flushed, and is to be freed at the end. */
interface Kept {
  readonly shard: Shard;
  readonly part: Part;
}

export class DeltaSnapshotter extends ValueKeeper {
  keysSaved = 0;
  keysTotal = 0;
  private readonly keyspace: Keyspace;
  private readonly clock: Clock;
  private readonly tracker: ChangeTracker;
  private readonly cursor: KeyCursor;
  private readonly probe = new Probe();
  private readonly crc = new Crc64();
  private options: SnapshotOptions | undefined;
  private writer: RdbFileWriter | undefined;
  private changes: Changes = { keys: [], origins: [] };
  /** What each database had at the start, by its number then. */
  private places: Part[][] = [];
  private removed: ChangedKeys[] = [];
  private kept: Kept[] = [];
  private work: Iterator<void> | undefined;
  private isWriting = false;

  constructor(keyspace: Keyspace, clock: Clock, tracker: ChangeTracker) {
    super();
    const { firstDatabase } = keyspace;
    this.keyspace = keyspace;
    this.clock = clock;
    this.tracker = tracker;
    this.cursor = new KeyCursor(firstDatabase, firstDatabase.partAt(0));
  }

  get isRunning(): boolean {
    return this.options !== undefined;
  }

  get bytes(): number {
    return this.output?.takenBytes ?? 0;
  }

  /** Writes what has changed up to this moment. None may be running. O(databases × shards). */
  start(options: SnapshotOptions): void {
    const { keyspace, tracker } = this;
    if (this.isRunning) throw new Error('a delta is being written already');
    this.options = options;
    this.keysTotal = tracker.count;
    this.keysSaved = 0;
    this.changes = tracker.cut();
    this.places = keyspace.databases.map((database) =>
      keyspace.shards.map((_, shard) => database.partAt(shard)),
    );
    this.removed = keyspace.databases.map(() => new ChangedKeys());
    keyspace.keeper = this;
    this.concernsReads = hasFieldExpiry(keyspace);
    const output = new OutputFile(options);
    const writer = new RdbFileWriter(output, createWalkers, {
      ...options,
      version: fileVersionFor(keyspace),
    });
    writer.begin(options.aux, options.libraries);
    this.output = output;
    this.writer = writer;
    const values = new BigValues({
      keyspace,
      writer,
      output,
      cursor: this.cursor,
      pieces: options.pieces ?? usualPieces,
      onSaved: (cursor) => this.note(cursor),
    });
    this.values = values;
    tracker.onUnsaved = (cursor) => {
      output.giveUpIfBehind(writer.asideBytes);
      if (!values.finish(cursor)) this.save(this.originOf(cursor), cursor);
    };
    this.isWriting = true;
    this.work = this.write();
  }

  /** Gives up. The end is told as soon as the tracker is as if it had not been begun. */
  cancel(): void {
    if (this.isWriting) void this.output?.abandon(new Error('cancelled'));
  }

  /** Works for about `budgetMs`. Returns whether there is more to do. */
  step(budgetMs: number): boolean {
    const { work, values, clock } = this;
    if (work === undefined) return false;
    const endMs = clock.monotonicMs() + budgetMs * (values?.urgency ?? 1);
    while (values?.mustRest !== true) {
      if (values?.isBusy === true) values.step();
      else if (!this.go(work)) break;
      if (clock.monotonicMs() >= endMs) break;
    }
    values?.tell();
    return this.work !== undefined;
  }

  /** Does some of the work, up to a big value. Returns whether there is more of it. */
  private go(work: Iterator<void>): boolean {
    for (let keys = 0; keys < keysPerLook && this.values?.isBusy !== true; keys++) {
      if (work.next().done !== true) continue;
      // It may have failed at once, and something else be to do.
      if (this.work === work) this.work = undefined;
      return false;
    }
    return true;
  }

  override keep(shard: Shard, part: Part): boolean {
    const isOf = (place: Part) =>
      place.header === part.header && place.keys.arena === part.keys.arena;
    if (!this.places.some((parts) => parts.some(isOf))) return false;
    this.kept.push({ shard, part });
    return true;
  }

  protected override isUnsaved(cursor: KeyCursor): boolean {
    return this.tracker.onUnsaved !== undefined && this.tracker.isUnsaved(cursor);
  }

  /** The number that the cursor's database had at the start. */
  protected override originOf({ database }: KeyCursor): number {
    return this.tracker.originOf(database.index);
  }

  private *write(): Generator<void> {
    const { options, output, writer, keyspace, tracker } = this;
    for (const { index } of keyspace.databases) {
      for (const key of this.listed(index)) {
        if (output?.failure !== undefined) break;
        this.take(index, key);
        yield;
      }
    }
    tracker.onUnsaved = undefined;
    writer?.end();
    yield* this.writeRemoved();
    this.isWriting = false;
    output
      ?.finish()
      .then(options?.commit)
      .then(
        () => this.end(undefined),
        (error: Error) => this.fail(error),
      );
  }

  /** The keys of a database's list, as long as nothing else is looked up one at a time at {@link cursor}. */
  private *listed(database: number): Generator<Slice> {
    const keys = this.changes.keys[database];
    if (keys === undefined) return;
    const walk = new ChangedKeysWalk(keys);
    while (walk.next()) yield walk.key;
  }

  private take(database: number, key: Slice): void {
    const isThere = this.find(database, key);
    const { cursor, values } = this;
    if (!isThere || !this.tracker.isUnsaved(cursor)) this.removed[database]?.add(key);
    else if (values?.isBig(cursor) === true) values.add(database, cursor);
    else this.save(database, cursor);
  }

  /** Points the cursor at what a key held at the start, or holds in the same tables now. */
  private find(database: number, key: Slice): boolean {
    const { probe, keyspace, cursor } = this;
    probe.load(keyspace.seed, key);
    // Numbered like databases and shards.
    const part = (this.places[database] as Part[])[probe.hash & keyspace.shardMask] as Part;
    const entry = part.keys.find(probe);
    if (entry === 0) return false;
    pointAt(cursor, part, entry);
    return true;
  }

  private save(database: number, cursor: KeyCursor): void {
    if (this.output?.failure === undefined) this.writer?.key(database, cursor);
    this.note(cursor);
  }

  /** Notes that an entry is saved, or as good as saved. */
  protected override note(cursor: KeyCursor): void {
    forgetChange(cursor);
    this.keysSaved++;
  }

  private *writeRemoved(): Generator<void> {
    const { removed, changes, crc, output } = this;
    const removedAt = this.bytes;
    crc.reset();
    const numbers = Buffer.allocUnsafe(varintBytesMax);
    const put = (number: number) => this.put(numbers, 0, writeVarint(numbers, 0, number));
    put(removed.length);
    for (const [database, keys] of removed.entries()) {
      put((changes.origins[database] ?? database) + 1);
      put(keys.bytes);
      for (let index = 0; ; index++) {
        const chunk = keys.chunk(index);
        if (chunk === undefined) break;
        this.put(chunk.bytes, 0, chunk.length);
        yield;
      }
    }
    const trailer = Buffer.alloc(trailerBytes);
    trailer.writeBigUInt64LE(BigInt(removedAt), 0);
    crc.update(trailer, 0, countedTrailerBytes);
    trailer.writeUInt32LE(crc.low, countedTrailerBytes);
    trailer.writeUInt32LE(crc.high, countedTrailerBytes + 4);
    trailer.write(deltaMagic, trailerBytes - deltaMagic.length, 'latin1');
    output?.write(trailer, 0, trailerBytes);
  }

  private put(bytes: Buffer, at: number, length: number): void {
    this.crc.update(bytes, at, length);
    this.output?.write(bytes, at, length);
  }

  /** Has the next delta hold what this one should have. */
  private fail(error: Error): void {
    this.output = undefined;
    this.values = undefined;
    this.tracker.takeBack(this.changes);
    this.work = this.restore(error);
  }

  private *restore(error: Error): Generator<void> {
    for (const { index } of this.keyspace.databases) {
      for (const key of this.listed(index)) {
        if (this.find(index, key)) this.tracker.remark(this.cursor);
        yield;
      }
    }
    this.end(error);
  }

  private end(failure: Error | undefined): void {
    const { options, keyspace, kept } = this;
    for (const { shard, part } of kept) {
      // Arenas that were dropped meanwhile are gone with the last reference.
      if (part.keys.arena === shard.arena) keyspace.lazyFree.add(shard, part);
    }
    keyspace.keeper = undefined;
    this.kept = [];
    this.places = [];
    this.removed = [];
    this.changes = { keys: [], origins: [] };
    this.options = undefined;
    this.output = undefined;
    this.writer = undefined;
    this.values = undefined;
    options?.onEnd(failure);
  }
}
