/**
 * What an entry remembers of its use, in 24 bits, for eviction to choose by.
 *
 * Least recently used (or modified): the time of the last use in ticks of 128 ms, modulo 2^24, which wraps
 * after 24 days; Redis's tick is a second, too coarse to order what a busy cache touches.
 *
 * Least frequently used: as in Redis (evict.c), 16 bits of minutes when the counter last decayed, and an 8-bit
 * counter that grows logarithmically: a use increments it with probability 1 / (distance from 5 × factor + 1),
 * so that factor 10 lets 255 stand for about a million uses. It loses one for each `decayMinutes` without use.
 */
import type { Random } from '#platform/random.ts';

const tickMs = 128;
const ticks = 1 << 24;
const minuteMs = 60_000;
const minutes = 1 << 16;
const counterMax = 255;
/** A new key starts here, so that it is not the first to go. */
const counterStart = 5;

export type AccessMode = 'recency' | 'frequency' | 'modification';

export class AccessClock {
  mode: AccessMode = 'recency';
  /** Redis's lfu-log-factor. */
  logFactor = 10;
  /** Redis's lfu-decay-time, in minutes; 0 = counters never decay. */
  decayMinutes = 1;
  private readonly random: Random;
  private tick = 0;
  private minute = 0;

  constructor(random: Random) {
    this.random = random;
  }

  /** Moves the clock; calls in the same tick cost two divisions. */
  setNow(nowMs: number): void {
    this.tick = Math.floor(nowMs / tickMs) % ticks;
    this.minute = Math.floor(nowMs / minuteMs) % minutes;
  }

  /** The access bits of an entry that is new. */
  fresh(): number {
    return this.mode === 'frequency' ? (this.minute << 8) | counterStart : this.tick;
  }

  /** The access bits of an entry with `access`, after one more use. */
  used(access: number): number {
    return this.mode === 'frequency' ? this.counted(access) : this.tick;
  }

  /** How long ago the last use was, in ms. */
  idleMs(access: number): number {
    return ((this.tick - access) & (ticks - 1)) * tickMs;
  }

  /** The frequency counter as of now, 0 to 255. */
  frequency(access: number): number {
    const counter = access & counterMax;
    if (this.decayMinutes === 0) return counter;
    const elapsed = (this.minute - (access >>> 8)) & (minutes - 1);
    return Math.max(0, counter - Math.floor(elapsed / this.decayMinutes));
  }

  /** The access bits that say `idleMs` of rest (as much of it as they can), or `frequency`, as RESTORE sets them. */
  atIdle(idleMs: number): number {
    return (this.tick - Math.min(ticks - 1, Math.ceil(idleMs / tickMs))) & (ticks - 1);
  }

  atFrequency(frequency: number): number {
    return (this.minute << 8) | Math.min(counterMax, frequency);
  }

  private counted(access: number): number {
    let counter = this.frequency(access);
    if (counter < counterMax) {
      const above = Math.max(0, counter - counterStart);
      const chance = 1 / (above * this.logFactor + 1);
      if ((this.random.int32() >>> 0) / 2 ** 32 < chance) counter++;
    }
    return (this.minute << 8) | counter;
  }
}
