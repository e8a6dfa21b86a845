/**
 * The requests of a read that follow the one being executed, as far as they are plain: arrays of few, complete, not very
 * long strings. They are taken apart in one go, and their keys are foreseen ({@link Foresight}). What is not plain
 * ends the look ahead and is left to the {@link RespParser}; what it takes from here is just what it would have parsed itself.
 */
import type { Request } from '#commands/request.ts';
import type { Database } from '#keyspace/database.ts';
import { type Foresight, foreseenMax } from '#keyspace/foresight.ts';
import { byteAt, viewOf } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';

/** The most arguments of a plain request, so that their number has one digit. */
const argumentsMax = 9;
/** Plain arguments are shorter: a length has four digits at most. */
const lengthLimit = 10_000;

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const dollar = 0x24;
const digitZero = 0x30;
/** `*?\r\n` as a little-endian word, and which bits of it are fixed. */
const arrayHead = 0x0a0d002a;
const arrayHeadMask = 0xffff00ff | 0;

export class Lookahead {
  /** How many requests were found, and how many of them were taken. */
  private count = 0;
  private taken = 0;
  private readonly foresight: Foresight;
  /** For each request where it ends and how many arguments it has. */
  private readonly ends = new Int32Array(foreseenMax);
  private readonly counts = new Int32Array(foreseenMax);
  /** For each argument of each request (at, length). */
  private readonly positions = new Int32Array(foreseenMax * argumentsMax * 2);
  private readonly key = new Slice();

  constructor(foresight: Foresight) {
    this.foresight = foresight;
  }

  /** Looks at the requests in `bytes` from `next` to `end`. Without a database nothing is foreseen of them. */
  look(bytes: Buffer, next: number, end: number, database: Database | undefined): void {
    const { ends } = this;
    this.taken = 0;
    let count = 0;
    while (count < foreseenMax) {
      const at = this.scan(bytes, next, end, count);
      if (at < 0) break;
      ends[count++] = next = at;
    }
    this.count = count;
    if (database === undefined) this.foresight.forget();
    else this.foresee(bytes, database);
  }

  /** Makes `request` the next one in `bytes`, which were looked at, and returns where it ends. */
  take(request: Request, bytes: Buffer): number {
    const index = this.taken++;
    this.foresight.current = index;
    request.adopt(bytes, this.positions, index * argumentsMax, this.counts[index] as number);
    return this.ends[index] as number;
  }

  get isEmpty(): boolean {
    return this.taken === this.count;
  }

  /** Forgets what was not taken. */
  clear(): void {
    this.taken = this.count = 0;
    this.foresight.forget();
  }

  private foresee(bytes: Buffer, database: Database): void {
    const { foresight, count, counts, positions, key } = this;
    foresight.begin(bytes);
    for (let i = 0; i < count; i++) {
      const first = i * argumentsMax * 2;
      // In range, as the loop and the number of arguments say.
      if ((counts[i] as number) > 1) {
        foresight.add(
          key.point(bytes, positions[first + 2] as number, positions[first + 3] as number),
        );
      } else foresight.addNone();
    }
    if (count > 1) foresight.touch(database);
  }

  /** Takes the request at `at` apart, if it is plain. Returns where it ends, or -1. */
  private scan(bytes: Buffer, at: number, end: number, index: number): number {
    const { positions } = this;
    if (at + 4 > end) return -1;
    const head = viewOf(bytes).getInt32(at, true);
    const count = ((head >>> 8) & 0xff) - digitZero;
    if ((head & arrayHeadMask) !== arrayHead || count < 1 || count > argumentsMax) return -1;
    at += 4;
    let next = index * argumentsMax * 2;
    for (let left = count; left > 0; left--) {
      if (at + 4 > end || byteAt(bytes, at) !== dollar) return -1;
      let length = byteAt(bytes, at + 1) - digitZero;
      at += 2;
      let digit = byteAt(bytes, at) - digitZero;
      // A zero at the front would make it no plain number.
      if (length < 0 || length > 9 || (length === 0 && digit >= 0)) return -1;
      while (digit >= 0 && digit <= 9) {
        length = length * 10 + digit;
        if (++at >= end || length >= lengthLimit) return -1;
        digit = byteAt(bytes, at) - digitZero;
      }
      if (byteAt(bytes, at) !== carriageReturn || at + length + 4 > end) return -1;
      if (byteAt(bytes, at + 1) !== lineFeed) return -1;
      at += 2;
      positions[next++] = at;
      positions[next++] = length;
      at += length + 2;
    }
    this.counts[index] = count;
    return at;
  }
}
