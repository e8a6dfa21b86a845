/**
 * What a language spoken over a stream has to bring: how requests are taken out of bytes, and how replies become
 * bytes. RESP and the line protocol are two; all the rest of a connection (limits, order, replies that are not
 * taken, waiting) is the same for both, and in one place.
 */
import type { Request } from '#commands/request.ts';
import type { Database } from '#keyspace/database.ts';
import type { CountingReply } from '#session/command-runner.ts';
import type { Lookahead } from './resp/lookahead.ts';
import type { Output } from './resp/output.ts';

/**
 * `request`: one is complete, until the next call. `more`: feed. `error`: nothing after it can be understood.
 * `refused`: what was asked cannot be done; the parser goes on behind it.
 */
export type ParseResult = 'request' | 'more' | 'error' | 'refused';

/** Reads in place, and may be stopped by the end of input at any byte. */
export interface RequestParser {
  /** Redis's proto-max-bulk-len. */
  bulkBytesMax: number;
  /** Whether the limits for those who have not authenticated apply. */
  isStranger: boolean;
  /** What is wrong, after `error` and `refused`. */
  readonly problem: string;
  /** Where the request being parsed begins: what lies before is not needed any more. */
  readonly start: number;
  /** Bytes, counted from `start`, that the request under way needs at least to go on. */
  readonly needed: number;
  /** Gives bytes `[at, end)` to parse next. `at` is where `start` is now. */
  feed(bytes: Buffer, at: number, end: number): void;
  /** Goes back to the beginning of the request parsed last, to parse it again. */
  rewind(): void;
  parse(): ParseResult;
  /** Whether there is something to look ahead at: never, for a parser that cannot. */
  readonly hasMore: boolean;
  /**
   * Has the requests after the one parsed last looked at, before they are parsed or taken. `database` is where they are going to be
   * executed; undefined where they are going to be queued.
   */
  lookAhead(lookahead: Lookahead, database: Database | undefined): void;
  /** Like {@link parse}, of a request that was looked at. */
  take(lookahead: Lookahead): ParseResult;
}

export interface ReplyWriter extends CountingReply {
  /** The version of RESP whose types commands may reply with. */
  protocol: 2 | 3;
}

/** One connection's. */
export interface Wire {
  readonly parser: RequestParser;
  /** Whether messages look as they do to all others of the protocol's version. */
  readonly sharesMessages: boolean;
  /** What writes into `output` for this connection. */
  writer(output: Output): ReplyWriter;
}

/** Makes a connection's, which parses into `request`. */
export type MakeWire = (request: Request) => Wire;
