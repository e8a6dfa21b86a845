/**
 * The memory limit as configured: hands maxmemory and its companions to eviction, and keeps the budget of the data
 * at what the process does not need for itself.
 *
 * `maxmemory` is for the process as a whole, as operators mean it, and Node itself takes some 90 MB of that, and more
 * once it has worked. So what the system says is resident is looked at again and again, and what the arenas
 * have no part in is the process's own. That can be told only while the arenas are about as large as they have
 * been: what they have touched stays resident when they shrink. So that a small limit still leaves room, the data
 * never gets less than half of it.
 */
import type { Config } from '#config/config.ts';
import { Eviction } from '#keyspace/eviction.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { MemoryUsage } from '#observe/memory-usage.ts';
import type { Clock } from '#platform/clock.ts';

const dataShareMin = 0.5;
/** How close to their largest the arenas must be for telling what is resident beside them. */
const extentShareMin = 0.98;
/** What the process takes beyond its size at start once it works: compiled code, buffers, the heap's slack. */
const workBytes = 24 * 1024 * 1024;
/** How fast a smaller figure is believed: this share of the difference each time. Garbage comes and goes. */
const easing = 1 / 64;

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
  private heldMax = 0;
  private ownBytes = 0;

  constructor(config: Config, keyspace: Keyspace, memory: MemoryUsage, clock: Clock) {
    this.config = config;
    this.memory = memory;
    this.eviction = new Eviction(keyspace, clock);
    const follow = () => {
      this.apply(keyspace);
      return undefined;
    };
    config.onChange('maxmemory', () => {
      this.refresh();
      this.eviction.acceptPresent();
      return undefined;
    });
    config.onChange('maxmemory-policy', follow);
    config.onChange('maxmemory-samples', follow);
    config.onChange('maxmemory-eviction-tenacity', follow);
    config.onChange('lfu-log-factor', follow);
    config.onChange('lfu-decay-time', follow);
    this.apply(keyspace);
  }

  /** Adjusts the budget to what the process takes for itself now. Called by the server's timer. */
  refresh(): void {
    const limit = Number(this.config.get('maxmemory'));
    if (limit === 0) {
      this.eviction.budgetBytes = Number.POSITIVE_INFINITY;
      return;
    }
    this.measureOwn();
    this.eviction.budgetBytes = Math.max(limit - this.ownBytes, limit * dataShareMin);
  }

  private measureOwn(): void {
    const { memory } = this;
    const accounted = memory.startupBytes + workBytes + memory.clientBytes();
    const heldBytes = memory.arenaHeldBytes();
    this.heldMax = Math.max(this.heldMax, heldBytes);
    if (heldBytes >= this.heldMax * extentShareMin) {
      const measured = memory.rssBytes() - heldBytes;
      const change = measured - this.ownBytes;
      this.ownBytes += change > 0 ? change : change * easing;
    }
    this.ownBytes = Math.max(this.ownBytes, accounted);
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
