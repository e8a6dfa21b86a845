/**
 * Gathers effects (commands/effects.ts) and hands them, encoded as RESP, to whoever follows them: the append-only log,
 * replicas. With nobody following it costs a test for each command.
 *
 * A command that changed nothing has no effect; whether it did is told by what it announces on the write path. Keys that
 * expire or are evicted are no command's doing: their removal is an effect of its own, before those of the command that
 * met them. Several effects of one command, and those of a transaction, are wrapped in MULTI and EXEC, so that whoever
 * follows has all or none. SELECT precedes an effect in another database than the last.
 *
 * Most effects are requests as they came, one after another in a client's input, in just the bytes that are handed on. These are
 * not even copied: the feed remembers where the run of them begins and ends, and hands it on as a whole when the turn of
 * that client is over, or something else is to follow. The position counts them at once.
 *
 * What an interactive transaction does is gathered apart, in a unit of its own, and handed on when it is committed.
 */
import type { Effects, EffectWord } from '#commands/effects.ts';
import type { Request } from '#commands/request.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { KeyEvent, WriteSubscriber } from '#keyspace/writes.ts';
import { Slice } from '#memory/slice.ts';
import { EffectBuffer } from './effect-buffer.ts';
import { encodedAt, lineEndBytes } from './encoded-request.ts';

/** Somebody who has to learn of every effect, in order. */
export interface EffectFollower {
  /**
   * Whole commands, in RESP: the `length` bytes from `at` on. The buffer is used again: whoever needs the bytes later copies
   * them. `database` is the one that the last of them left selected.
   */
  onEffects(bytes: Buffer, at: number, length: number, database: number): void;
}

/** No database: the first effect selects one. */
const noDatabase = -1;

const noBytes = Buffer.alloc(0);

/** Effects one after another, which are to be handed on together. */
export class EffectUnit {
  readonly words: EffectBuffer;
  count = 0;
  /** The database that the last one left selected. */
  database = noDatabase;

  constructor(capacityBytes?: number) {
    this.words = new EffectBuffer(capacityBytes);
  }

  select(database: number): void {
    if (database === this.database) return;
    this.database = database;
    this.words.command(['SELECT', database]);
  }

  /** Starts over; the database stays selected. */
  clear(): void {
    this.words.clear();
    this.count = 0;
  }
}

export class EffectFeed implements Effects, WriteSubscriber {
  isWanted = false;
  /** Bytes handed on so far: what a follower knows a moment in the history by. */
  position = 0;
  private readonly keyspace: Keyspace;
  private readonly followers = new Set<EffectFollower>();
  /** What the command under way recorded. */
  private readonly recorded = new EffectBuffer();
  private recordedCount = 0;
  private isNothing = false;
  /** Whether the command under way announced a change of its own. */
  private isChanged = false;
  /** Whether a key is being removed because all its members' time has come. */
  private isKeyExpiring = false;
  /** What is to be handed on. */
  private readonly gathered = new EffectUnit();
  /** Where the effects of commands go. */
  private target = this.gathered;
  /** Whether a unit is being gathered. A script that takes long may leave one open for many turns of the event loop. */
  isInUnit = false;
  private onUnitEnd: (() => void)[] = [];
  /** The same between MULTI and EXEC, where there are several. */
  private readonly whole = new EffectBuffer();
  private readonly word = new Slice();
  /** Requests one after another that are still to be handed on, where they lie. */
  private readonly run = new Slice();

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
  }

  /** Lets somebody follow from here on. The first thing that is heard selects a database. */
  follow(follower: EffectFollower): void {
    this.handOnRun();
    if (this.followers.size === 0) {
      this.discard();
      this.keyspace.writes.subscribe(this);
    }
    this.followers.add(follower);
    this.isWanted = true;
    this.gathered.database = noDatabase;
  }

  unfollow(follower: EffectFollower): void {
    this.handOnRun();
    this.followers.delete(follower);
    this.isWanted = this.followers.size > 0;
    if (!this.isWanted) this.keyspace.writes.unsubscribe(this);
  }

  record(...words: readonly EffectWord[]): void {
    this.recordedCount++;
    this.recorded.command(words);
  }

  recordNothing(): void {
    this.isNothing = true;
  }

  /** Whether the command under way recorded something. */
  get hasRecorded(): boolean {
    return this.recordedCount > 0;
  }

  /** Drops what the command under way recorded. */
  forgetRecorded(): void {
    this.recordedCount = 0;
    this.isNothing = false;
    this.recorded.clear();
  }

  /** Ends a command. If it changed something, what it recorded is its effect, or else its request. */
  commit(database: number, request: Request | undefined): void {
    const { recorded, recordedCount, isNothing, isChanged, target } = this;
    if (!isChanged) return this.discard();
    if (recordedCount === 0 && !isNothing && request !== undefined) {
      if (target === this.gathered && this.addToRun(database, request)) {
        this.isChanged = false;
        return;
      }
    }
    if (recordedCount > 0) {
      target.select(database);
      target.words.raw(recorded);
      target.count += recordedCount;
    } else if (!isNothing && request !== undefined) {
      target.select(database);
      this.appendRequest(target, request);
    }
    this.discard();
    this.handOn();
  }

  /** Has the effects of commands gathered in `unit`, of a transaction, from here on; undefined: handed on again. */
  divert(unit: EffectUnit | undefined): void {
    this.target = unit ?? this.gathered;
  }

  /** Says that the command under way changed something that the write path has not announced. */
  noteChange(): void {
    this.isChanged = true;
  }

  /** Ends a command that did what was gathered in `unit`. */
  commitUnit(unit: EffectUnit): void {
    this.discard();
    if (unit.count === 0) return;
    this.gathered.words.raw(unit.words);
    this.gathered.count += unit.count;
    this.gathered.database = unit.database;
    this.handOn();
  }

  /** From here on until {@link endUnit} all effects are one unit. */
  beginUnit(): void {
    this.isInUnit = true;
  }

  endUnit(): void {
    this.isInUnit = false;
    this.handOn();
    if (this.onUnitEnd.length > 0) this.tellUnitEnded();
  }

  unitEnded(): Promise<void> {
    return new Promise((resolve) => this.onUnitEnd.push(resolve));
  }

  private tellUnitEnded(): void {
    const told = this.onUnitEnd;
    this.onUnitEnd = [];
    for (const each of told) each();
  }

  private discard(): void {
    this.forgetRecorded();
    this.isChanged = false;
  }

  beforeWrite(event: KeyEvent, cursor: KeyCursor): void {
    if (event === 'hexpired' || this.isKeyExpiring) {
      // What went is told by {@link beforeMemberExpires}.
      this.isKeyExpiring = false;
      return;
    }
    if (event !== 'expired' && event !== 'evicted') {
      this.isChanged = true;
      return;
    }
    this.handOnNow(cursor.database.index, ['DEL', cursor.key]);
  }

  /** Like a key's end, no command's doing. */
  beforeMemberExpires(cursor: KeyCursor, member: Slice | undefined): void {
    this.isKeyExpiring = member === undefined;
    this.handOnNow(
      cursor.database.index,
      member === undefined ? ['DEL', cursor.key] : ['HDEL', cursor.key, member],
    );
  }

  // These two are commands' own doing.
  beforeFlush(): void {
    this.isChanged = true;
  }

  beforeSwap(): void {
    this.isChanged = true;
  }

  /** What is nobody's command, before the effects of one under way. */
  private handOnNow(database: number, words: readonly EffectWord[]): void {
    this.gathered.select(database);
    this.gathered.words.command(words);
    this.gathered.count++;
    this.handOn();
  }

  private appendRequest(target: EffectUnit, request: Request): void {
    const { words } = target;
    words.head(request.count);
    for (let i = 0; i < request.count; i++) words.word(request.into(i, this.word));
    target.count++;
  }

  /** Adds a request whose bytes can be handed on as they are. Returns whether it is one. */
  private addToRun(database: number, request: Request): boolean {
    const { gathered, run } = this;
    if (this.isInUnit || gathered.count > 0 || gathered.database !== database) return false;
    const at = encodedAt(request);
    if (at < 0) return false;
    const last = request.count - 1;
    const length = request.at(last) + request.length(last) + lineEndBytes - at;
    if (run.bytes === request.bytes && run.at + run.length === at) run.length += length;
    else {
      this.handOnRun();
      run.point(request.bytes, at, length);
    }
    this.position += length;
    return true;
  }

  /** Hands on the requests that were left where they lie. To be called before these bytes change. */
  handOnRun(): void {
    const { run } = this;
    const { bytes, at, length } = run;
    if (length === 0) return;
    run.point(noBytes, 0, 0);
    for (const follower of this.followers) {
      follower.onEffects(bytes, at, length, this.gathered.database);
    }
  }

  private handOn(): void {
    const { words, count, database } = this.gathered;
    if (count === 0 || this.isInUnit) return;
    this.handOnRun();
    const { whole } = this;
    if (count > 1) {
      whole.command(['MULTI']);
      whole.raw(words);
      whole.command(['EXEC']);
    }
    const { bytes, length } = count > 1 ? whole : words;
    this.position += length;
    for (const follower of this.followers) follower.onEffects(bytes, 0, length, database);
    whole.clear();
    this.gathered.clear();
  }
}
