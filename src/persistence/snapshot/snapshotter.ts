/**
 * Snapshots without fork: a file with all keys as they were at one moment, written while commands go on.
 *
 * Every entry belongs to one of two generations (keyspace/entry.ts). A snapshot begins by making the other one the
 * keyspace's, which takes no time: from then on, an entry of the old generation is one that is not saved yet. The walk goes
 * through all tables by scans, in slices, and saves such entries where it meets them, each in its turn becoming one of the new
 * generation. Whatever is about to change such an entry before is announced on the write path, and it is saved as it is
 * just before (its pre-image). New entries are of the new generation and never saved. So every key that was there at the
 * start is saved once, as it was then, and nothing else.
 *
 * What the databases' tables were at the start is noted then: a database that is swapped is saved under the number it
 * had, and one that is flushed is walked where it lies, before it is taken apart (PartKeeper) or beside the arenas that took the
 * place of its own. So beside the data it takes what waits for the disk, and what a flush could not free yet.
 *
 * The walk rests while much waits for the disk; pre-images cannot, so a disk that is far behind ends the snapshot. A value is saved in
 * one piece, however large.
 *
 * A snapshot that fails walks on to its end without writing, so that all entries are of one generation again.
 */
import { generationOf, keyAt, keyLength, otherGeneration, setGeneration } from '#keyspace/entry.ts';
import { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { Part, Shard } from '#keyspace/shard.ts';
import type { KeyEvent, WriteSubscriber } from '#keyspace/writes.ts';
import type { Ref } from '#memory/arena.ts';
import type { Clock } from '#platform/clock.ts';
import type { Disk } from '#platform/disk.ts';
import { RefList } from '#structures/ref-list.ts';
import { valueWalkers } from '../rdb/adapters/all.ts';
import { type AuxFields, type KeptUse, RdbFileWriter } from '../rdb/file-writer.ts';
import { rdbVersion, rdbVersionOfFieldExpiry } from '../rdb/format.ts';
import { type ChangeTracker, forgetChange } from './change-tracker.ts';
import { OutputFile } from './output-file.ts';

/** The walk rests while more bytes wait for the disk. */
export const pendingBytesMax = 4 << 20;

export interface SnapshotOptions {
  readonly disk: Disk;
  readonly name: string;
  readonly temporaryName: string;
  readonly aux: AuxFields;
  readonly compresses: boolean;
  readonly hasChecksum: boolean;
  readonly use: KeptUse;
  readonly syncsInSteps: boolean;
  /** The code of each library of functions. */
  readonly libraries?: readonly Buffer[];
  /** Awaited before the file gets its name. */
  readonly ready?: Promise<void> | undefined;
  readonly backlogBytesMax?: number;
  /** Called when the file has its name: it counts when this has resolved. */
  readonly commit?: () => Promise<void>;
  /** Called once, when the file has its name, or with what went wrong. Another may be started then. */
  onEnd(failure: Error | undefined): void;
}

/** One table as it was at the start. */
interface Place {
  readonly database: number;
  readonly shard: Shard;
  readonly part: Part;
  /** Its keys at the start. */
  readonly keys: number;
  readonly expiring: number;
  /** Whether it is to be taken apart when it was walked. */
  isDetached: boolean;
}

export class Snapshotter implements WriteSubscriber {
  keysSaved = 0;
  keysTotal = 0;
  private readonly keyspace: Keyspace;
  private readonly clock: Clock;
  private readonly cursor: KeyCursor;
  private readonly entries = new RefList();
  private options: SnapshotOptions | undefined;
  private output: OutputFile | undefined;
  private writer: RdbFileWriter | undefined;
  private places: Place[] = [];
  private placeAt = 0;
  private scanAt = 0;
  /** The number that each database had at the start. */
  private origins: number[] = [];
  private isWalking = false;
  /** Who is to know what changes from the start on, if this is what that is counted from. */
  private tracker: ChangeTracker | undefined;

  constructor(keyspace: Keyspace, clock: Clock) {
    const { firstDatabase } = keyspace;
    this.keyspace = keyspace;
    this.clock = clock;
    this.cursor = new KeyCursor(firstDatabase, firstDatabase.partAt(0));
  }

  get isRunning(): boolean {
    return this.options !== undefined;
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.output?.takenBytes ?? 0;
  }

  /**
   * Takes a snapshot of this moment. None may be running. With a tracker, it keeps account of what changes from now on.
   * O(databases × shards).
   */
  start(options: SnapshotOptions, tracker?: ChangeTracker): void {
    const { keyspace } = this;
    if (this.isRunning) throw new Error('a snapshot is being taken already');
    this.options = options;
    this.origins = keyspace.databases.map(({ index }) => index);
    this.places = placesOf(keyspace);
    this.keysTotal = this.places.reduce((total, { keys }) => total + keys, 0);
    this.keysSaved = 0;
    this.placeAt = 0;
    this.scanAt = 0;
    this.isWalking = true;
    keyspace.generation = otherGeneration(keyspace.generation);
    keyspace.keeper = this;
    keyspace.writes.subscribe(this);
    // After this one: a pre-image takes the mark off that the change then puts on.
    tracker?.begin();
    this.tracker = tracker;
    this.output = new OutputFile(options);
    this.writer = new RdbFileWriter(this.output, valueWalkers, {
      ...options,
      version: fileVersionFor(keyspace),
    });
    this.writer.begin(options.aux, options.libraries);
  }

  /** Gives up. The end is told as soon as all entries are of one generation again. */
  cancel(): void {
    const { output } = this;
    if (output !== undefined && this.isWalking) void output.abandon(new Error('cancelled'));
  }

  /** Works for about `budgetMs`. Returns whether there is more to do. */
  step(budgetMs: number): boolean {
    if (!this.isWalking) return false;
    if (this.isOutputBehind) return true;
    const endMs = this.clock.monotonicMs() + budgetMs;
    do {
      const place = this.places[this.placeAt];
      if (place === undefined) {
        this.endWalk();
        return false;
      }
      this.walk(place);
    } while (this.clock.monotonicMs() < endMs && !this.isOutputBehind);
    return true;
  }

  /** Whether so much waits for the disk that the walk rests. */
  get isOutputBehind(): boolean {
    return (this.output?.pendingBytes ?? 0) > pendingBytesMax;
  }

  beforeWrite(_event: KeyEvent, cursor: KeyCursor): void {
    const { arena, entry, database } = cursor;
    if (entry === 0 || generationOf(arena, entry) === this.keyspace.generation) return;
    this.output?.giveUpIfBehind();
    // Numbered like the databases.
    this.save(this.origins[database.index] as number, cursor);
  }

  /** Nothing is lost yet: {@link keep} sees to what the tables were. */
  beforeFlush(): void {}

  beforeSwap(a: number, b: number): void {
    const { origins } = this;
    // As above.
    [origins[a], origins[b]] = [origins[b] as number, origins[a] as number];
  }

  keep(shard: Shard, part: Part): boolean {
    for (let at = this.placeAt; at < this.places.length; at++) {
      const place = this.places[at];
      if (place?.shard !== shard || place.part.header !== part.header) continue;
      if (place.part.keys.arena !== part.keys.arena) continue;
      place.isDetached = true;
      return true;
    }
    return false;
  }

  /** Takes one step of the walk. */
  private walk(place: Place): void {
    const { entries, keyspace, cursor } = this;
    const { keys } = place.part;
    const { arena } = keys;
    if (this.scanAt === 0) this.beginPlace(place);
    entries.clear();
    this.scanAt = keys.scan(this.scanAt, entries);
    for (let index = 0; index < entries.length; index++) {
      const entry = entries.at(index);
      if (generationOf(arena, entry) === keyspace.generation) continue;
      this.save(place.database, pointAt(cursor, place.part, entry));
    }
    if (this.scanAt === 0) this.endPlace(place);
  }

  private beginPlace(place: Place): void {
    const { database } = place;
    if (this.places[this.placeAt - 1]?.database === database) return;
    const own = this.places.filter((other) => other.database === database);
    const keys = own.reduce((total, part) => total + part.keys, 0);
    const expiring = own.reduce((total, part) => total + part.expiring, 0);
    this.writer?.database(database, keys, expiring);
  }

  private endPlace({ shard, part, isDetached }: Place): void {
    this.placeAt++;
    // Arenas that were dropped meanwhile are gone with the last reference.
    if (isDetached && part.keys.arena === shard.arena) this.keyspace.lazyFree.add(shard, part);
  }

  private save(database: number, cursor: KeyCursor): void {
    const { arena, entry } = cursor;
    if (this.output?.failure === undefined) this.writer?.key(database, cursor);
    setGeneration(arena, entry, this.keyspace.generation);
    if (this.tracker !== undefined) forgetChange(cursor);
    this.keysSaved++;
  }

  /** All is saved: the write path needs to be followed no longer. */
  private endWalk(): void {
    const { keyspace, output, options } = this;
    this.isWalking = false;
    this.places = [];
    keyspace.keeper = undefined;
    keyspace.writes.unsubscribe(this);
    this.writer?.end();
    output
      ?.finish()
      .then(options?.commit)
      .then(
        () => this.end(undefined),
        (error: Error) => this.end(error),
      );
  }

  private end(failure: Error | undefined): void {
    const { options } = this;
    this.options = undefined;
    this.output = undefined;
    this.writer = undefined;
    options?.onEnd(failure);
  }
}

/** The version of a file that can hold what there is. */
export function fileVersionFor({ databases }: Keyspace): number {
  const hasFieldExpiry = databases.some(({ expiringFields }) => expiringFields > 0);
  return hasFieldExpiry ? rdbVersionOfFieldExpiry : rdbVersion;
}

/** The tables of all databases that have keys, database by database. */
function placesOf({ databases, shards }: Keyspace): Place[] {
  const places: Place[] = [];
  for (const { index, count } of databases) {
    if (count === 0) continue;
    for (const shard of shards) {
      const part = shard.part(index);
      const { keys, expiries } = part;
      if (keys.count === 0) continue;
      const expiring = expiries.count;
      places.push({
        database: index,
        shard,
        part,
        keys: keys.count,
        expiring,
        isDetached: false,
      });
    }
  }
  return places;
}

function pointAt(cursor: KeyCursor, part: Part, entry: Ref): KeyCursor {
  const { arena } = part.keys;
  cursor.key.point(arena.bytes, keyAt(arena, entry), keyLength(arena, entry));
  cursor.part = part;
  cursor.arena = arena;
  cursor.entry = entry;
  return cursor;
}
