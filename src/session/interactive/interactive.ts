/**
 * Interactive transactions: several commands of a client, with replies in between, of which others see all or nothing.
 *
 * They are serializable by strict two-phase locking: what a transaction reads or changes it locks first ({@link LockPlan}, {@link LockWaits}),
 * and keeps locked to its end. What it changes are copies ({@link Workspace}) that COMMIT puts in the place of what was there, so
 * rolling back is dropping them. The executor asks here for every command while any transaction is open, and
 * otherwise only whether one is.
 *
 * A client is *attached* to the transaction that it opened until it hears of its end: if that was rolled back meanwhile, what the
 * client sends as part of it is refused and not done outside.
 */
import type { Client } from '#commands/client.ts';
import type { Command } from '#commands/command.ts';
import type { Context } from '#commands/context.ts';
import { type ErrorReply, errors } from '#commands/errors.ts';
import type {
  BeginOptions,
  InteractiveTransactions,
  TransactionFigures,
} from '#commands/interactive.ts';
import {
  deadlockOf,
  foreignTransaction,
  interactiveErrors,
  noTransaction,
  type TransactionEnd,
  transactionBusy,
} from '#commands/interactive-errors.ts';
import type { Services } from '#commands/services.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { KeyGuard, Keyspace } from '#keyspace/keyspace.ts';
import { ArenaFullError } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import type { Blocking } from '../blocking.ts';
import { Deadlines } from '../deadlines.ts';
import type { EffectFeed } from '../effect-feed.ts';
import type { LockOwner } from '../locking/lock.ts';
import { LockTable } from '../locking/lock-table.ts';
import type { Session } from '../session.ts';
import type { Suspension } from '../suspension.ts';
import { LockPlan } from './lock-plan.ts';
import { LockWaits } from './lock-waits.ts';
import { OpenTransaction } from './open-transaction.ts';
import { concerns, isTooLarge, mayUse, overError, refusedInside } from './rules.ts';
import { showAll } from './show-all.ts';
import { Workspace } from './workspace.ts';

/** Whether a command may run now: undefined, or what it is answered with, or it has to wait. */
type Admission = ErrorReply | 'wait' | undefined;

export class Interactive implements InteractiveTransactions, KeyGuard {
  /** Whether any of this concerns anybody: else no command need ask. */
  isActive = false;
  private readonly keyspace: Keyspace;
  private readonly blocking: Blocking;
  private readonly suspension: Suspension;
  private readonly table = new LockTable();
  private readonly waits: LockWaits;
  private readonly workspace: Workspace;
  private readonly plan: LockPlan;
  private readonly open = new Map<number, OpenTransaction>();
  private readonly attached = new Map<Client, OpenTransaction>();
  private readonly idle = new Deadlines<OpenTransaction>(({ isOver }) => isOver);
  /** The transaction that the request under way names: what it does is part of that, whoever asks for it. */
  named: OpenTransaction | undefined;
  private nextId = 1;
  private idleMsMax = 0;
  private counts = noCounts();
  private readonly slice = new Slice();

  constructor(keyspace: Keyspace, effects: EffectFeed, blocking: Blocking, suspension: Suspension) {
    this.suspension = suspension;
    this.keyspace = keyspace;
    this.blocking = blocking;
    this.workspace = new Workspace(keyspace, effects);
    this.plan = new LockPlan(keyspace);
    this.waits = new LockWaits({
      table: this.table,
      isDue: ({ database, key }, transaction) => this.workspace.isDue(database, key, transaction),
      giveWay: (owner) => this.giveWay(owner),
    });
  }

  /** Called by the executor, once there are services. */
  attach({ config, clients }: Services): void {
    this.waits.timeoutMs = config.get('lock-timeout');
    this.idleMsMax = config.get('transaction-timeout');
    config.onChange('lock-timeout', (ms) => {
      this.waits.timeoutMs = ms;
      return undefined;
    });
    config.onChange('transaction-timeout', (ms) => {
      this.idleMsMax = ms;
      return undefined;
    });
    clients.onRemove = (client) => this.forget(client);
  }

  get figures(): TransactionFigures {
    const lockedKeys = this.table.keyCount;
    return { ...this.counts, open: this.open.size, waiting: this.waits.count, lockedKeys };
  }

  resetFigures(): void {
    this.counts = noCounts();
  }

  /** All that are open, the oldest first. */
  all(): Iterable<OpenTransaction> {
    return this.open.values();
  }

  // What commands do.

  begin({ client, reply }: Context, { isReadOnly, timeoutMs }: BeginOptions): void {
    const current = this.attached.get(client);
    if (current !== undefined && !current.isOver) return reply.error(interactiveErrors.nested);
    const idleMsMax = timeoutMs ?? this.idleMsMax;
    const { nowMs } = this.keyspace;
    const transaction = new OpenTransaction(this.nextId++, client, isReadOnly, idleMsMax, nowMs);
    this.open.set(transaction.id, transaction);
    this.attached.set(client, transaction);
    if (idleMsMax > 0) this.idle.add(transaction.idleAtMs, transaction);
    this.counts.begun++;
    this.refresh();
    reply.integer(transaction.id);
  }

  commit(context: Context, id: number | undefined): void {
    const { client, reply } = context;
    const transaction = this.toEnd(client, id);
    if (!(transaction instanceof OpenTransaction)) return reply.error(transaction);
    if (transaction.isOver) {
      this.detach(client);
      return reply.error(overError(transaction));
    }
    if (this.publish(transaction, context)) {
      this.finish(transaction, client, 'committed');
      reply.ok();
    } else reply.error(errors.storeFull);
  }

  rollback({ client, reply }: Context, id: number | undefined): void {
    const transaction = this.toEnd(client, id, true);
    if (!(transaction instanceof OpenTransaction)) return reply.error(transaction);
    if (transaction.isOver) this.detach(client);
    else this.abort(transaction, 'rolled-back', client);
    reply.ok();
  }

  commitAll(context: Context): void {
    const { client, reply } = context;
    let committed = 0;
    for (const transaction of [...this.open.values()]) {
      if (this.waits.isBusy(transaction) || !mayUse(client, transaction)) continue;
      if (!this.publish(transaction, context)) continue;
      this.finish(transaction, client, 'committed');
      committed++;
    }
    reply.integer(committed);
  }

  showAll(context: Context): void {
    // A door's sessions are the only contexts that commands are run with.
    showAll(context as Session, this.open.values(), this.workspace);
  }

  leave(client: Client): void {
    const transaction = this.attached.get(client);
    if (transaction === undefined) return;
    if (!transaction.isOver) this.abort(transaction, 'rolled-back', client);
    this.detach(client);
  }

  giveUp(client: Client): void {
    this.waits.forget(client);
    this.refresh();
  }

  // What the executor asks.

  /** The open transaction of that id, or why the client may not use it. */
  find(client: Client, id: number): OpenTransaction | ErrorReply {
    const transaction = this.open.get(id);
    if (transaction === undefined)
      return this.takeNews(client) === 'deadlock' ? deadlockOf(id) : noTransaction(id);
    return mayUse(client, transaction) ? transaction : foreignTransaction(id);
  }

  /** Gets a request its locks. To be followed by {@link enter} if it may run. */
  admit(command: Command, session: Session): Admission {
    const { client } = session;
    if (!concerns(command)) return undefined;
    const transaction = this.transactionOf(client);
    const problem =
      transaction === undefined ? undefined : this.problemWith(transaction, command, client);
    if (problem !== undefined) return problem;
    this.plan.fill(command, session);
    const grant = this.waits.acquire(client, transaction, this.plan, this.keyspace.nowMs);
    this.refresh();
    if (grant === 'granted') return undefined;
    if (grant === 'waits') return 'wait';
    if (grant === 'timeout') {
      this.counts.lockTimeouts++;
      return interactiveErrors.lockTimeout;
    }
    if (transaction === undefined) return interactiveErrors.lockTimeout;
    return grant === 'deadlock' ? deadlockOf(transaction.id) : overError(transaction);
  }

  /** Like {@link admit}, for a command of EXEC or of a script, which cannot wait. */
  admitInner(command: Command, session: Session): ErrorReply | undefined {
    const { client } = session;
    if (!concerns(command)) return undefined;
    const transaction = this.transactionOf(client);
    const problem =
      transaction === undefined ? undefined : this.problemWith(transaction, command, client);
    if (problem !== undefined) return problem;
    this.plan.fill(command, session);
    return this.waits.acquireAtOnce(transaction, this.plan)
      ? undefined
      : interactiveErrors.keyLocked;
  }

  /** Lets what was admitted run where it belongs, until {@link exit}. Returns false if there is no memory for that. */
  enter(command: Command, session: Session): boolean {
    const transaction = this.transactionOf(session.client);
    if (transaction === undefined || !(command.isRead || command.isWrite)) return true;
    transaction.lastUsedAtMs = this.keyspace.nowMs;
    try {
      this.workspace.enter(session, command, transaction, this.plan);
      return true;
    } catch (error) {
      if (error instanceof ArenaFullError) return false;
      throw error;
    }
  }

  exit(session: Session): void {
    if (session.keyspace !== this.keyspace) this.workspace.leave(session);
  }

  /** Ends waits and transactions whose time is over. */
  expireDue(nowMs: number): void {
    if (!this.isActive) return;
    this.waits.expireDue(nowMs);
    for (;;) {
      const transaction = this.idle.takeDue(nowMs);
      if (transaction === undefined) break;
      if (this.waits.isBusy(transaction)) transaction.lastUsedAtMs = nowMs;
      if (transaction.idleAtMs > nowMs) {
        this.idle.add(transaction.idleAtMs, transaction);
        continue;
      }
      this.counts.idleTimeouts++;
      this.abort(transaction, 'idle');
    }
    this.refresh();
  }

  isHeld({ database, hash, key }: KeyCursor): boolean {
    return this.table.isHeld(database.index, hash, key);
  }

  private transactionOf(client: Client): OpenTransaction | undefined {
    return this.named ?? this.attached.get(client);
  }

  private problemWith(
    transaction: OpenTransaction,
    command: Command,
    client: Client,
  ): ErrorReply | undefined {
    const { id } = transaction;
    if (transaction.isOver) return this.problemAfter(transaction, client);
    if (!mayUse(client, transaction)) return foreignTransaction(id);
    if (this.waits.isBusy(transaction, client)) return transactionBusy(id);
    if (refusedInside.has(command.fullName)) return interactiveErrors.notInside;
    if (transaction.isReadOnly && command.isWrite) return interactiveErrors.readOnly;
    return isTooLarge(transaction) ? interactiveErrors.tooLarge : undefined;
  }

  /** The first the client hears of a deadlock is that; later, that its transaction is gone. */
  private problemAfter(transaction: OpenTransaction, client: Client): ErrorReply {
    return this.takeNews(client) === 'deadlock'
      ? deadlockOf(transaction.id)
      : overError(transaction);
  }

  /** What became of the client's request that waited, if it has not heard of it. */
  private takeNews(client: Client): string | undefined {
    const news = this.waits.takeVerdict(client);
    this.refresh();
    return news;
  }

  /** What COMMIT and ROLLBACK are about, or what is wrong with that. */
  private toEnd(
    client: Client,
    id: number | undefined,
    mayBeBusy = false,
  ): OpenTransaction | ErrorReply {
    const own = this.attached.get(client);
    if (id === undefined && own === undefined) return interactiveErrors.notAttached;
    if (own !== undefined && (id === undefined || id === own.id)) {
      if (own.isOver) return own;
      id = own.id;
    }
    const transaction = this.find(client, id ?? 0);
    if (!(transaction instanceof OpenTransaction) || mayBeBusy) return transaction;
    return this.waits.isBusy(transaction) ? transactionBusy(transaction.id) : transaction;
  }

  /** Returns false where there is no memory; the transaction is open then as before. */
  private publish(transaction: OpenTransaction, { services: { config } }: Context): boolean {
    try {
      this.workspace.publish(transaction, config.get('rdbcompression'));
      return true;
    } catch (error) {
      if (error instanceof ArenaFullError) return false;
      throw error;
    }
  }

  private giveWay({ id }: LockOwner): void {
    const transaction = this.open.get(id);
    if (transaction === undefined) return;
    this.counts.deadlocks++;
    this.abort(transaction, 'deadlock');
  }

  private abort(transaction: OpenTransaction, why: TransactionEnd, by?: Client): void {
    this.workspace.discard(transaction);
    this.counts.rolledBack++;
    this.finish(transaction, by, why);
  }

  /** The transaction has ended, one way or the other. */
  private finish(transaction: OpenTransaction, by: Client | undefined, how: TransactionEnd): void {
    const { client, id, owner } = transaction;
    transaction.end = how;
    if (how === 'committed') this.counts.committed++;
    this.open.delete(id);
    if (client === by) this.attached.delete(client);
    this.waits.abort(transaction, how);
    this.table.release(owner);
    this.refresh();
    this.blocking.retryHeld();
  }

  private detach(client: Client): void {
    this.attached.delete(client);
    this.refresh();
  }

  private forget(client: Client): void {
    this.waits.forget(client);
    const transaction = this.attached.get(client);
    if (transaction !== undefined && this.suspension.isOf(client)) {
      // What its script still does must not happen outside.
      if (!transaction.isOver) this.abort(transaction, 'rolled-back');
      void this.suspension.over().then(() => this.detach(client));
    } else this.leave(client);
    this.refresh();
  }

  private refresh(): void {
    this.isActive = this.open.size > 0 || this.attached.size > 0 || this.waits.count > 0;
    const isGuarding = this.open.size > 0;
    this.keyspace.guard = isGuarding ? this : undefined;
    this.blocking.isHeld = isGuarding ? this.isKeyHeld : undefined;
  }

  private readonly isKeyHeld = (database: { readonly index: number }, key: Buffer): boolean => {
    const slice = this.slice.point(key, 0, key.length);
    return this.table.isHeld(database.index, this.keyspace.hashOf(slice), slice);
  };
}

function noCounts() {
  return { begun: 0, committed: 0, rolledBack: 0, deadlocks: 0, lockTimeouts: 0, idleTimeouts: 0 };
}
