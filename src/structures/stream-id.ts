/**
 * The id of a stream's entry: 128 bits, milliseconds before a sequence number, both unsigned. JavaScript has no
 * number for either, so an id is four int32 words, which stay small integers and are compared without allocating.
 *
 *     in an arena   0 ms, high word   4 ms, low word   8 sequence, high word   12 sequence, low word
 */
import type { Arena } from '#memory/arena.ts';

/** Bytes of an id in an arena. */
export const streamIdBytes = 16;

const wordBytes = 4;

export class StreamId {
  msHigh = 0;
  msLow = 0;
  seqHigh = 0;
  seqLow = 0;

  /** The words, in this order; any int32 or uint32. */
  setWords(msHigh: number, msLow: number, seqHigh: number, seqLow: number): this {
    this.msHigh = msHigh | 0;
    this.msLow = msLow | 0;
    this.seqHigh = seqHigh | 0;
    this.seqLow = seqLow | 0;
    return this;
  }

  set(other: StreamId): this {
    return this.setWords(other.msHigh, other.msLow, other.seqHigh, other.seqLow);
  }

  setMin(): this {
    return this.setWords(0, 0, 0, 0);
  }

  setMax(): this {
    return this.setWords(-1, -1, -1, -1);
  }

  /** Its time in ms, rounded beyond the safe integers. */
  get ms(): number {
    return (this.msHigh >>> 0) * 2 ** 32 + (this.msLow >>> 0);
  }

  /** The first id of a time in ms, a safe integer. */
  setMs(ms: number): this {
    const high = Math.floor(ms / 2 ** 32);
    return this.setWords(high, ms - high * 2 ** 32, 0, 0);
  }

  get isZero(): boolean {
    return (this.msHigh | this.msLow | this.seqHigh | this.seqLow) === 0;
  }

  get isMax(): boolean {
    return (this.msHigh & this.msLow & this.seqHigh & this.seqLow) === -1;
  }

  hasSameMs(other: StreamId): boolean {
    return this.msHigh === other.msHigh && this.msLow === other.msLow;
  }

  /** Negative, zero or positive. */
  compare(other: StreamId): number {
    return (
      compareWords(this.msHigh, other.msHigh) ||
      compareWords(this.msLow, other.msLow) ||
      compareWords(this.seqHigh, other.seqHigh) ||
      compareWords(this.seqLow, other.seqLow)
    );
  }

  /** To the next id. The last one stays, and false is returned. */
  increment(): boolean {
    if (this.isMax) return false;
    this.seqLow = (this.seqLow + 1) | 0;
    if (this.seqLow === 0) this.seqHigh = (this.seqHigh + 1) | 0;
    if ((this.seqLow | this.seqHigh) !== 0) return true;
    this.msLow = (this.msLow + 1) | 0;
    if (this.msLow === 0) this.msHigh = (this.msHigh + 1) | 0;
    return true;
  }

  /** To the id before. The first one stays, and false is returned. */
  decrement(): boolean {
    if (this.isZero) return false;
    this.seqLow = (this.seqLow - 1) | 0;
    if (this.seqLow === -1) this.seqHigh = (this.seqHigh - 1) | 0;
    if ((this.seqLow & this.seqHigh) !== -1) return true;
    this.msLow = (this.msLow - 1) | 0;
    if (this.msLow === -1) this.msHigh = (this.msHigh - 1) | 0;
    return true;
  }

  /** Takes up the id at byte offset `at`, a multiple of 4. */
  read(arena: Arena, at: number): this {
    return this.setWords(
      arena.word(at),
      arena.word(at + wordBytes),
      arena.word(at + 2 * wordBytes),
      arena.word(at + 3 * wordBytes),
    );
  }

  write(arena: Arena, at: number): void {
    arena.setWord(at, this.msHigh);
    arena.setWord(at + wordBytes, this.msLow);
    arena.setWord(at + 2 * wordBytes, this.seqHigh);
    arena.setWord(at + 3 * wordBytes, this.seqLow);
  }
}

/** Orders two words as unsigned ones. */
export function compareWords(a: number, b: number): number {
  return a === b ? 0 : a >>> 0 < b >>> 0 ? -1 : 1;
}
