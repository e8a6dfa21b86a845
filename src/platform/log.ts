/**
 * The log, handed to whoever has something to tell the operator. A message is a constant sentence; what varies is
 * in its fields, so that logs can be searched.
 */

export type LogFields = Readonly<Record<string, unknown>>;

/** The first four are Redis's levels, the least important first. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  verbose(message: string, fields?: LogFields): void;
  notice(message: string, fields?: LogFields): void;
  warning(message: string, fields?: LogFields): void;
  /** Something failed that should not have; the server goes on. */
  error(message: string, fields?: LogFields): void;
  /** A broken invariant: the process stops. */
  fatal(message: string, fields?: LogFields): void;
}

/** A log that keeps nothing. */
export const silentLog: Log = {
  debug() {},
  verbose() {},
  notice() {},
  warning() {},
  error() {},
  fatal() {},
};
