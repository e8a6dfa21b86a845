/** What a command answers a program with: plain JavaScript values. */
import type { ErrorReply, ErrorStatus } from '#commands/errors.ts';

/**
 * A reply. A status is a string, the bytes of a value a Buffer (or a string, if asked for texts), the absence of a value
 * null. Clients of protocol 3 get maps, sets, numbers and booleans as such; those of 2 get what RESP2 makes of them.
 */
export type ReplyValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Buffer
  | ReplyError
  | ReplyValue[]
  | Map<ReplyValue, ReplyValue>
  | Set<ReplyValue>;

/** An error that a command answered with: a value like others, for it may be one of many in an array. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError';
  /** The first word: ERR, WRONGTYPE and so on. */
  readonly code: string;
  /** What kind of mistake it was, for doors that say that in terms of their own. */
  readonly status: ErrorStatus;

  constructor(code: string, text: string, status: ErrorStatus = 'invalid-argument') {
    super(`${code} ${text}`);
    this.code = code;
    this.status = status;
  }

  static of({ code, text, status }: ErrorReply): ReplyError {
    return new ReplyError(code, text, status);
  }
}
