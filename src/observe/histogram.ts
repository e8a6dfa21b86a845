/**
 * A histogram of durations from 1 ns to 1 s with two significant digits: the layout of HdrHistogram, which Redis's
 * LATENCY HISTOGRAM and INFO latencystats report in, so that their numbers are the same.
 *
 * Up to 256 ns each value has a slot of its own; each further power of two is divided into 128 slots.
 */

const subSlots = 256;
const halfSlots = subSlots / 2;
const lowestNs = 1;
const highestNs = 1_000_000_000;
/** Enough for every duration up to 2^30 ns. */
const slotsMax = 24 * halfSlots;
/** Commands that stay below 8 µs need no more. */
const slotsMin = 8 * halfSlots;
const longestNs = 2 ** 30 - 1;

export class Histogram {
  /** How many durations were recorded. */
  count = 0;
  private slots = new Float64Array(slotsMin);

  /** Records a duration, `times` times; those beyond the ends count as the ends. */
  record(durationNs: number, times = 1): void {
    const ns = Math.min(highestNs, Math.max(lowestNs, Math.round(durationNs)));
    const index = slotOf(ns);
    if (index >= this.slots.length) this.grow();
    // The slot exists: the duration is within the ends.
    this.slots[index] = (this.slots[index] as number) + times;
    this.count += times;
  }

  reset(): void {
    this.count = 0;
    this.slots.fill(0);
  }

  /** The highest duration, in ns, that shares its slot with the one below which `percentile` per cent lie. */
  percentileNs(percentile: number): number {
    const wanted = Math.max(1, Math.floor((percentile / 100) * this.count + 0.5));
    let seen = 0;
    for (let index = 0; index < this.slots.length; index++) {
      seen += this.slots[index] as number;
      if (seen >= wanted) return percentile === 0 ? lowestOf(index) : highestOf(index);
    }
    return 0;
  }

  /**
   * How many durations are up to about 2^k µs, k = 0, 1, …: pairs up to the first that holds all, those that add
   * nothing left out. A bound includes the slot that it begins, and is named by that slot's end.
   */
  cumulativeByPowerUsec(): readonly (readonly [upToUsec: number, count: number])[] {
    const pairs: [number, number][] = [];
    let boundNs = 1024;
    let seen = 0;
    let told = 0;
    for (let index = 0; index < this.slots.length; index++) {
      const here = this.slots[index] as number;
      if (here === 0) continue;
      while (lowestOf(index) > boundNs) {
        if (seen > told) pairs.push([boundUsec(boundNs), seen]);
        told = seen;
        boundNs *= 2;
      }
      seen += here;
    }
    if (seen > told) pairs.push([boundUsec(boundNs), seen]);
    return pairs;
  }

  /** How many durations are up to each of the bounds, which ascend; those in a bound's own slot count as beyond it. */
  cumulative(boundsNs: readonly number[]): number[] {
    let index = 0;
    let seen = 0;
    return boundsNs.map((boundNs) => {
      for (; index < this.slots.length && highestOf(index) <= boundNs; index++) {
        seen += this.slots[index] as number;
      }
      return seen;
    });
  }

  private grow(): void {
    const grown = new Float64Array(slotsMax);
    grown.set(this.slots);
    this.slots = grown;
  }
}

function boundUsec(boundNs: number): number {
  return Math.floor(Math.min(longestNs, highestOf(slotOf(boundNs))) / 1000);
}

/** The power of two by which a value's slots are coarser than single units. */
function coarsenessOf(ns: number): number {
  return Math.max(0, 31 - Math.clz32(ns) - 7);
}

function slotOf(ns: number): number {
  const coarseness = coarsenessOf(ns);
  return coarseness * halfSlots + (ns >>> coarseness);
}

function lowestOf(index: number): number {
  const coarseness = Math.max(0, Math.floor(index / halfSlots) - 1);
  return (index - coarseness * halfSlots) * 2 ** coarseness;
}

function highestOf(index: number): number {
  const coarseness = Math.max(0, Math.floor(index / halfSlots) - 1);
  return lowestOf(index) + 2 ** coarseness - 1;
}
