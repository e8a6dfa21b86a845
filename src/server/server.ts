import { Clients } from '#commands/client.ts';
import { CommandTable } from '#commands/command-table.ts';
import { allCommands } from '#commands/registry.ts';
import type { Services } from '#commands/services.ts';
import type { Config } from '#config/config.ts';
import { ActiveExpiry } from '#keyspace/expiry.ts';
import { Keyspace } from '#keyspace/keyspace.ts';
import { ServerStats } from '#observe/server-stats.ts';
import type { Clock } from '#platform/clock.ts';
import { type Random, systemSecret } from '#platform/random.ts';
import type { Transport } from '#platform/transport.ts';
import { RespDoor } from '#protocols/resp/door.ts';
import { Executor } from '#session/executor.ts';

export interface ServerOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
}

export async function startServer({ config, clock, random, transport }: ServerOptions) {
  const keyspace = new Keyspace({
    shards: config.get('shards'),
    databases: config.get('databases'),
    random,
    seed: { low: systemSecret(), high: systemSecret() },
  });
  const services: Services = {
    config,
    clock,
    random,
    clients: new Clients(),
    commands: new CommandTable(allCommands),
    stats: new ServerStats(clock.nowMs()),
    expiry: new ActiveExpiry(keyspace, clock),
  };
  const door = new RespDoor(services, keyspace, new Executor(services));
  const accept = (stream: Parameters<RespDoor['accept']>[0]) => door.accept(stream);
  const keepAlive = () => config.get('tcp-keepalive');
  const port = config.get('port');
  if (port > 0)
    await transport.listen(
      { kind: 'tcp', host: '127.0.0.1', port, backlog: 511 },
      accept,
      keepAlive,
    );
}
