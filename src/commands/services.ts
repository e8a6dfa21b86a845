/** What commands may use of the server around them. Made and owned by the composition root. */
import type { Config } from '#config/config.ts';
import type { ActiveExpiry } from '#keyspace/expiry.ts';
import type { ServerStats } from '#observe/server-stats.ts';
import type { Clock } from '#platform/clock.ts';
import type { Random } from '#platform/random.ts';
import type { Clients } from './client.ts';
import type { CommandTable } from './command-table.ts';

export interface Services {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly clients: Clients;
  readonly commands: CommandTable;
  readonly stats: ServerStats;
  readonly expiry: ActiveExpiry;
}
