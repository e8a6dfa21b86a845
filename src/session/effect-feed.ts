/**
 * Gathers effects (commands/effects.ts) and hands them, encoded as RESP, to whoever follows them: the append-only log,
 * replicas. With nobody following it costs a test for each command.
 *
 * A command that changed nothing has no effect; whether it did is told by what it announces on the write path. Keys that
 * expire or are evicted are no command's doing: their removal is an effect of its own, before those of the command that
 * met them. Several effects of one command, and those of a transaction, are wrapped in MULTI and EXEC, so that whoever
 * follows has all or none. SELECT precedes an effect in another database than the last.
 */
import type { Effects, EffectWord } from '#commands/effects.ts';
import type { Request } from '#commands/request.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { KeyEvent, WriteSubscriber } from '#keyspace/writes.ts';
import { Slice } from '#memory/slice.ts';
import { EffectBuffer } from './effect-buffer.ts';

/** Somebody who has to learn of every effect, in order. */
export interface EffectFollower {
  /**
   * Whole commands, in RESP. The buffer is the feed's: whoever needs the bytes later copies them. `database` is the
   * one that the last of them left selected.
   */
  onEffects(bytes: Buffer, length: number, database: number): void;
}

/** No database: the first effect selects one. */
const noDatabase = -1;

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
  /** What is to be handed on, with SELECT where the database changes. */
  private readonly gathered = new EffectBuffer();
  private gatheredCount = 0;
  /** Whether a unit is being gathered. A script that takes long may leave one open for many turns of the event loop. */
  isInUnit = false;
  private onUnitEnd: (() => void)[] = [];
  /** The same between MULTI and EXEC, where there are several. */
  private readonly whole = new EffectBuffer();
  private database = noDatabase;
  private readonly word = new Slice();

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
  }

  /** Lets somebody follow from here on. The first thing that is heard selects a database. */
  follow(follower: EffectFollower): void {
    if (this.followers.size === 0) {
      this.discard();
      this.keyspace.writes.subscribe(this);
    }
    this.followers.add(follower);
    this.isWanted = true;
    this.database = noDatabase;
  }

  unfollow(follower: EffectFollower): void {
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

  /** Drops what the command under way recorded. */
  forgetRecorded(): void {
    this.recordedCount = 0;
    this.isNothing = false;
    this.recorded.clear();
  }

  /** Ends a command. If it changed something, what it recorded is its effect, or else its request. */
  commit(database: number, request: Request | undefined): void {
    const { recorded, recordedCount, isNothing, isChanged } = this;
    if (!isChanged) return this.discard();
    if (recordedCount > 0) {
      this.select(database);
      this.gathered.raw(recorded);
      this.gatheredCount += recordedCount;
    } else if (!isNothing && request !== undefined) {
      this.select(database);
      this.appendRequest(request);
      this.gatheredCount++;
    }
    this.discard();
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
    this.select(cursor.database.index);
    this.gathered.command(['DEL', cursor.key]);
    this.gatheredCount++;
    this.handOn();
  }

  /** Like a key's end, no command's doing. */
  beforeMemberExpires(cursor: KeyCursor, member: Slice | undefined): void {
    this.isKeyExpiring = member === undefined;
    this.select(cursor.database.index);
    this.gathered.command(
      member === undefined ? ['DEL', cursor.key] : ['HDEL', cursor.key, member],
    );
    this.gatheredCount++;
    this.handOn();
  }

  // These two are commands' own doing.
  beforeFlush(): void {
    this.isChanged = true;
  }

  beforeSwap(): void {
    this.isChanged = true;
  }

  private select(database: number): void {
    if (database === this.database) return;
    this.database = database;
    this.gathered.command(['SELECT', database]);
  }

  private appendRequest(request: Request): void {
    const { gathered } = this;
    gathered.head(request.count);
    for (let i = 0; i < request.count; i++) gathered.word(request.into(i, this.word));
  }

  private handOn(): void {
    const { gathered, gatheredCount, database } = this;
    if (gatheredCount === 0 || this.isInUnit) return;
    const { whole } = this;
    if (gatheredCount > 1) {
      whole.command(['MULTI']);
      whole.raw(gathered);
      whole.command(['EXEC']);
    }
    const { bytes, length } = gatheredCount > 1 ? whole : gathered;
    this.position += length;
    for (const follower of this.followers) follower.onEffects(bytes, length, database);
    whole.clear();
    gathered.clear();
    this.gatheredCount = 0;
  }
}
