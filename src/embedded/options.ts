/** What a store in process can be told when it is opened, checked, and as directives of the configuration. */
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { Config } from '#config/config.ts';
import { ConfigError, parseCommandLine, parseConfig } from '#config/parse.ts';
import type { Clock } from '#platform/clock.ts';
import { systemSecret } from '#platform/random.ts';
import type { Logger } from './logger.ts';

/** Shards of a store in process unless told otherwise; each holds at most 2 GiB. */
const shardsDefault = 4;

const policies = [
  'noeviction',
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
] as const;

const directive = v.union([v.string(), v.number(), v.boolean()]);

const schema = v.strictObject({
  dir: v.optional(v.string()),
  persistence: v.optional(v.picklist(['log', 'snapshots'])),
  fsync: v.optional(v.picklist(['always', 'everysec', 'no'])),
  maxmemory: v.optional(v.union([v.string(), v.number()])),
  eviction: v.optional(v.picklist(policies)),
  config: v.optional(v.record(v.string(), directive)),
  logger: v.optional(v.custom<Logger>((given) => typeof given === 'object' && given !== null)),
  clock: v.optional(v.custom<Clock>((given) => typeof given === 'object' && given !== null)),
});

export interface OpenOptions {
  /** Keeps the data in this directory. Without one they live as long as the process. */
  readonly dir?: string;
  /** How: by an append-only log, which loses at most a second in a crash, or by snapshots once in a while. */
  readonly persistence?: 'log' | 'snapshots';
  /** When the log is forced to disk; every second unless given. */
  readonly fsync?: 'always' | 'everysec' | 'no';
  /** A limit to the memory that the data take: bytes, or a text such as `100mb`. */
  readonly maxmemory?: string | number;
  /** What goes when the limit is reached; nothing unless given: writes are refused. */
  readonly eviction?: (typeof policies)[number];
  /** Any other directive, as in redis.conf. */
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  /** Where to tell what an operator might want to know. Nowhere unless given. */
  readonly logger?: Logger;
  /** The time that the store lives by: the system's unless a test has another. */
  readonly clock?: Clock;
}

/** Throws TypeError where the options are none. */
function checkOptions(options: OpenOptions): void {
  const result = v.safeParse(schema, options);
  if (!result.success) throw new TypeError(`options of a store: ${v.summarize(result.issues)}`);
}

/** The configuration that options stand for. Throws TypeError. */
export function configOf(options: OpenOptions): Config {
  checkOptions(options);
  const config = new Config({ workingDirectory: process.cwd() });
  const flags = [...directivesOf(options)].flatMap(([name, value]) => [`--${name}`, value]);
  try {
    config.load(parseConfig([parseCommandLine(flags).flags], () => 'no files here'));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new TypeError(`options of a store: ${error.message}`, { cause: error });
  }
  return config;
}

/** Later ones of a name replace earlier ones. */
function directivesOf(options: OpenOptions): Map<string, string> {
  const { dir, persistence = 'log', fsync, maxmemory, eviction, config = {} } = options;
  const directives = new Map([['shards', String(shardsDefault)]]);
  if (dir === undefined) {
    // No file is written unless somebody asks for a snapshot, and nothing of others is loaded.
    directives.set('dir', tmpdir());
    directives.set('dbfilename', `zippy-${process.pid}-${systemSecret() >>> 0}.rdb`);
    directives.set('save', '');
  } else {
    directives.set('dir', resolve(dir));
    directives.set('appendonly', persistence === 'log' ? 'yes' : 'no');
    if (persistence === 'log') directives.set('save', '');
  }
  if (fsync !== undefined) directives.set('appendfsync', fsync);
  if (maxmemory !== undefined) directives.set('maxmemory', String(maxmemory));
  if (eviction !== undefined) directives.set('maxmemory-policy', eviction);
  for (const [name, value] of Object.entries(config)) directives.set(name, wordOf(value));
  return directives;
}

function wordOf(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}
