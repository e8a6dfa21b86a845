/**
 * The memory limit as configured: hands maxmemory and its companions to eviction, and keeps the budget of the data
 * at what the process does not need for itself.
 *
 * `maxmemory` is for the process as a whole, as operators mean it, and Node itself takes some 90 MB of that. So that a
 * small limit still leaves room, the data never gets less than half of it.
 */
import type { Config } from '#config/config.ts';
import { Eviction } from '#keyspace/eviction.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { MemoryUsage } from '#observe/memory-usage.ts';
import type { Clock } from '#platform/clock.ts';

const dataShareMin = 0.5;

/** Slices of eviction by `maxmemory-eviction-tenacity`, as in Redis: 500 µs at 10, geometric above, endless at 100. */
function sliceMsFor(tenacity: number): number {
  if (tenacity <= 10) return 0.05 * tenacity;
  if (tenacity < 100) return 0.5 * 1.15 ** (tenacity - 10);
  return Number.POSITIVE_INFINITY;
}

export class MemoryLimit {
  readonly eviction: Eviction;
  private readonly config: Config;
  private readonly memory: MemoryUsage;

  constructor(config: Config, keyspace: Keyspace, memory: MemoryUsage, clock: Clock) {
    this.config = config;
    this.memory = memory;
    this.eviction = new Eviction(keyspace, clock);
    const follow = () => {
      this.apply(keyspace);
      return undefined;
    };
    config.onChange('maxmemory', follow);
    config.onChange('maxmemory-policy', follow);
    config.onChange('maxmemory-samples', follow);
    config.onChange('maxmemory-eviction-tenacity', follow);
    config.onChange('lfu-log-factor', follow);
    config.onChange('lfu-decay-time', follow);
    this.apply(keyspace);
  }

  /** Adjusts the budget to what the clients' buffers take now. Called by the server's timer. */
  refresh(): void {
    const limit = Number(this.config.get('maxmemory'));
    if (limit === 0) {
      this.eviction.budgetBytes = Number.POSITIVE_INFINITY;
      return;
    }
    const own = this.memory.startupBytes + this.memory.clientBytes();
    this.eviction.budgetBytes = Math.max(limit - own, limit * dataShareMin);
  }

  private apply(keyspace: Keyspace): void {
    const { config, eviction } = this;
    const policy = config.get('maxmemory-policy');
    if (policy !== eviction.policy) eviction.setPolicy(policy);
    eviction.samples = config.get('maxmemory-samples');
    eviction.sliceMs = sliceMsFor(config.get('maxmemory-eviction-tenacity'));
    keyspace.access.logFactor = config.get('lfu-log-factor');
    keyspace.access.decayMinutes = config.get('lfu-decay-time');
    this.refresh();
  }
}
