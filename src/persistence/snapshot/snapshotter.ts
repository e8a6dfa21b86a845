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
 * had, and one that is flushed is walked where it lies, before it is taken apart (Keeper) or beside the arenas that took the
 * place of its own. So beside the data it takes what waits for the disk, and what a flush could not free yet.
 *
 * The walk rests while much waits for the disk; pre-images cannot, so a disk that is far behind ends the snapshot. Big values are
 * saved in pieces (big-values.ts).
 *
 * A snapshot that fails walks on to its end without writing, so that all entries are of one generation again.
 */
import { generationOf, otherGeneration, setGeneration } from '#keyspace/entry.ts';
import { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { Part, Shard } from '#keyspace/shard.ts';
import type { KeyEvent, WriteSubscriber } from '#keyspace/writes.ts';
import type { Clock } from '#platform/clock.ts';
import type { Disk } from '#platform/disk.ts';
import { RefList } from '#structures/ref-list.ts';
import { createWalkers } from '../rdb/adapters/all.ts';
import { type AuxFields, type KeptUse, RdbFileWriter } from '../rdb/file-writer.ts';
import { rdbVersion, rdbVersionOfFieldExpiry } from '../rdb/format.ts';
import { BigValues, type Pieces, pointAt, usualPieces } from './big-values.ts';
import { type ChangeTracker, forgetChange } from './change-tracker.ts';
import { OutputFile } from './output-file.ts';
import { ValueKeeper } from './value-keeper.ts';

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
  /** How big values are written. */
  readonly pieces?: Pieces;
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

export class Snapshotter extends ValueKeeper implements WriteSubscriber {
  keysSaved = 0;
  keysTotal = 0;
  private readonly keyspace: Keyspace;
  private readonly clock: Clock;
  private readonly cursor: KeyCursor;
  private readonly entries = new RefList();
  private options: SnapshotOptions | undefined;
  private writer: RdbFileWriter | undefined;
  private places: Place[] = [];
  private placeAt = 0;
  private scanAt = 0;
  /** Whether the scan of the place has come to its end. */
  private isPlaceDone = false;
  /** The number that each database had at the start. */
  private origins: number[] = [];
  private isWalking = false;
  /** Who is to know what changes from the start on, if this is what that is counted from. */
  private tracker: ChangeTracker | undefined;

  constructor(keyspace: Keyspace, clock: Clock) {
    super();
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
    this.concernsReads = hasFieldExpiry(keyspace);
    const output = new OutputFile(options);
    const writer = new RdbFileWriter(output, createWalkers, {
      ...options,
      version: fileVersionFor(keyspace),
    });
    writer.begin(options.aux, options.libraries);
    this.output = output;
    this.writer = writer;
    this.values = new BigValues({
      keyspace,
      writer,
      output,
      cursor: this.cursor,
      pieces: options.pieces ?? usualPieces,
      onSaved: (cursor) => this.note(cursor),
    });
  }

  /** Gives up. The end is told as soon as all entries are of one generation again. */
  cancel(): void {
    const { output } = this;
    if (output !== undefined && this.isWalking) void output.abandon(new Error('cancelled'));
  }

  /** Works for about `budgetMs`. Returns whether there is more to do. */
  step(budgetMs: number): boolean {
    const { values } = this;
    if (!this.isWalking || values === undefined) return false;
    if (values.mustRest) return true;
    const endMs = this.clock.monotonicMs() + budgetMs * values.urgency;
    let isMore = true;
    do {
      if (values.isBusy) values.step();
      else isMore = this.go();
    } while (isMore && this.clock.monotonicMs() < endMs && !values.mustRest);
    values.tell();
    return isMore;
  }

  beforeWrite(_event: KeyEvent, cursor: KeyCursor): void {
    if (!this.isUnsaved(cursor)) return;
    this.output?.giveUpIfBehind(this.writer?.asideBytes);
    if (this.values?.finish(cursor) !== true) this.save(this.originOf(cursor), cursor);
  }

  protected override isUnsaved({ arena, entry }: KeyCursor): boolean {
    if (entry === 0 || !this.isWalking) return false;
    return generationOf(arena, entry) !== this.keyspace.generation;
  }

  /** The number that the cursor's database had at the start. */
  protected override originOf({ database }: KeyCursor): number {
    // Numbered like the databases.
    return this.origins[database.index] as number;
  }

  /** Nothing is lost yet: {@link keep} sees to what the tables were. */
  beforeFlush(): void {}

  beforeSwap(a: number, b: number): void {
    const { origins } = this;
    // As above.
    [origins[a], origins[b]] = [origins[b] as number, origins[a] as number];
  }

  override keep(shard: Shard, part: Part): boolean {
    for (let at = this.placeAt; at < this.places.length; at++) {
      const place = this.places[at];
      if (place?.shard !== shard || place.part.header !== part.header) continue;
      if (place.part.keys.arena !== part.keys.arena) continue;
      place.isDetached = true;
      return true;
    }
    return false;
  }

  /** Takes one step of the walk. Returns whether there is another. */
  private go(): boolean {
    const place = this.places[this.placeAt];
    if (place === undefined) this.endWalk();
    else if (this.isPlaceDone) this.endPlace(place);
    else this.walk(place);
    return place !== undefined;
  }

  private walk(place: Place): void {
    const { entries, keyspace, cursor, values } = this;
    const { keys } = place.part;
    const { arena } = keys;
    if (this.scanAt === 0) this.beginPlace(place);
    entries.clear();
    this.scanAt = keys.scan(this.scanAt, entries);
    for (let index = 0; index < entries.length; index++) {
      const entry = entries.at(index);
      if (generationOf(arena, entry) === keyspace.generation) continue;
      pointAt(cursor, place.part, entry);
      if (values?.isBig(cursor) === true) values.add(place.database, cursor);
      else this.save(place.database, cursor);
    }
    this.isPlaceDone = this.scanAt === 0;
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
    this.isPlaceDone = false;
    // Arenas that were dropped meanwhile are gone with the last reference.
    if (isDetached && part.keys.arena === shard.arena) this.keyspace.lazyFree.add(shard, part);
  }

  private save(database: number, cursor: KeyCursor): void {
    if (this.output?.failure === undefined) this.writer?.key(database, cursor);
    this.note(cursor);
  }

  /** Notes that an entry is saved, or as good as saved. */
  protected override note(cursor: KeyCursor): void {
    const { arena, entry } = cursor;
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
    this.values = undefined;
    options?.onEnd(failure);
  }
}

/** The version of a file that can hold what there is. */
export function fileVersionFor(keyspace: Keyspace): number {
  return hasFieldExpiry(keyspace) ? rdbVersionOfFieldExpiry : rdbVersion;
}

/** O(databases × shards). */
export function hasFieldExpiry({ databases }: Keyspace): boolean {
  return databases.some(({ expiringFields }) => expiringFields > 0);
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
