/** Makes what commands may use of the server around them. */
import { Clients } from '#commands/client.ts';
import { CommandTable } from '#commands/command-table.ts';
import { allCommands } from '#commands/registry.ts';
import type { Services } from '#commands/services.ts';
import type { Config } from '#config/config.ts';
import { ActiveExpiry } from '#keyspace/expiry.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import { ServerStats } from '#observe/server-stats.ts';
import type { Clock } from '#platform/clock.ts';
import type { Random } from '#platform/random.ts';

/** What the services are made from. */
export interface ServiceParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly keyspace: Keyspace;
}

export function createServices({ config, clock, random, keyspace }: ServiceParts): Services {
  return {
    config,
    clock,
    random,
    clients: new Clients(),
    commands: new CommandTable(allCommands),
    stats: new ServerStats(clock.nowMs()),
    expiry: new ActiveExpiry(keyspace, clock),
  };
}
