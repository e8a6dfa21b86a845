/** Makes what commands may use of the server around them. */
import type { AppendLog } from '#commands/append-log.ts';
import { Clients } from '#commands/client.ts';
import { CommandTable } from '#commands/command-table.ts';
import { allCommands } from '#commands/registry.ts';
import type { ConfigFile, Lifecycle, Services } from '#commands/services.ts';
import type { Config } from '#config/config.ts';
import { ActiveExpiry } from '#keyspace/expiry.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { Clock } from '#platform/clock.ts';
import { LoopMonitor } from '#platform/loop-monitor.ts';
import { systemProcess } from '#platform/process.ts';
import type { Random } from '#platform/random.ts';
import type { Coordination } from '#session/coordination.ts';
import { createObservers } from '#session/observers.ts';

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
  readonly appendLog: AppendLog;
}

export function createServices(parts: ServiceParts): Services {
  const {
    config,
    clock,
    random,
    keyspace,
    lifecycle,
    configFile,
    tcpPort,
    coordination,
    appendLog,
  } = parts;
  const clients = new Clients();
  const loop = new LoopMonitor();
  const host = systemProcess;
  const observers = createObservers({ config, clock, random, keyspace, clients, host, loop });
  return {
    config,
    clock,
    random,
    clients,
    blocked: coordination.blocking,
    effects: coordination.effects,
    appendLog,
    transactions: coordination.transactions,
    pubsub: coordination.pubsub,
    tracking: coordination.tracking,
    commands: new CommandTable(allCommands),
    expiry: new ActiveExpiry(keyspace, clock),
    lifecycle,
    configFile,
    ...observers,
    identity: { ...observers.identity, tcpPort },
  };
}
