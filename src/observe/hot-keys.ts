/**
 * Hot keys: which keys cost most processor time and network, found while a session is under way.
 *
 * Space-Saving (Metwally, Agrawal, El Abbadi, 2005) keeps a fixed number of counters: a key that has none takes over
 * the smallest and adds to it. Whatever costs more than the total divided by the number of counters is certainly
 * among them, and no count is too low; a count may be too high by what its key took over, which is at most that
 * share. Memory is bounded however many keys there are. The smallest is found on a heap: O(log counters) an addition.
 */

/** Counters for each key that is asked for: what keeps the errors of the top small. */
const countersPerKey = 100;

export type HotKeyMetric = 'cpu' | 'net';

interface Counter {
  key: string;
  total: number;
  /** Its place on the heap. */
  at: number;
}

/** The keys with the largest totals, approximately. */
export class SpaceSaving {
  private readonly capacity: number;
  private readonly byKey = new Map<string, Counter>();
  private readonly heap: Counter[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  add(key: string, amount: number): void {
    const known = this.byKey.get(key);
    if (known !== undefined) this.increase(known, amount);
    else if (this.heap.length < this.capacity) this.insert(key, amount);
    else this.takeOver(key, amount);
  }

  /** The largest, in descending order. O(n log n). */
  top(count: number): { key: string; total: number }[] {
    return this.heap
      .toSorted((a, b) => b.total - a.total)
      .slice(0, count)
      .map(({ key, total }) => ({ key, total }));
  }

  private insert(key: string, amount: number): void {
    const counter = { key, total: amount, at: this.heap.length };
    this.byKey.set(key, counter);
    this.heap.push(counter);
    this.rise(counter);
  }

  private takeOver(key: string, amount: number): void {
    const [smallest] = this.heap;
    if (smallest === undefined) return;
    this.byKey.delete(smallest.key);
    smallest.key = key;
    this.byKey.set(key, smallest);
    this.increase(smallest, amount);
  }

  /** The heap has its smallest counter first; one that grew sinks. */
  private increase(counter: Counter, amount: number): void {
    counter.total += amount;
    for (;;) {
      const left = this.heap[counter.at * 2 + 1];
      const right = this.heap[counter.at * 2 + 2];
      const smaller = right !== undefined && left !== undefined && right.total < left.total;
      const child = smaller ? right : left;
      if (child === undefined || child.total >= counter.total) return;
      this.exchange(counter, child);
    }
  }

  private rise(counter: Counter): void {
    for (;;) {
      const parent = this.heap[(counter.at - 1) >> 1];
      if (counter.at === 0 || parent === undefined || parent.total <= counter.total) return;
      this.exchange(counter, parent);
    }
  }

  private exchange(a: Counter, b: Counter): void {
    this.heap[a.at] = b;
    this.heap[b.at] = a;
    const { at } = a;
    a.at = b.at;
    b.at = at;
  }
}

export interface HotKeyOptions {
  readonly metrics: ReadonlySet<HotKeyMetric>;
  /** How many keys to tell of. */
  readonly count: number;
  /** When it ends by itself; 0 is never. */
  readonly durationMs: number;
  /** One in how many commands is looked at. */
  readonly sampleRatio: number;
}

/** Processor time of the process, to tell how much of it a session covers. */
export interface ProcessorTime {
  readonly userUsec: number;
  readonly systemUsec: number;
}

/** One session, under way or ended. */
export class HotKeySession {
  readonly options: HotKeyOptions;
  readonly startedAtMs: number;
  readonly processorAtStart: ProcessorTime;
  /** What all commands cost, those not sampled included. */
  totalUsec = 0;
  totalBytes = 0;
  private endedAtMs: number | undefined;
  private processorAtEnd: ProcessorTime | undefined;
  private readonly byUsec: SpaceSaving;
  private readonly byBytes: SpaceSaving;

  constructor(options: HotKeyOptions, nowMs: number, processor: ProcessorTime) {
    this.options = options;
    this.startedAtMs = nowMs;
    this.processorAtStart = processor;
    this.byUsec = new SpaceSaving(options.count * countersPerKey);
    this.byBytes = new SpaceSaving(options.count * countersPerKey);
  }

  /** Adds what a command cost to each of its keys. */
  add(keys: readonly string[], usec: number, bytes: number): void {
    for (const key of keys) {
      if (this.options.metrics.has('cpu')) this.byUsec.add(key, usec);
      if (this.options.metrics.has('net')) this.byBytes.add(key, bytes);
    }
  }

  get isActive(): boolean {
    return this.endedAtMs === undefined;
  }

  isDue(nowMs: number): boolean {
    const { durationMs } = this.options;
    return durationMs > 0 && nowMs - this.startedAtMs >= durationMs;
  }

  end(nowMs: number, processor: ProcessorTime): void {
    const { durationMs } = this.options;
    const latestMs = durationMs > 0 ? this.startedAtMs + durationMs : nowMs;
    this.endedAtMs = Math.min(nowMs, latestMs);
    this.processorAtEnd = processor;
  }

  durationMs(nowMs: number): number {
    return (this.endedAtMs ?? nowMs) - this.startedAtMs;
  }

  /** Processor time that the process spent during the session; `now` is what it has spent so far. */
  processorTime(now: ProcessorTime): ProcessorTime {
    const end = this.processorAtEnd ?? now;
    return {
      userUsec: end.userUsec - this.processorAtStart.userUsec,
      systemUsec: end.systemUsec - this.processorAtStart.systemUsec,
    };
  }

  top(metric: HotKeyMetric): { key: string; total: number }[] {
    return (metric === 'cpu' ? this.byUsec : this.byBytes).top(this.options.count);
  }
}

/** The one session there can be. */
export class HotKeys {
  /** Whether commands have to be told of. */
  isTracking = false;
  private current: HotKeySession | undefined;
  private untilSample = 0;

  /** The session under way or the last one, until it is reset. */
  session(nowMs: number, processor: () => ProcessorTime): HotKeySession | undefined {
    const { current } = this;
    if (current?.isActive === true && current.isDue(nowMs)) this.stop(nowMs, processor());
    return current;
  }

  start(options: HotKeyOptions, nowMs: number, processor: ProcessorTime): void {
    this.current = new HotKeySession(options, nowMs, processor);
    this.untilSample = 0;
    this.isTracking = true;
  }

  stop(nowMs: number, processor: ProcessorTime): void {
    this.current?.end(nowMs, processor);
    this.isTracking = false;
  }

  reset(): void {
    this.current = undefined;
    this.isTracking = false;
  }

  /** Notes what a command cost. `keys` is asked only for those sampled; `processor` when the time is over. */
  record(
    cost: { readonly usec: number; readonly bytes: number },
    nowMs: number,
    keys: () => readonly string[],
    processor: () => ProcessorTime,
  ): void {
    const session = this.session(nowMs, processor);
    if (session === undefined || !session.isActive) return;
    session.totalUsec += cost.usec;
    session.totalBytes += cost.bytes;
    if (this.untilSample > 0) {
      this.untilSample--;
      return;
    }
    this.untilSample = session.options.sampleRatio - 1;
    session.add(keys(), cost.usec, cost.bytes);
  }
}
