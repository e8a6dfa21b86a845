/**
 * Commands that wait for a key: what they hand to {@link Context.block} when they find nothing to do.
 *
 * Clients that wait for one key are served in the order in which they came.
 */
import type { ValueType } from '#keyspace/entry.ts';
import type { Slice } from '#memory/slice.ts';
import { parseDouble } from '#types/double.ts';
import { parseInt64 } from '#types/int64.ts';
import type { Client } from './client.ts';
import type { Context } from './context.ts';
import { type ErrorReply, errors } from './errors.ts';
import { double } from './grammar.ts';
import type { Reply } from './reply.ts';

/** What a client waits for. It is kept beyond the command, so it holds copies of what it needs of the request. */
export interface Wait {
  /** Of the database that the client has selected. None: only time ends the wait. */
  readonly keys: readonly Buffer[];
  /** Other keys of that database which serving it changes. */
  readonly changes?: readonly Buffer[];
  /** 0: for ever. */
  readonly timeoutMs: number;
  /**
   * The type of which it takes elements. When such a wait finds nothing at a key, others of that type at the same key
   * are not asked: they would not either.
   */
  readonly takes?: ValueType;
  /**
   * Called after a command that changed one of the keys. Looks again, and returns true once it has replied, or
   * false to wait on. The context is the client's, with the reply that it gets.
   */
  serve(context: Context): boolean;
  /** Replies that the time is over. */
  expire(reply: Reply): void;
}

/** Everybody who waits for a key. */
export interface BlockedClients {
  /** How many wait. */
  readonly count: number;
  /** Lets the context's client wait. */
  block(context: Context, wait: Wait): void;
  /** Ends a client's wait as if its time were over, or by an error. Returns whether it waited. */
  release(client: Client, how: 'timeout' | 'error'): boolean;
  /** Ends a wait, if it is still the client's, as if its time were over. */
  end(client: Client, wait: Wait): void;
  /** Ends the wait of a client that is gone. */
  forget(client: Client): void;
}

const timeoutMsMax = Number.MAX_SAFE_INTEGER;
const int64Limit = 2 ** 63;

/** A timeout in seconds, maybe a fraction, as milliseconds; or Redis's complaint. */
export function parseTimeout({ bytes, at, length }: Slice): number | ErrorReply {
  const seconds = parseDouble(bytes, at, length);
  if (Number.isNaN(seconds)) return errors.timeoutNotFloat;
  return timeoutProblem(seconds) ?? timeoutMsOf(seconds);
}

/** A command's argument that is a timeout in seconds. */
export const timeout = double('timeout', errors.timeoutNotFloat, timeoutProblem);

function timeoutProblem(seconds: number): ErrorReply | undefined {
  if (seconds * 1000 >= int64Limit) return errors.timeoutOutOfRange;
  return seconds < 0 ? errors.timeoutNegative : undefined;
}

/** A timeout in seconds that is none too large as milliseconds. */
export function timeoutMsOf(seconds: number): number {
  return Math.min(Math.ceil(seconds * 1000), timeoutMsMax);
}

/** A timeout in whole milliseconds; or Redis's complaint. */
export function parseTimeoutMs({ bytes, at, length }: Slice): number | ErrorReply {
  const ms = parseInt64(bytes, at, length);
  if (ms === undefined) return errors.timeoutNotInteger;
  if (ms < 0n) return errors.timeoutNegative;
  return Math.min(Number(ms), timeoutMsMax);
}
