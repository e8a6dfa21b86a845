/** Time, handed to whoever needs it, so that a test can make it pass. */
export interface Clock {
  /** Milliseconds since the Unix epoch. May step when the machine's clock is set. */
  nowMs(): number;
  /** Milliseconds since some fixed moment, with fractions; never steps back. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** A clock that stands until it is told to move. */
export class ManualClock implements Clock {
  /** Called when it was moved. */
  readonly onAdvance = new Set<() => void>();
  private now: number;

  constructor(nowMs = 1_700_000_000_000) {
    this.now = nowMs;
  }

  nowMs(): number {
    return this.now;
  }

  monotonicMs(): number {
    return this.now;
  }

  advance(byMs: number): void {
    this.now += byMs;
    for (const tell of this.onAdvance) tell();
  }
}
