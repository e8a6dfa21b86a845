/**
 * The log, written by pino as one JSON object a line: quiet unless something happens, and fit for machines
 * to search. Lines are written synchronously, since the most important ones come just before the process ends.
 *
 * pino is loaded when the first line is written: a server that has nothing to tell starts without it.
 */
import { openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { Logger, pino as Pino } from 'pino';
import type { Config } from '#config/config.ts';
import type { Log, LogFields } from '#platform/log.ts';

const require = createRequire(import.meta.url);

const standardOutput = 1;
/** Redis's levels, with pino's numbers for those that pino has too. */
const levels = { debug: 20, verbose: 25, notice: 30, warning: 40, error: 50, fatal: 60 };

type Level = keyof typeof levels;
/** A value of the directive `loglevel`. */
type Threshold = 'debug' | 'verbose' | 'notice' | 'warning' | 'nothing';

export class JsonLog implements Log {
  private readonly descriptor: number;
  private threshold = 0;
  private logger: Logger<Level> | undefined;

  /** Writes to an open file, by its descriptor. */
  constructor(descriptor: number, threshold: Threshold) {
    this.descriptor = descriptor;
    this.setThreshold(threshold);
  }

  setThreshold(threshold: Threshold): void {
    this.threshold = threshold === 'nothing' ? Number.POSITIVE_INFINITY : levels[threshold];
  }

  debug(message: string, fields?: LogFields): void {
    this.write('debug', message, fields);
  }

  verbose(message: string, fields?: LogFields): void {
    this.write('verbose', message, fields);
  }

  notice(message: string, fields?: LogFields): void {
    this.write('notice', message, fields);
  }

  warning(message: string, fields?: LogFields): void {
    this.write('warning', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.write('error', message, fields);
  }

  fatal(message: string, fields?: LogFields): void {
    this.write('fatal', message, fields);
  }

  private write(level: Level, message: string, fields: LogFields = {}): void {
    if (levels[level] < this.threshold) return;
    this.logger ??= makeLogger(this.descriptor);
    this.logger[level](fields, message);
  }
}

/** Opens what `logfile` names, a relative path being within `dir`, and follows `loglevel`. Throws where it cannot. */
export function openLog(config: Config): JsonLog {
  const file = config.get('logfile');
  const descriptor = file === '' ? standardOutput : openSync(resolve(config.get('dir'), file), 'a');
  const log = new JsonLog(descriptor, config.get('loglevel'));
  config.onChange('loglevel', (threshold) => {
    log.setThreshold(threshold);
    return undefined;
  });
  return log;
}

function makeLogger(descriptor: number): Logger<Level> {
  // What pino's own declarations say its module exports.
  const { pino } = require('pino') as { readonly pino: typeof Pino };
  return pino(
    {
      level: 'debug',
      customLevels: levels,
      useOnlyCustomLevels: true,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: descriptor, sync: true }),
  );
}
