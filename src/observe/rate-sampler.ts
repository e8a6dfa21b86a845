/**
 * How much of something happens a second just now: the mean over the latest 16 samples, taken every 100 ms or so, as
 * Redis's INFO has it. Whoever owns a timer calls `sample`.
 */

const samplesMax = 16;

const sampleIntervalMs = 100;

export class RateSampler {
  private readonly rates: number[] = [];
  private readonly total: () => number;
  private lastTotal: number;
  private lastMs: number;

  /** `total` tells how much there has been so far; it may start over from 0. */
  constructor(total: () => number, nowMs: number) {
    this.total = total;
    this.lastTotal = total();
    this.lastMs = nowMs;
  }

  sample(nowMs: number): void {
    const total = this.total();
    const elapsedMs = nowMs - this.lastMs;
    if (elapsedMs < sampleIntervalMs) return;
    const gained = total < this.lastTotal ? total : total - this.lastTotal;
    this.rates.push((gained * 1000) / elapsedMs);
    if (this.rates.length > samplesMax) this.rates.shift();
    this.lastTotal = total;
    this.lastMs = nowMs;
  }

  get perSecond(): number {
    if (this.rates.length === 0) return 0;
    return this.rates.reduce((sum, rate) => sum + rate, 0) / this.rates.length;
  }
}

/** What is sampled of a server. */
export class Rates {
  readonly commands: RateSampler;
  readonly inputBytes: RateSampler;
  readonly outputBytes: RateSampler;

  constructor(
    totals: {
      readonly commands: number;
      readonly inputBytes: number;
      readonly outputBytes: number;
    },
    nowMs: number,
  ) {
    this.commands = new RateSampler(() => totals.commands, nowMs);
    this.inputBytes = new RateSampler(() => totals.inputBytes, nowMs);
    this.outputBytes = new RateSampler(() => totals.outputBytes, nowMs);
  }

  /** Called every 100 ms or more often, with a time that never steps back. */
  sample(nowMs: number): void {
    this.commands.sample(nowMs);
    this.inputBytes.sample(nowMs);
    this.outputBytes.sample(nowMs);
  }
}
