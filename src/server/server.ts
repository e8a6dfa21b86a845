/**
 * The composition root: makes the keyspace, the services, the doors and the cron, connects them, and takes them
 * down again. It owns nothing else: no state of the data, no policy.
 *
 * A server belongs to no process: several can run in one, each with its own configuration, clock and log. What
 * concerns the process (signals, the pid file, exit codes) is the command line's business.
 */

import type { ConfigFile, Lifecycle, ShutdownOptions } from '#commands/services.ts';
import { hasherReady } from '#commands/string/hasher.ts';
import type { Config } from '#config/config.ts';
import { Keyspace } from '#keyspace/keyspace.ts';
import type { Clock } from '#platform/clock.ts';
import { type Disk, NodeDisk } from '#platform/disk.ts';
import { directoryProblem } from '#platform/files.ts';
import type { Log } from '#platform/log.ts';
import { readLuaWasm } from '#platform/lua-wasm.ts';
import { type Random, systemSecret } from '#platform/random.ts';
import type { Endpoint, Stream, StreamHandler, Transport } from '#platform/transport.ts';
import { LocalDoor } from '#protocols/local/door.ts';
import { RespDoor } from '#protocols/resp/door.ts';
import { type Coordination, createCoordination } from '#session/coordination.ts';
import { Executor } from '#session/executor.ts';
import type { Scripting } from '#session/scripting/scripting.ts';
import { valueTraits } from '#types/values.ts';
import { Cron } from './cron.ts';
import { Doors } from './doors.ts';
import { configuredPlaces, nowhere, type Places, type Ports } from './listen.ts';
import { recover } from './recovery.ts';
import { createServices, type ServerServices } from './services.ts';
import { renewTlsOnChange } from './tls.ts';

/** How long a stop waits for clients to take their replies. */
const stopGraceMs = 2000;

/** Ports given here are listened on whatever the configuration says. */
export interface ServerOptions extends Partial<Ports> {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly log: Log;
  /** The file that CONFIG REWRITE writes to, if the configuration came from one. */
  readonly configFile?: ConfigFile;
  /** Whether it listens from the start; unless told otherwise it does. {@link Server.listen} is for later. */
  readonly listens?: boolean;
  /** Called when clients can connect: they are told that the data are being loaded until {@link Server.start} resolves. */
  readonly onListening?: (server: Server) => void;
  /** The files in a directory: those of the system, unless a test has others. */
  readonly openDisk?: (directory: string) => Disk;
}

export class Server {
  readonly services: ServerServices;
  readonly keyspace: Keyspace;
  /** Resolves when the server has stopped, whoever stopped it. */
  readonly stopped: Promise<void>;
  /** Where the program itself, and doors without a protocol of their own, execute commands. */
  readonly local: LocalDoor;
  readonly coordination: Coordination;
  private readonly doors: Doors;
  private readonly cron: Cron;
  private readonly scripting: Scripting;
  private readonly log: Log;
  private readonly unsubscribe: readonly (() => void)[];
  private resolveStopped: () => void = () => {};
  /** Whether it was told to stop, be it while its data were being loaded. */
  isStopping = false;
  private shuttingDown: Promise<string | undefined> | undefined;

  private constructor(parts: ServerParts) {
    this.services = parts.services;
    this.keyspace = parts.keyspace;
    this.doors = parts.doors;
    this.local = parts.local;
    this.coordination = parts.coordination;
    this.log = parts.log;
    this.scripting = parts.coordination.scripting;
    this.cron = new Cron(parts.services, parts.keyspace, parts.coordination);
    parts.lifecycle.onShutdown = (options) => this.shutdown(options);
    this.stopped = new Promise((resolve) => {
      this.resolveStopped = resolve;
    });
    const { config } = this.services;
    this.unsubscribe = [
      config.onChange('dir', directoryProblem),
      renewTlsOnChange(config, parts.doors.listeners),
    ];
  }

  /**
   * Builds a server, starts it and loads its data. Rejects with ListenError where it cannot listen as configured, with
   * RecoveryError where there are data that cannot be loaded.
   */
  static async start(options: ServerOptions): Promise<Server> {
    const parts = makeParts(options);
    // Commands answer at once, so what takes a promise to load is loaded before the first can come.
    await hasherReady;
    parts.services.loading.begin(options.clock.nowMs(), 0);
    if (options.listens ?? true) {
      await parts.doors.open({ ...configuredPlaces(options.config), ...options });
    }
    const server = new Server(parts);
    options.onListening?.(server);
    await server.load();
    if (!server.isStopping) {
      server.cron.start();
      server.doors.serve();
    }
    return server;
  }

  /** Lets clients in at more places, after the start. Rejects with ListenError where it cannot. */
  async listen(places: Partial<Places>): Promise<readonly Endpoint[]> {
    const opened = await this.doors.open({ ...nowhere, ...places });
    return opened.map(({ endpoint }) => endpoint);
  }

  /** Takes a connection that speaks RESP, wherever it comes from. Undefined if it was refused and told so. */
  accept(stream: Stream): StreamHandler | undefined {
    return this.doors.accept(stream);
  }

  /** Does what is due, as it does by itself many times a second: for a clock that was moved by hand. */
  tick(): void {
    this.cron.tick();
  }

  /** Where the server listens, with the actual ports. */
  get endpoints(): readonly Endpoint[] {
    return this.doors.listeners.map(({ endpoint }) => endpoint);
  }

  /** What is being executed, for the report of an exception. */
  get activity(): string {
    const client = this.coordination.turn.serving?.client;
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

  /**
   * Stops as SHUTDOWN does: after a snapshot, if the configuration or the options ask for one. Resolves when all is done,
   * or with the reason why not.
   */
  shutdown(options: ShutdownOptions): Promise<string | undefined> {
    this.shuttingDown ??= this.saveAndStop(options).finally(() => {
      this.shuttingDown = undefined;
    });
    return this.shuttingDown;
  }

  private async saveAndStop({ save, force }: ShutdownOptions): Promise<string | undefined> {
    const { clients, config, loading } = this.services;
    const saves = save ?? config.get('save').length > 0;
    if (saves && !loading.isActive && !this.isStopping) {
      // What would be written from here on would be lost.
      clients.pauseAll({ mode: 'write', untilMs: Number.POSITIVE_INFINITY });
      const failure = await this.saveLast(save === true);
      if (failure !== undefined && !force) {
        clients.unpause();
        return 'Errors trying to SHUTDOWN. Check logs.';
      }
    }
    await this.stop();
    return undefined;
  }

  /**
   * Saves what there is, unless that is half of what a script does. Returns why it could not. `isWhole`: to one file, for it
   * was asked for by name.
   */
  private async saveLast(isWhole: boolean): Promise<string | undefined> {
    if (await this.scripting.interrupt()) return this.services.snapshots.saveLast(isWhole);
    this.log.warning('a script has written and does not end: what it did is not saved');
    return undefined;
  }

  private async load(): Promise<void> {
    try {
      await recover(this.keyspace, this.services, this.log, () => this.isStopping);
    } catch (error) {
      if (this.isStopping) return;
      await this.stop();
      throw error;
    }
  }

  private async shutDown(): Promise<void> {
    this.cron.stop();
    this.scripting.abandon();
    await this.services.snapshots.cancel();
    this.services.snapshots.stop();
    this.services.loop.stop();
    for (const unsubscribe of this.unsubscribe) unsubscribe();
    const { closed } = await this.doors.close();
    const { clients } = this.services;
    const giveUp = setTimeout(() => {
      this.log.warning('clients did not take their replies and are cut off', {
        clients: clients.count,
      });
      for (const client of clients.all()) client.connection.destroy();
    }, stopGraceMs);
    await closed;
    clearTimeout(giveUp);
    await this.services.appendLog.close();
  }
}

interface ServerParts {
  readonly keyspace: Keyspace;
  readonly services: ServerServices;
  readonly coordination: Coordination;
  readonly local: LocalDoor;
  readonly doors: Doors;
  readonly log: Log;
  readonly lifecycle: ServerLifecycle;
}

function makeParts(options: ServerOptions): ServerParts {
  const { config, clock, random, transport, log, configFile } = options;
  const { openDisk = (directory) => new NodeDisk(directory) } = options;
  const keyspace = new Keyspace({
    hooks: valueTraits,
    shards: config.get('shards'),
    databases: config.get('databases'),
    random,
    seed: { low: systemSecret(), high: systemSecret() },
  });
  const coordination = createCoordination(keyspace, {
    wasm: readLuaWasm,
    log: (level, text) => logFromScript(log, level, text),
    afterTurn: (run) => void setImmediate(run),
  });
  coordination.notifications.obey(config);
  const lifecycle = new ServerLifecycle();
  const tcpPort = () => doors.tcpPort;
  const services = createServices({
    config,
    clock,
    random,
    keyspace,
    lifecycle,
    configFile,
    tcpPort,
    coordination,
    log,
    openDisk,
  });
  const executor = new Executor(services, coordination);
  const { turn } = coordination;
  const resp = new RespDoor(services, keyspace, executor, turn);
  const local = new LocalDoor(services, keyspace, executor, turn);
  const doors = new Doors({ config, transport, log, resp, local });
  return { keyspace, services, coordination, local, doors, log, lifecycle };
}

/** What redis.log writes, at Redis's levels from debug to warning. */
function logFromScript(log: Log, level: number, text: string): void {
  if (level <= 0) log.debug(text);
  else if (level === 1) log.verbose(text);
  else if (level === 2) log.notice(text);
  else log.warning(text);
}

/** SHUTDOWN's way to the server, which is made after what uses it. */
class ServerLifecycle implements Lifecycle {
  onShutdown: (options: ShutdownOptions) => Promise<string | undefined> = async () => undefined;

  shutdown(options: ShutdownOptions, refuse: (why: string) => void): void {
    void this.onShutdown(options).then((why) => {
      if (why !== undefined) refuse(why);
    });
  }

  abortShutdown(): boolean {
    return false;
  }
}
