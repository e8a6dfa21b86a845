/** Makes what observes a server: its memory, its rates, its slow and frequent commands. */
import type { Clients } from '#commands/client.ts';
import type { ObservedServices } from '#commands/services.ts';
import type { Config } from '#config/config.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import { HotKeys } from '#observe/hot-keys.ts';
import { LatencyMonitor } from '#observe/latency-monitor.ts';
import { Loading } from '#observe/loading.ts';
import { MemoryUsage } from '#observe/memory-usage.ts';
import { Rates } from '#observe/rate-sampler.ts';
import { ServerStats } from '#observe/server-stats.ts';
import { SlowLog } from '#observe/slow-log.ts';
import type { Clock } from '#platform/clock.ts';
import type { LoopStalls } from '#platform/loop-monitor.ts';
import type { ProcessFacts } from '#platform/process.ts';
import type { Random } from '#platform/random.ts';
import { MemoryLimit } from './memory-limit.ts';

interface ObserverParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly keyspace: Keyspace;
  readonly clients: Clients;
  readonly host: ProcessFacts;
  readonly loop: LoopStalls;
}

export function createObservers(parts: ObserverParts): ObservedServices {
  const { config, clock, random, keyspace, clients, host, loop } = parts;
  const stats = new ServerStats(clock.nowMs());
  const memory = new MemoryUsage(
    {
      arenaUsedBytes: () => keyspace.usedBytes,
      arenaHeldBytes: () => keyspace.heldBytes,
      clientBytes: () => clients.bufferBytes,
      residentBytes: host.residentBytes,
      heapUsedBytes: host.heapUsedBytes,
      systemBytes: host.systemBytes,
    },
    () => clock.nowMs(),
  );
  return {
    memoryLimit: new MemoryLimit(config, keyspace, memory, clock),
    host,
    loop,
    stats,
    memory,
    identity: {
      runId: randomHex(random),
      replicationId: randomHex(random),
      startedAtMs: clock.nowMs(),
      tcpPort: () => config.get('port'),
    },
    rates: new Rates(stats, clock.monotonicMs()),
    slowLog: new SlowLog(
      Number(config.get('slowlog-max-len')),
      config.get('slowlog-entry-max-argc'),
    ),
    latency: new LatencyMonitor(),
    histograms: new Map(),
    hotKeys: new HotKeys(),
    loading: new Loading(),
  };
}

/** 40 hexadecimal digits: a name that nobody else has. */
function randomHex(random: Random): string {
  let digits = '';
  while (digits.length < 40) digits += (random.int32() >>> 0).toString(16).padStart(8, '0');
  return digits;
}
