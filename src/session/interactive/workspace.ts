/**
 * Where the commands of interactive transactions run: on the view of the keyspace, in which a key is copied before its first change.
 *
 * The time that they see stands at their transaction's beginning, so that nothing they have read expires before they end. A key
 * whose time had come before is removed beneath, as anybody's command would have, before they see it.
 */
import type { Command } from '#commands/command.ts';
import type { Database } from '#keyspace/database.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import { discard, publish } from '#keyspace/pending.ts';
import type { KeyEvent, WriteSubscriber } from '#keyspace/writes.ts';
import { Slice } from '#memory/slice.ts';
import { traitsOf } from '#types/values.ts';
import type { EffectFeed } from '../effect-feed.ts';
import { recordAsItIs } from '../half-done.ts';
import { lockMode } from '../locking/lock-mode.ts';
import type { Session } from '../session.ts';
import type { LockNeed, LockPlan } from './lock-plan.ts';
import type { OpenTransaction } from './open-transaction.ts';

export class Workspace implements WriteSubscriber {
  private readonly keyspace: Keyspace;
  private readonly effects: EffectFeed;
  private ownView: Keyspace | undefined;
  private transaction: OpenTransaction | undefined;
  /** A copy is being made, which is no change. */
  private isCopying = false;

  constructor(keyspace: Keyspace, effects: EffectFeed) {
    this.keyspace = keyspace;
    this.effects = effects;
  }

  /**
   * Lets the session's commands run inside the transaction until {@link leave}; `plan` is what this one has locked. Throws
   * ArenaFullError where a key cannot be copied, with nothing entered.
   */
  enter(session: Session, command: Command, transaction: OpenTransaction, plan: LockPlan): void {
    const { view, effects } = this;
    view.nowMs = transaction.beganAtMs;
    for (let index = 0; index < plan.length; index++) {
      const need = plan.at(index);
      if (need.isKey) this.prepare(transaction, need);
    }
    view.pending = command.isWrite ? transaction.changesToMake : transaction.changes;
    if (command.isWrite && !effects.isWanted) transaction.isUntold = true;
    this.transaction = transaction;
    session.keyspace = view;
    session.database = sameDatabase(view, session.database);
    effects.divert(transaction.effects);
  }

  leave(session: Session): void {
    session.keyspace = this.keyspace;
    session.database = sameDatabase(this.keyspace, session.database);
    this.effects.divert(undefined);
    this.transaction = undefined;
  }

  /** Whether a key's end, or a member's, is due: in the time of a transaction, or now. */
  isDue(database: number, key: Slice, transaction: OpenTransaction | undefined): boolean {
    if (transaction === undefined) return this.keyspace.database(database)?.isDue(key) === true;
    const { view } = this;
    view.nowMs = transaction.beganAtMs;
    view.pending = transaction.changes;
    return view.database(database)?.isDue(key) === true;
  }

  /** Runs `look` with the session seeing what the transaction has pending. */
  show(session: Session, transaction: OpenTransaction, look: () => void): void {
    const { view } = this;
    const { database } = session;
    view.nowMs = transaction.beganAtMs;
    view.pending = transaction.changes;
    session.keyspace = view;
    look();
    session.keyspace = this.keyspace;
    session.database = database;
  }

  /**
   * Makes what is pending the state of things, and hands on its effects. Throws ArenaFullError, with everything as it was: the
   * transaction is still open.
   */
  publish(transaction: OpenTransaction, compresses: boolean): void {
    const { effects, keyspace } = this;
    const { changes } = transaction;
    if (changes.isEmpty) {
      discard(this.view, changes);
      return;
    }
    publish(keyspace, this.view, changes);
    if (!effects.isWanted) return;
    if (transaction.isUntold) this.tellAsItIs(transaction, compresses);
    else effects.commitUnit(transaction.effects);
  }

  discard({ changes }: OpenTransaction): void {
    if (this.ownView !== undefined) discard(this.ownView, changes);
  }

  // What the commands of transactions announce.

  beforeWrite(event: KeyEvent, cursor: KeyCursor): void {
    if (this.isCopying) return;
    this.transaction?.changesToMake.note(event, cursor);
    this.effects.noteChange();
  }

  beforeFlush(): void {
    this.effects.noteChange();
  }

  beforeSwap(): void {}

  /** Made with the first transaction. */
  private get view(): Keyspace {
    if (this.ownView === undefined) {
      this.ownView = this.keyspace.view;
      this.ownView.writes.subscribe(this);
    }
    return this.ownView;
  }

  /** Lets the transaction meet the key as it was when it began, and have a copy of it if it is going to change it. */
  private prepare(transaction: OpenTransaction, { database, key, hash, mode }: LockNeed): void {
    const beneath = this.keyspace.database(database);
    const above = this.view.database(database);
    if (beneath === undefined || above === undefined) return;
    if (transaction.changes.covers(database, hash, key)) return;
    if (this.isDue(database, key, transaction)) this.expireBeneath(beneath, key);
    if (mode !== lockMode.exclusive) return;
    const changes = transaction.changesToMake;
    this.view.pending = changes;
    // From here on the view may look for it there.
    above.pendingPartAt(hash & this.keyspace.shardMask);
    const source = beneath.find(key);
    const pending = changes.add(database, hash, key.copy(), source.exists);
    if (!source.exists) return;
    try {
      this.copy(source, above.find(key));
    } catch (error) {
      const copy = above.openPending(key);
      if (copy.exists) copy.discard();
      changes.remove(pending);
      throw error;
    } finally {
      this.isCopying = false;
    }
  }

  private copy(source: KeyCursor, target: KeyCursor): void {
    this.isCopying = true;
    traitsOf(source).copy(source, target);
    target.publish('copy_to');
    target.setExpiry(source.expireAtMs);
    target.access = source.access;
    this.isCopying = false;
  }

  /** Removes what is due in the transaction's time, which has locked the key for itself. */
  private expireBeneath(database: Database, key: Slice): void {
    const { keyspace } = this;
    const { guard, nowMs } = keyspace;
    keyspace.guard = undefined;
    keyspace.nowMs = this.view.nowMs;
    database.peek(key);
    keyspace.nowMs = nowMs;
    keyspace.guard = guard;
  }

  /** Says what the keys are now, for nobody kept what was done to them. */
  private tellAsItIs({ changes }: OpenTransaction, compresses: boolean): void {
    const { effects, keyspace } = this;
    const slice = new Slice();
    effects.beginUnit();
    for (const database of keyspace.databases) {
      const { index } = database;
      effects.forgetRecorded();
      if (changes.flushed.has(index)) effects.record('FLUSHDB');
      for (const { bytes, isChanged } of changes.keys(index)) {
        if (!isChanged) continue;
        recordAsItIs(database.find(slice.point(bytes, 0, bytes.length)), compresses, effects);
      }
      if (!effects.hasRecorded) continue;
      effects.noteChange();
      effects.commit(index, undefined);
    }
    effects.endUnit();
  }
}

function sameDatabase(keyspace: Keyspace, database: Database): Database {
  const same = keyspace.database(database.index);
  // Both have as many databases.
  return same as Database;
}
