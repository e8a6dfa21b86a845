/**
 * Interactive transactions, as commands see them: opened by BEGIN, ended by COMMIT or ROLLBACK, with replies in between. What
 * runs inside them, which locks they take and what they have pending is the business of the floor that runs commands.
 */
import type { Client } from './client.ts';
import type { Context } from './context.ts';

/** Counters since the start or CONFIG RESETSTAT, and of this moment. */
export interface TransactionFigures {
  readonly open: number;
  /** Clients that wait for a lock. */
  readonly waiting: number;
  readonly lockedKeys: number;
  readonly begun: number;
  readonly committed: number;
  readonly rolledBack: number;
  readonly deadlocks: number;
  readonly lockTimeouts: number;
  readonly idleTimeouts: number;
}

export interface BeginOptions {
  readonly isReadOnly: boolean;
  /** How long it may be idle, 0 for as long as it likes; undefined: as the configuration says. */
  readonly timeoutMs: number | undefined;
}

/** Those that answer end with a reply. `id` undefined: of the transaction that the client is attached to. */
export interface InteractiveTransactions {
  readonly figures: TransactionFigures;
  begin(context: Context, options: BeginOptions): void;
  commit(context: Context, id: number | undefined): void;
  rollback(context: Context, id: number | undefined): void;
  /** Commits all that the client may and that wait for nothing. */
  commitAll(context: Context): void;
  showAll(context: Context): void;
  /** Rolls back what the client is attached to, and detaches it. */
  leave(client: Client): void;
  /** Ends the wait of a client that will not ask again for what waits. */
  giveUp(client: Client): void;
  resetFigures(): void;
}
