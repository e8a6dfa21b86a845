/**
 * What a store is reached through. All that differs between the embedded store, the gRPC client and others is one
 * of these; the typed methods above it are the same.
 */
import type { Key, Reply, Words } from './reply.ts';

export interface Link {
  /**
   * Executes one command. Calls are executed in the order in which they were made. An error of the command is a value;
   * a promise rejects only where the store cannot be reached, with a ZippyError.
   */
  call(words: Words): Promise<Reply>;
  /** The same for a command that may wait for a key: others on this link do not wait for it. */
  callWaiting(words: Words, signal?: AbortSignal): Promise<Reply>;
  /**
   * Executes commands one after another, as one request where that saves a way, and if `atomic` with nobody between them (MULTI
   * and EXEC). There is a reply for each.
   */
  callAll(commands: readonly Words[], atomic: boolean): Promise<readonly Reply[]>;
  /** Begins an interactive transaction on a connection of its own. */
  begin(options: BeginOptions): Promise<TransactionLink>;
  /** Subscribes on a connection of its own. Resolves once messages arrive. */
  subscribe(
    subscription: Subscription,
    onMessage: (message: Message<Uint8Array>) => void,
    onClose: () => void,
  ): Promise<SubscriptionLink>;
  close(): Promise<void>;
}

/** A connection that a transaction has for itself. */
export interface TransactionLink extends Pick<Link, 'call'> {
  /** Rejects with a ZippyError where it was rolled back instead. */
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

export interface SubscriptionLink {
  close(): Promise<void>;
}

export interface BeginOptions {
  /** Takes shared locks only; a command that writes is an error. */
  readonly readonly?: boolean;
  /** Rolls it back if it is idle for longer. */
  readonly timeoutMs?: number;
}

export interface Subscription {
  readonly channels: readonly Key[];
  /** Glob patterns for names of channels. */
  readonly patterns: readonly Key[];
}

export interface Message<V> {
  readonly channel: string;
  readonly message: V;
  /** The pattern that the channel matched, for those who subscribed to one. */
  readonly pattern?: string;
}
