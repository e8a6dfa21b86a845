/** What commands may use of the server around them. Made and owned by the composition root. */
import type { Config } from '#config/config.ts';
import type { Eviction } from '#keyspace/eviction.ts';
import type { ActiveExpiry } from '#keyspace/expiry.ts';
import type { Histogram } from '#observe/histogram.ts';
import type { HotKeys } from '#observe/hot-keys.ts';
import type { LatencyMonitor } from '#observe/latency-monitor.ts';
import type { Loading } from '#observe/loading.ts';
import type { MemoryUsage } from '#observe/memory-usage.ts';
import type { Rates } from '#observe/rate-sampler.ts';
import type { ServerStats } from '#observe/server-stats.ts';
import type { SlowLog } from '#observe/slow-log.ts';
import type { Clock } from '#platform/clock.ts';
import type { LoopStalls } from '#platform/loop-monitor.ts';
import type { ProcessFacts } from '#platform/process.ts';
import type { Random } from '#platform/random.ts';
import type { Access } from './access.ts';
import type { AppendLog } from './append-log.ts';
import type { BlockedClients } from './blocking.ts';
import type { Clients } from './client.ts';
import type { Command } from './command.ts';
import type { CommandTable } from './command-table.ts';
import type { Effects } from './effects.ts';
import type { InteractiveTransactions } from './interactive.ts';
import type { Scripts } from './scripts.ts';
import type { Snapshots } from './snapshots.ts';
import type { PubSub } from './subscriptions.ts';
import type { Tracking } from './tracking.ts';
import type { Transactions } from './transaction.ts';

/** The configuration file, for CONFIG REWRITE. Its text is a byte string. */
export interface ConfigFile {
  readonly path: string;
  /** Throws an Error that says why it cannot. */
  read(): string;
  /** Replaces the file as a whole. Throws an Error that says why it cannot. */
  write(text: string): void;
}

/** SHUTDOWN's options. */
export interface ShutdownOptions {
  /** Undefined: as the configuration says. */
  readonly save: boolean | undefined;
  /** Without waiting for replicas. */
  readonly now: boolean;
  /** Even where saving fails. */
  readonly force: boolean;
}

export interface Lifecycle {
  /** Begins to stop the server. Calls `refuse` if it turns out that it cannot, with the reason. */
  shutdown(options: ShutdownOptions, refuse: (why: string) => void): void;
  /** Calls off a stop that is under way. Returns whether there was one. */
  abortShutdown(): boolean;
}

/** Who this server is. */
interface ServerIdentity {
  /** 40 hexadecimal digits, new at each start. */
  readonly runId: string;
  /** What replicas know its history by: 40 hexadecimal digits. */
  readonly replicationId: string;
  readonly startedAtMs: number;
  /** The port it listens on for RESP, 0 for none. */
  tcpPort(): number;
}

/** Eviction, and the limit that sets its budget. */
interface MemoryLimit {
  readonly eviction: Eviction;
  /** Follows what the process takes for itself. */
  refresh(): void;
}

/** What is known of the server's work. */
export interface ObservedServices {
  readonly stats: ServerStats;
  readonly host: ProcessFacts;
  readonly identity: ServerIdentity;
  readonly memory: MemoryUsage;
  readonly memoryLimit: MemoryLimit;
  readonly rates: Rates;
  readonly loop: LoopStalls;
  readonly slowLog: SlowLog;
  readonly latency: LatencyMonitor;
  /** How long each command took, of those that were timed. */
  readonly histograms: Map<Command, Histogram>;
  readonly hotKeys: HotKeys;
  readonly loading: Loading;
}

export interface Services extends ObservedServices {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly access: Access;
  readonly clients: Clients;
  readonly blocked: BlockedClients;
  readonly transactions: Transactions;
  readonly interactive: InteractiveTransactions;
  readonly scripts: Scripts;
  readonly pubsub: PubSub;
  readonly tracking: Tracking;
  /** Where commands say what they did, if that is not what they were asked. */
  readonly effects: Effects;
  readonly appendLog: AppendLog;
  readonly snapshots: Snapshots;
  readonly commands: CommandTable;
  readonly expiry: ActiveExpiry;
  readonly lifecycle: Lifecycle;
  readonly configFile: ConfigFile | undefined;
}
