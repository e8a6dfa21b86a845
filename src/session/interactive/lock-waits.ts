/**
 * Clients that wait for locks: how a request gets what it needs, how long it waits, and who gives way in a deadlock.
 *
 * A request of a transaction takes its locks one after another and keeps those it has; any other request, a *passer*, needs them all free
 * at one moment and keeps none. A client that waits is like one that waits for a key: its connection is resumed when its
 * turn has come, or its time is over, and then asks for the same request again.
 */
import type { Client } from '#commands/client.ts';
import type { TransactionEnd } from '#commands/interactive-errors.ts';
import { Deadlines } from '../deadlines.ts';
import { type Lock, LockOwner } from '../locking/lock.ts';
import { type LockMode, lockMode } from '../locking/lock-mode.ts';
import type { LockTable } from '../locking/lock-table.ts';
import { circleOf } from '../locking/wait-graph.ts';
import type { LockNeed, LockPlan } from './lock-plan.ts';
import type { OpenTransaction } from './open-transaction.ts';

/** What became of a request for locks: `granted`, or what it is answered with, or it waits. */
type Grant = 'granted' | 'waits' | 'timeout' | TransactionEnd;

/** One request that has had to wait, until it is answered. */
interface LockWait {
  readonly client: Client;
  readonly owner: LockOwner;
  readonly deadlineMs: number;
  verdict: 'timeout' | TransactionEnd | undefined;
  /** Its deadline has passed unheeded. */
  isUnwatched: boolean;
  isOver: boolean;
}

interface LockWaitsParts {
  readonly table: LockTable;
  /** Whether looking at the key would remove something: then that takes the key for itself. */
  readonly isDue: (need: LockNeed, transaction: OpenTransaction | undefined) => boolean;
  /** Rolls back the transaction of `owner`, which has to give way. */
  readonly giveWay: (owner: LockOwner) => void;
}

export class LockWaits {
  /** How long a request may wait. */
  timeoutMs = Number.POSITIVE_INFINITY;
  private readonly parts: LockWaitsParts;
  private readonly byClient = new Map<Client, LockWait>();
  private readonly byOwner = new Map<LockOwner, LockWait>();
  private readonly deadlines = new Deadlines<LockWait>(({ isOver }) => isOver);
  /** Passers have no age: they never give way. */
  private readonly passerId = 0;

  constructor(parts: LockWaitsParts) {
    this.parts = parts;
    parts.table.onTurn = ({ owner }) => this.wakeOwner(owner);
  }

  get count(): number {
    return this.byClient.size;
  }

  /** Whether a request that is part of the transaction waits, or is about to go on; but for the client's own. */
  isBusy({ owner }: OpenTransaction, client?: Client): boolean {
    const wait = this.byOwner.get(owner);
    return wait !== undefined && wait.client !== client;
  }

  /** Gets the client's request the locks it needs, for the transaction it is part of, if it is. */
  acquire(
    client: Client,
    transaction: OpenTransaction | undefined,
    plan: LockPlan,
    nowMs: number,
  ): Grant {
    const verdict = this.takeVerdict(client);
    if (verdict !== undefined) return verdict;
    const before = this.byClient.get(client);
    for (;;) {
      const owner = transaction?.owner;
      const lacking =
        owner === undefined ? this.taken(plan) : this.lacking(plan, owner, transaction);
      if (lacking === undefined) {
        if (before !== undefined) this.end(before);
        return 'granted';
      }
      const waiting = owner ?? before?.owner ?? new LockOwner(this.passerId, true);
      this.queueUp(waiting, lacking.lock, lacking.mode);
      this.breakCircles(waiting);
      if (transaction?.isOver === true) {
        if (before !== undefined) this.end(before);
        return transaction.end ?? 'rolled-back';
      }
      // Whoever gave way may have had just what this needs.
      const { request } = waiting;
      if (request === undefined || request.isWoken) continue;
      this.begin(client, waiting, before?.deadlineMs ?? nowMs + this.timeoutMs);
      return 'waits';
    }
  }

  /** Like {@link acquire}, where nothing may wait: whether the locks could be had at once. */
  acquireAtOnce(transaction: OpenTransaction | undefined, plan: LockPlan): boolean {
    if (transaction === undefined) return this.taken(plan) === undefined;
    return this.lacking(plan, transaction.owner, transaction) === undefined;
  }

  /** What became of the client's request, if it has waited and is not to wait on. */
  takeVerdict(client: Client): LockWait['verdict'] {
    const wait = this.byClient.get(client);
    if (wait?.verdict === undefined) return undefined;
    this.end(wait);
    return wait.verdict;
  }

  /** The client has gone, or asks for something else. */
  forget(client: Client): void {
    const wait = this.byClient.get(client);
    if (wait === undefined) return;
    this.end(wait);
    client.isBlocked = false;
  }

  /** Tells who waits on the transaction's behalf that it is over. */
  abort(transaction: OpenTransaction, why: TransactionEnd): void {
    const wait = this.byOwner.get(transaction.owner);
    if (wait === undefined) return;
    wait.verdict = why;
    this.wake(wait);
  }

  /** Ends the waits whose time is over. */
  expireDue(nowMs: number): void {
    for (;;) {
      const wait = this.deadlines.takeDue(nowMs);
      if (wait === undefined) return;
      const { request } = wait.owner;
      // It may have been woken, and be about to run; should it have to wait on, it is looked at again.
      if (request === undefined || request.isWoken) {
        wait.isUnwatched = true;
        continue;
      }
      wait.verdict = 'timeout';
      this.parts.table.cancel(wait.owner);
      this.wake(wait);
    }
  }

  /** The first lock of the plan that a transaction cannot have at once. It keeps those before. */
  private lacking(
    plan: LockPlan,
    owner: LockOwner,
    transaction: OpenTransaction | undefined,
  ): { readonly lock: Lock; readonly mode: LockMode } | undefined {
    const { table } = this.parts;
    for (let index = 0; index < plan.length; index++) {
      const need = plan.at(index);
      const whole = table.ofDatabase(need.database);
      if (!need.isKey) {
        if (!whole.take(owner, need.mode)) return { lock: whole, mode: need.mode };
        continue;
      }
      const mode = this.modeFor(need, transaction);
      const intention = intentionTo(mode);
      if (!whole.take(owner, intention)) return { lock: whole, mode: intention };
      const lock = table.ofKey(need.database, need.hash, need.key);
      if (!lock.take(owner, mode)) return { lock, mode };
    }
    return undefined;
  }

  /** The first lock of the plan that transactions hold against a passer. */
  private taken(plan: LockPlan): { readonly lock: Lock; readonly mode: LockMode } | undefined {
    const { table } = this.parts;
    for (let index = 0; index < plan.length; index++) {
      const need = plan.at(index);
      const whole = table.ofDatabase(need.database);
      if (!need.isKey) {
        if (!whole.agrees(need.mode, undefined)) return { lock: whole, mode: need.mode };
        continue;
      }
      const intention = intentionTo(need.mode);
      if (!whole.agrees(intention, undefined)) return { lock: whole, mode: intention };
      const lock = table.find(need.database, need.hash, need.key);
      if (lock === undefined || lock.holders.size === 0) continue;
      const mode = this.modeFor(need, undefined);
      if (!lock.agrees(mode, undefined)) return { lock, mode };
    }
    return undefined;
  }

  private modeFor(need: LockNeed, transaction: OpenTransaction | undefined): LockMode {
    if (need.mode === lockMode.exclusive) return need.mode;
    return this.parts.isDue(need, transaction) ? lockMode.exclusive : need.mode;
  }

  /** Has the owner wait for the lock, in the place it has if it waits for it already. */
  private queueUp(owner: LockOwner, lock: Lock, mode: LockMode): void {
    const { request } = owner;
    if (request?.lock === lock && request.mode === mode) {
      request.isWoken = false;
      return;
    }
    if (request !== undefined) this.parts.table.cancel(owner);
    lock.wait(owner, mode);
  }

  /** Has the youngest transaction of each circle that the owner's wait has closed give way. */
  private breakCircles(owner: LockOwner): void {
    for (let circle = circleOf(owner); circle !== undefined; circle = circleOf(owner)) {
      const transactions = circle.filter(({ isPasser }) => !isPasser);
      const youngest = transactions.reduce((one, other) => (other.id > one.id ? other : one));
      this.parts.giveWay(youngest);
    }
  }

  private begin(client: Client, owner: LockOwner, deadlineMs: number): void {
    client.isBlocked = true;
    const known = this.byClient.get(client);
    if (known !== undefined) {
      if (known.isUnwatched) this.deadlines.add(deadlineMs, known);
      known.isUnwatched = false;
      return;
    }
    const wait = {
      client,
      owner,
      deadlineMs,
      verdict: undefined,
      isUnwatched: false,
      isOver: false,
    };
    this.byClient.set(client, wait);
    this.byOwner.set(owner, wait);
    this.deadlines.add(deadlineMs, wait);
  }

  private wakeOwner(owner: LockOwner): void {
    const wait = this.byOwner.get(owner);
    if (wait !== undefined) this.wake(wait);
  }

  private wake({ client }: LockWait): void {
    client.isBlocked = false;
    client.connection.resume();
  }

  /** The request that waited is answered. What a passer waited for goes to the next. */
  private end(wait: LockWait): void {
    wait.isOver = true;
    this.byClient.delete(wait.client);
    this.byOwner.delete(wait.owner);
    this.parts.table.cancel(wait.owner);
  }
}

function intentionTo(mode: LockMode): LockMode {
  return mode === lockMode.exclusive ? lockMode.intendExclusive : lockMode.intendShared;
}
