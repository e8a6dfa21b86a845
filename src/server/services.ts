/** Makes what commands may use of the server around them. */
import { resolve } from 'node:path';
import { Clients } from '#commands/client.ts';
import { CommandTable } from '#commands/command-table.ts';
import { allCommands } from '#commands/registry.ts';
import type { ConfigFile, Lifecycle, Services } from '#commands/services.ts';
import type { Config } from '#config/config.ts';
import { ActiveExpiry } from '#keyspace/expiry.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import { AppendOnlyLog } from '#persistence/aof/append-only-log.ts';
import type { Clock } from '#platform/clock.ts';
import type { Disk } from '#platform/disk.ts';
import { readBytesAsText, replaceFile, systemErrorText } from '#platform/files.ts';
import type { Log } from '#platform/log.ts';
import { LoopMonitor } from '#platform/loop-monitor.ts';
import { systemProcess } from '#platform/process.ts';
import { type Random, systemSecret } from '#platform/random.ts';
import { AccessControl } from '#session/acl/access-control.ts';
import type { Coordination } from '#session/coordination.ts';
import { createObservers } from '#session/observers.ts';
import { ServerSnapshots } from './snapshots.ts';

/** What the services are made from. */
export interface ServiceParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly keyspace: Keyspace;
  readonly lifecycle: Lifecycle;
  readonly configFile: ConfigFile | undefined;
  /** The TCP port that the server listens on, 0 for none. */
  readonly tcpPort: () => number;
  readonly coordination: Coordination;
  readonly log: Log;
  /** The files in a directory. */
  readonly openDisk: (directory: string) => Disk;
}

/** What commands may use, with what only the server itself uses of it. */
export interface ServerServices extends Services {
  readonly snapshots: ServerSnapshots;
  readonly appendLog: AppendOnlyLog;
}

/** Letters of the run's id in the names of temporary files. */
const temporaryIdLength = 8;

export function createServices(parts: ServiceParts): ServerServices {
  const { config, clock, random, keyspace, lifecycle, configFile, tcpPort, coordination } = parts;
  const { log, openDisk } = parts;
  const clients = new Clients();
  const commands = new CommandTable(allCommands);
  const file = aclFileOf(config);
  const secret = systemSecret;
  const loop = new LoopMonitor();
  const host = systemProcess;
  const observers = createObservers({ config, clock, random, keyspace, clients, host, loop });
  const { loading, identity } = observers;
  const id = identity.runId.slice(0, temporaryIdLength);
  const { scripting: scripts } = coordination;
  const saving = { config, clock, random, keyspace, loading, scripts, log, openDisk, id };
  const snapshots = new ServerSnapshots(saving);
  const appendLog = new AppendOnlyLog({
    config,
    clock,
    log,
    disk: openDisk(config.get('dir')),
    effects: coordination.effects,
    snapshots: snapshots.bases,
    describeError: systemErrorText,
    afterTurn: (run) => void setImmediate(run),
  });
  return {
    config,
    clock,
    random,
    access: new AccessControl({ config, clock, clients, commands, file, secret }),
    clients,
    blocked: coordination.blocking,
    effects: coordination.effects,
    snapshots,
    appendLog,
    transactions: coordination.transactions,
    interactive: coordination.interactive,
    scripts,
    pubsub: coordination.pubsub,
    tracking: coordination.tracking,
    commands,
    expiry: new ActiveExpiry(keyspace, clock),
    lifecycle,
    configFile,
    ...observers,
    identity: { ...identity, tcpPort },
  };
}

/** The file that the users are kept in, if they are. */
function aclFileOf(config: Config): ConfigFile | undefined {
  const name = config.get('aclfile');
  if (name === '') return undefined;
  const path = resolve(config.get('dir'), name);
  return {
    path,
    read: () => {
      try {
        return readBytesAsText(path);
      } catch (error) {
        throw new Error(systemErrorText(error), { cause: error });
      }
    },
    write: (text) => replaceFile(path, text),
  };
}
