/**
 * What the process uses memory for, as INFO memory, MEMORY STATS and eviction see it.
 *
 * Used memory is what can be accounted for: the arenas' blocks in use, the clients' buffers, and what the process
 * occupied when it had started and held nothing yet. So it is comparable with Redis's figure, which has its own code's
 * allocations in it too, and a maxmemory that it stays below holds for the process as a whole, fragmentation apart.
 */

/** Where the figures come from. */
export interface MemorySources {
  /** Bytes in blocks in use, over all arenas. */
  arenaUsedBytes(): number;
  /** Bytes resident for the arenas. */
  arenaHeldBytes(): number;
  /** Bytes in the buffers of connections. */
  clientBytes(): number;
  /** What the system says the process has resident. */
  residentBytes(): number;
  /** Bytes in use on the JavaScript heap. */
  heapUsedBytes(): number;
  /** What the machine has. */
  readonly systemBytes: number;
}

export class MemoryUsage {
  /** What the process occupied before it held any data. */
  readonly startupBytes: number;
  readonly systemBytes: number;
  private readonly sources: MemorySources;
  private readonly arenaAtStartBytes: number;
  private peak = 0;
  private readonly clock: () => number;
  private peakAt: number;

  /** Made once the server has started and before it serves anyone; `nowMs` tells the time. */
  constructor(sources: MemorySources, nowMs: () => number) {
    this.sources = sources;
    this.clock = nowMs;
    this.systemBytes = sources.systemBytes;
    this.arenaAtStartBytes = sources.arenaUsedBytes();
    // What the arenas hold while empty is told as theirs, not twice.
    this.startupBytes = Math.max(0, sources.residentBytes() - sources.arenaHeldBytes());
    this.peakAt = nowMs();
    this.notePeak();
  }

  /** O(shards + clients). */
  usedBytes(): number {
    return this.startupBytes + this.arenaUsedBytes() + this.clientBytes();
  }

  arenaUsedBytes(): number {
    return this.sources.arenaUsedBytes();
  }

  arenaHeldBytes(): number {
    return this.sources.arenaHeldBytes();
  }

  clientBytes(): number {
    return this.sources.clientBytes();
  }

  rssBytes(): number {
    return this.sources.residentBytes();
  }

  heapUsedBytes(): number {
    return this.sources.heapUsedBytes();
  }

  /** What is used for anything but keys and values; `indexBytes` is what the tables that find them take. */
  overheadBytes(indexBytes: number): number {
    return this.startupBytes + this.clientBytes() + this.arenaAtStartBytes + indexBytes;
  }

  /** The most that was used whenever somebody looked: the server's timer, INFO, MEMORY STATS. */
  get peakBytes(): number {
    this.notePeak();
    return this.peak;
  }

  /** When the peak was reached, ms since the epoch. */
  get peakAtMs(): number {
    return this.peakAt;
  }

  /** Called every second or so. */
  notePeak(): void {
    const used = this.usedBytes();
    if (used <= this.peak) return;
    this.peak = used;
    this.peakAt = this.clock();
  }

  /** CONFIG RESETSTAT. */
  resetPeak(): void {
    this.peak = 0;
    this.notePeak();
  }
}
