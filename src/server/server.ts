import { Clients } from '#commands/client.ts';
import { CommandTable } from '#commands/command-table.ts';
import { allCommands } from '#commands/registry.ts';
import type { Services } from '#commands/services.ts';
import type { Config } from '#config/config.ts';
import { ActiveExpiry } from '#keyspace/expiry.ts';
import { Keyspace } from '#keyspace/keyspace.ts';
import { HotKeys } from '#observe/hot-keys.ts';
import { LatencyMonitor } from '#observe/latency-monitor.ts';
import { LoopMonitor } from '#observe/loop-monitor.ts';
import { MemoryUsage } from '#observe/memory-usage.ts';
import { Rates, sampleIntervalMs } from '#observe/rate-sampler.ts';
import { ServerStats } from '#observe/server-stats.ts';
import { SlowLog } from '#observe/slow-log.ts';
import type { Clock } from '#platform/clock.ts';
import { systemProcess } from '#platform/process.ts';
import { type Random, randomHex, systemSecret } from '#platform/random.ts';
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
  const stats = new ServerStats(clock.nowMs());
  const clients = new Clients();
  const services: Services = {
    config,
    clock,
    random,
    clients,
    commands: new CommandTable(allCommands),
    stats,
    expiry: new ActiveExpiry(keyspace, clock),
    process: systemProcess,
    identity: {
      runId: randomHex(random),
      replicationId: randomHex(random),
      startedAtMs: clock.nowMs(),
      tcpPort: () => config.get('port'),
    },
    memory: new MemoryUsage(
      {
        arenaUsedBytes: () => keyspace.usedBytes,
        arenaHeldBytes: () => keyspace.heldBytes,
        clientBytes: () => clients.bufferBytes,
        residentBytes: systemProcess.residentBytes,
        heapUsedBytes: systemProcess.heapUsedBytes,
        systemBytes: systemProcess.systemBytes,
      },
      clock.nowMs,
    ),
    rates: new Rates(stats, clock.monotonicMs()),
    loop: new LoopMonitor(),
    slowLog: new SlowLog(
      Number(config.get('slowlog-max-len')),
      config.get('slowlog-entry-max-argc'),
    ),
    latency: new LatencyMonitor(),
    histograms: new Map(),
    hotKeys: new HotKeys(),
    lifecycle: {
      shutdown: () => process.exit(0),
      abortShutdown: () => false,
    },
    configFile: undefined,
  };
  const timer = setInterval(() => services.rates.sample(clock.monotonicMs()), sampleIntervalMs);
  timer.unref();
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
