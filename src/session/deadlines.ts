/**
 * Things that are due at some time, the next first: a binary heap. What is over before its time stays until it comes
 * up or until more than half of all is, and is then dropped, so that taking something out costs nothing.
 */
interface Deadline<T> {
  readonly atMs: number;
  readonly item: T;
}

/** Fewer are not worth sweeping. */
const sweptLengthMin = 64;

export class Deadlines<T> {
  private heap: Deadline<T>[] = [];
  private readonly isOver: (item: T) => boolean;
  private sweepAtLength = sweptLengthMin;

  constructor(isOver: (item: T) => boolean) {
    this.isOver = isOver;
  }

  /** When the first is due, ms since the epoch; Infinity if there is none. */
  get next(): number {
    this.dropOver();
    return this.heap[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  add(atMs: number, item: T): void {
    if (this.heap.length >= this.sweepAtLength) this.sweep();
    this.heap.push({ atMs, item });
    this.rise(this.heap.length - 1);
  }

  /** The first thing that is due at `nowMs` and not over, taken out; undefined if there is none. */
  takeDue(nowMs: number): T | undefined {
    this.dropOver();
    const first = this.heap[0];
    if (first === undefined || first.atMs > nowMs) return undefined;
    this.dropFirst();
    return first.item;
  }

  private dropOver(): void {
    for (let first = this.heap[0]; first !== undefined; first = this.heap[0]) {
      if (!this.isOver(first.item)) return;
      this.dropFirst();
    }
  }

  private dropFirst(): void {
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return;
    this.heap[0] = last;
    this.sink(0);
  }

  private sweep(): void {
    // Sorted by time is a heap.
    this.heap = this.heap.filter(({ item }) => !this.isOver(item)).sort((a, b) => a.atMs - b.atMs);
    this.sweepAtLength = Math.max(sweptLengthMin, this.heap.length * 2);
  }

  private rise(index: number): void {
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.timeAt(parent) <= this.timeAt(index)) return;
      this.exchange(parent, index);
      index = parent;
    }
  }

  private sink(index: number): void {
    for (;;) {
      const left = index * 2 + 1;
      const child = this.timeAt(left + 1) < this.timeAt(left) ? left + 1 : left;
      if (this.timeAt(child) >= this.timeAt(index)) return;
      this.exchange(child, index);
      index = child;
    }
  }

  private timeAt(index: number): number {
    return this.heap[index]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  private exchange(a: number, b: number): void {
    const { heap } = this;
    // Both are in the heap.
    [heap[a], heap[b]] = [heap[b] as Deadline<T>, heap[a] as Deadline<T>];
  }
}
