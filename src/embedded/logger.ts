/** The log of a store in process: handed to whatever logger the program has. */
import type { Log, LogFields } from '#platform/log.ts';

type LogCall = (message: string, fields?: LogFields) => void;

/** What a logger needs to have: `console` is one. */
export interface Logger {
  readonly debug?: LogCall;
  readonly info?: LogCall;
  readonly warn?: LogCall;
  readonly error?: LogCall;
}

/** A log that tells a logger. */
export function logTo(logger: Logger): Log {
  return {
    debug: (message, fields) => logger.debug?.(message, fields),
    verbose: (message, fields) => logger.debug?.(message, fields),
    notice: (message, fields) => logger.info?.(message, fields),
    warning: (message, fields) => logger.warn?.(message, fields),
    error: (message, fields) => logger.error?.(message, fields),
    fatal: (message, fields) => logger.error?.(message, fields),
  };
}
