/**
 * The latency monitor: for each kind of event, when it took longer than a threshold. Keeps the last 160 seconds in
 * which an event was slow, and of each second the slowest time, as Redis does (latency.c).
 */

/** Seconds remembered for an event. */
const samplesMax = 160;

interface LatencySample {
  /** Seconds since the epoch. */
  readonly at: number;
  readonly latencyMs: number;
}

/** What was seen of one event. */
export interface LatencyEvent {
  readonly name: string;
  /** Oldest first. */
  readonly samples: readonly LatencySample[];
  /** The slowest since the last reset, in ms. */
  readonly maxMs: number;
}

interface EventRecord {
  samples: LatencySample[];
  maxMs: number;
}

export class LatencyMonitor {
  private readonly byName = new Map<string, EventRecord>();

  /** Notes that `name` took `latencyMs`; the caller has compared it with the threshold. */
  record(name: string, latencyMs: number, nowMs: number): void {
    const at = Math.floor(nowMs / 1000);
    const event = this.byName.get(name) ?? { samples: [], maxMs: 0 };
    this.byName.set(name, event);
    event.maxMs = Math.max(event.maxMs, latencyMs);
    const last = event.samples.at(-1);
    if (last?.at === at) {
      if (latencyMs > last.latencyMs) event.samples[event.samples.length - 1] = { at, latencyMs };
      return;
    }
    event.samples.push({ at, latencyMs });
    if (event.samples.length > samplesMax) event.samples.shift();
  }

  events(): LatencyEvent[] {
    return [...this.byName].map(([name, event]) => ({ name, ...event }));
  }

  event(name: string): LatencyEvent | undefined {
    const event = this.byName.get(name);
    return event === undefined ? undefined : { name, ...event };
  }

  /** Forgets the events named, or all. Returns how many there were. */
  reset(names: readonly string[]): number {
    const gone = names.length === 0 ? [...this.byName.keys()] : names;
    let count = 0;
    for (const name of gone) if (this.byName.delete(name)) count++;
    return count;
  }
}
