/**
 * Reads of one turn of the event loop, gathered and served together once the sockets that are ready have been read, as
 * Redis does: the system's code for reading, ours, and the system's for writing then each run many times in a row,
 * instead of pushing each other out of the processor's nearest caches for every request. With fifty clients that takes
 * a tenth less processor time at pipeline 16, and a few hundredths unpipelined.
 *
 * A client that is alone gains nothing, and would pay for the callback at the end of the turn. So where turns have brought a single
 * read, the next reads are served at once, and only now and then it is tried again.
 */
import type { GatheredWrites } from './gathered-writes.ts';

/** Longer reads are served at once: they make up for their way by themselves. */
const gatheredReadBytesMax = 4096;
const bufferBytes = 256 * 1024;
/** How many reads are not gathered after one that was alone in its turn. */
const ungathered = 63;

/** A connection whose input can wait for the end of the turn. */
export interface GatheredReader {
  /** Bytes `[at, end)` of `bytes` have come. */
  serve(bytes: Buffer, at: number, end: number): void;
}

export class GatheredReads {
  private readonly buffer = Buffer.allocUnsafeSlow(bufferBytes);
  private readonly writes: GatheredWrites;
  /** Who the reads are for, and where each ends; the next begins there. */
  private readonly readers: GatheredReader[] = [];
  private readonly ends: number[] = [];
  private count = 0;
  private length = 0;
  private isScheduled = false;
  /** Reads that are served at once before it is tried again. */
  private untilNext = 0;

  constructor(writes: GatheredWrites) {
    this.writes = writes;
  }

  /** Keeps a copy of what was read for the end of the turn. Returns false, having done nothing, where it is better served at once. */
  add(reader: GatheredReader, bytes: Buffer, length: number): boolean {
    if (this.untilNext > 0) {
      this.untilNext--;
      return false;
    }
    if (length > gatheredReadBytesMax) return false;
    if (this.length + length > bufferBytes) this.serve();
    if (!this.isScheduled) {
      this.isScheduled = true;
      setImmediate(this.onTurnEnd);
    }
    bytes.copy(this.buffer, this.length, 0, length);
    this.length += length;
    this.readers[this.count] = reader;
    this.ends[this.count] = this.length;
    this.count++;
    return true;
  }

  /** Serves what was gathered, in the order of reading: before one of the readers is read again, or hears of its end. */
  serve(): void {
    const { count, readers, ends, buffer, writes } = this;
    if (count === 0) return;
    this.count = this.length = 0;
    writes.gather();
    let at = 0;
    for (let i = 0; i < count; i++) {
      // In range: both hold `count`.
      const end = ends[i] as number;
      (readers[i] as GatheredReader).serve(buffer, at, end);
      at = end;
    }
    writes.flush();
  }

  private readonly onTurnEnd = (): void => {
    this.isScheduled = false;
    if (this.count === 1) this.untilNext = ungathered;
    this.serve();
  };
}
