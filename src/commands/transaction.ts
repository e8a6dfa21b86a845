/**
 * A client's MULTI: what it has queued, and whether EXEC may run it. WATCH comes before it: a watched key that changes
 * makes the transaction stale.
 */
import type { Client } from './client.ts';
import type { CommandQueue } from './command-queue.ts';
import type { Context } from './context.ts';

export class Transaction {
  /** What EXEC will run; undefined outside of MULTI. */
  queue: CommandQueue | undefined;
  /** A command could not be queued: EXEC will refuse. */
  isBroken = false;
  /** A watched key has changed: EXEC will do nothing. */
  isStale = false;
  /** EXEC is running the queue: nothing may wait. */
  isExecuting = false;
  /** Keys that are watched. */
  watchedCount = 0;

  begin(queue: CommandQueue): void {
    this.queue = queue;
    this.isBroken = false;
  }

  /** Ends MULTI; what is watched is not this one's to forget. */
  end(): void {
    this.queue = undefined;
    this.isBroken = false;
  }

  get queuesWrites(): boolean {
    return this.queue?.hasWrites ?? false;
  }
}

/** What commands ask of the floor that runs commands. */
export interface Transactions {
  /** Answers MULTI: has the client's commands queued. */
  begin(client: Client): void;
  /** Watches a key of the context's database for its client. */
  watch(context: Context, key: Buffer): void;
  /** Forgets what the client watches. */
  unwatch(client: Client): void;
  /** Answers EXEC: runs what is queued, or says why not. */
  execute(context: Context): void;
}
