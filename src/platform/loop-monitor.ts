/**
 * How long the event loop was kept from its work: the longest stall and the longest delay of a timer, since the start
 * or the last CONFIG RESETSTAT. A stall is what every client waits for, whatever caused it.
 *
 * Measured by Node's own histogram of timer delays, which costs nothing while the loop turns.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const resolutionMs = 1;

/** What INFO tells of the loop. */
export interface LoopStalls {
  /** In ms. */
  readonly maxMs: number;
  reset(): void;
  /** Ends the measurement. */
  stop(): void;
}

export class LoopMonitor implements LoopStalls {
  private readonly histogram: ReturnType<typeof monitorEventLoopDelay>;

  constructor() {
    this.histogram = monitorEventLoopDelay({ resolution: resolutionMs });
    this.histogram.enable();
  }

  /** The longest the loop was late, beyond the resolution of the measurement. */
  get maxMs(): number {
    return Math.max(0, this.histogram.max / 1e6 - resolutionMs);
  }

  reset(): void {
    this.histogram.reset();
  }

  stop(): void {
    this.histogram.disable();
  }
}
