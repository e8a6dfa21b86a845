/**
 * The composition root: makes the keyspace, the services, the doors and the cron, connects them, and takes them
 * down again. It owns nothing else: no state of the data, no policy.
 *
 * A server belongs to no process: several can run in one, each with its own configuration, clock and log. What
 * concerns the process (signals, the pid file, exit codes) is the command line's business.
 */

import type { ConfigFile, Lifecycle, Services, ShutdownOptions } from '#commands/services.ts';
import { hasherReady } from '#commands/string/hasher.ts';
import { redisVersion } from '#commands/version.ts';
import type { Config } from '#config/config.ts';
import { Keyspace } from '#keyspace/keyspace.ts';
import { AppendOnlyLog } from '#persistence/aof/append-only-log.ts';
import { BaseFiles } from '#persistence/aof/base-file.ts';
import type { Clock } from '#platform/clock.ts';
import { type Disk, NodeDisk } from '#platform/disk.ts';
import { directoryProblem, systemErrorText } from '#platform/files.ts';
import type { Log } from '#platform/log.ts';
import { type Random, systemSecret } from '#platform/random.ts';
import type { Endpoint, Listener, Transport } from '#platform/transport.ts';
import { RespDoor } from '#protocols/resp/door.ts';
import { type Coordination, createCoordination } from '#session/coordination.ts';
import { Executor } from '#session/executor.ts';
import { valueTraits } from '#types/values.ts';
import { Cron } from './cron.ts';
import { listen } from './listen.ts';
import { recover } from './recovery.ts';
import { createServices } from './services.ts';

/** How long a stop waits for clients to take their replies. */
const stopGraceMs = 2000;

export interface ServerOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly log: Log;
  /** The file that CONFIG REWRITE writes to, if the configuration came from one. */
  readonly configFile?: ConfigFile;
  /** Where the data are kept; by default the files of `dir`. */
  readonly disk?: Disk;
  /** `any`: listen on a port that the system picks, whatever the configuration says. */
  readonly port?: 'any';
}

export class Server {
  readonly services: Services;
  readonly keyspace: Keyspace;
  /** Resolves when the server has stopped, whoever stopped it. */
  readonly stopped: Promise<void>;
  private readonly door: RespDoor;
  private readonly cron: Cron;
  private readonly appendLog: AppendOnlyLog;
  private readonly log: Log;
  private readonly listeners: readonly Listener[];
  private readonly unsubscribe: readonly (() => void)[];
  private resolveStopped: () => void = () => {};
  private isStopping = false;

  private constructor(parts: ServerParts, listeners: readonly Listener[]) {
    this.services = parts.services;
    this.keyspace = parts.keyspace;
    this.door = parts.door;
    this.log = parts.log;
    this.appendLog = parts.appendLog;
    this.listeners = listeners;
    this.cron = new Cron(parts.services, parts.keyspace, parts.coordination);
    parts.lifecycle.onShutdown = () => void this.stop();
    this.stopped = new Promise((resolve) => {
      this.resolveStopped = resolve;
    });
    this.unsubscribe = [this.services.config.onChange('dir', directoryProblem)];
  }

  /** Builds a server and starts it. Throws ListenError where it cannot listen as configured. */
  static async start(options: ServerOptions): Promise<Server> {
    const parts = makeParts(options);
    const { config, transport, port } = options;
    // Commands answer at once, so what takes a promise to load is loaded before the first can come.
    await hasherReady;
    const listeners = await listen(config, transport, (stream) => parts.door.accept(stream), port);
    parts.listening.tcpPort = tcpPortOf(listeners);
    const server = new Server(parts, listeners);
    try {
      await recover(parts);
    } catch (error) {
      await server.stop();
      throw error;
    }
    server.cron.start();
    return server;
  }

  /** Where the server listens, with the actual ports. */
  get endpoints(): readonly Endpoint[] {
    return this.listeners.map(({ endpoint }) => endpoint);
  }

  /** What is being executed, for the report of an exception. */
  get activity(): string {
    const client = this.door.serving?.client;
    return client === undefined ? 'no command' : `${client.lastCommand} of client ${client.id}`;
  }

  /**
   * Stops listening, sends the replies that are pending, closes every connection and gives the data's memory back.
   * Clients that do not take their replies in time are cut off. Resolves when all is done; safe to call again.
   */
  stop(): Promise<void> {
    if (!this.isStopping) {
      this.isStopping = true;
      this.shutDown().then(this.resolveStopped, (error: unknown) => {
        this.log.error('stopping failed', { error });
        this.resolveStopped();
      });
    }
    return this.stopped;
  }

  private async shutDown(): Promise<void> {
    this.cron.stop();
    this.services.loop.stop();
    for (const unsubscribe of this.unsubscribe) unsubscribe();
    const closed = this.door.close();
    for (const listener of this.listeners) await listener.close();
    const { clients } = this.services;
    const giveUp = setTimeout(() => {
      this.log.warning('clients did not take their replies and are cut off', {
        clients: clients.count,
      });
      for (const client of clients.all()) client.connection.destroy();
    }, stopGraceMs);
    await closed;
    clearTimeout(giveUp);
    await this.appendLog.close();
  }
}

interface ServerParts {
  readonly keyspace: Keyspace;
  readonly services: Services;
  readonly coordination: Coordination;
  readonly door: RespDoor;
  readonly log: Log;
  readonly lifecycle: ServerLifecycle;
  readonly appendLog: AppendOnlyLog;
  /** Filled in once the server listens. */
  readonly listening: { tcpPort: number };
}

function makeParts(options: ServerOptions): ServerParts {
  const { config, clock, random, log, configFile } = options;
  const keyspace = new Keyspace({
    hooks: valueTraits,
    shards: config.get('shards'),
    databases: config.get('databases'),
    random,
    seed: { low: systemSecret(), high: systemSecret() },
  });
  const coordination = createCoordination(keyspace);
  const lifecycle = new ServerLifecycle();
  const listening = { tcpPort: 0 };
  const tcpPort = () => listening.tcpPort;
  const appendLog = new AppendOnlyLog({
    config,
    clock,
    log,
    disk: options.disk ?? new NodeDisk(config.get('dir')),
    effects: coordination.effects,
    snapshots: new BaseFiles(keyspace, redisVersion),
    describeError: systemErrorText,
    afterTurn: (run) => void setImmediate(run),
  });
  const services = createServices({
    config,
    clock,
    random,
    keyspace,
    lifecycle,
    configFile,
    tcpPort,
    coordination,
    appendLog,
  });
  const door = new RespDoor(services, keyspace, new Executor(services, coordination));
  return { keyspace, services, coordination, door, log, lifecycle, appendLog, listening };
}

function tcpPortOf(listeners: readonly Listener[]): number {
  for (const { endpoint } of listeners) if (endpoint.kind === 'tcp') return endpoint.port;
  return 0;
}

/** SHUTDOWN, as long as there is nothing to save and no replica to wait for. */
class ServerLifecycle implements Lifecycle {
  onShutdown: () => void = () => {};

  shutdown({ save, force }: ShutdownOptions): string | undefined {
    if (save === true && !force) return 'Errors trying to SHUTDOWN. Check logs.';
    this.onShutdown();
    return undefined;
  }

  abortShutdown(): boolean {
    return false;
  }
}
