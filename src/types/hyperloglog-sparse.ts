/**
 * The sparse registers of a HyperLogLog: runs of registers that have the same value, one after another up to the last.
 *
 *     00xxxxxx             xxxxxx + 1 registers are 0
 *     01xxxxxx yyyyyyyy    xxxxxxyyyyyyyy + 1 registers are 0
 *     1vvvvvxx             xx + 1 registers are vvvvv + 1
 *
 * An empty one is a single long run of zeros. Finding a register is O(runs), so it is kept to a few kilobytes
 * (hll-sparse-max-bytes). Redis reads runs that a client may have written by SET: a run that ends too late, all that end too
 * early, or a long run whose second byte is missing (taken as 0) is corruption, told as Redis tells it, and never more.
 */
import { byteAt } from '#memory/bytes.ts';
import { registerCount } from './hyperloglog-hash.ts';

const kindMask = 0xc0;
const longZeroKind = 0x40;
const valueKind = 0x80;
const shortMask = 0x3f;

/** The greatest value that a run can have. */
export const runValueMax = 32;
const valueLengthMax = 4;
const zeroLengthMax = 64;
/** Runs that are looked at when a change may have made neighbours equal. */
const mergedRunsMax = 5;
/** The most bytes that one run is split into: room that there must be behind runs to be changed. */
export const splitBytesMax = 5;

/** The kind of run that begins with a byte. */
function isLongZero(first: number): boolean {
  return (first & kindMask) === longZeroKind;
}

function isValue(first: number): boolean {
  return (first & valueKind) !== 0;
}

function bytesOf(first: number): number {
  return isLongZero(first) ? 2 : 1;
}

/** The value of the registers in the run that begins with the byte `first`. */
export function valueOfRun(first: number): number {
  return isValue(first) ? ((first >> 2) & 31) + 1 : 0;
}

/** What stands for the length of a long run: more than all others together could be. */
const longMark = registerCount * 2;

/** Registers of a run by its first byte: no branch that the processor could guess wrong. */
const shortLengths = Int32Array.from({ length: 256 }, (_, first) => {
  if (isValue(first)) return (first & 3) + 1;
  return isLongZero(first) ? longMark : first + 1;
});

function shortLength(bytes: Buffer, at: number): number {
  // In range: a byte is below 256.
  return shortLengths[byteAt(bytes, at)] as number;
}

/** Registers of the run at `at`. */
function lengthOfRun(bytes: Buffer, at: number, end: number): number {
  const length = shortLength(bytes, at);
  return length === longMark ? longLength(bytes, at, end) : length;
}

/** Registers of the long run at `at`. */
function longLength(bytes: Buffer, at: number, end: number): number {
  const low = at + 1 < end ? byteAt(bytes, at + 1) : 0;
  return (((byteAt(bytes, at) & shortMask) << 8) | low) + 1;
}

/**
 * Counts the registers of the runs `[at, end)` by value, adding to `histogram`. False where they are not just as
 * many as there must be. O(runs).
 */
export function countSparse(
  bytes: Buffer,
  at: number,
  end: number,
  histogram: Int32Array,
): boolean {
  let index = 0;
  for (let next = at; next < end && index <= registerCount; ) {
    const length = lengthOfRun(bytes, next, end);
    const first = byteAt(bytes, next);
    const value = valueOfRun(first);
    histogram[value] = (histogram[value] as number) + length; // In range: a value is 32 at most.
    index += length;
    next += bytesOf(first);
  }
  return index === registerCount;
}

/** Raises each of `registers` to the value that it has in the runs `[at, end)`; false as above. O(registers). */
export function mergeSparse(
  bytes: Buffer,
  at: number,
  end: number,
  registers: Uint8Array,
): boolean {
  let index = 0;
  for (let next = at; next < end; ) {
    const first = byteAt(bytes, next);
    const value = valueOfRun(first);
    const after = index + lengthOfRun(bytes, next, end);
    if (after > registerCount) return false;
    if (value === 0) index = after;
    for (; index < after; index++) if (value > byteAt(registers, index)) registers[index] = value;
    next += bytesOf(first);
  }
  return index === registerCount;
}

/** The runs as PFDEBUG DECODE lists them. O(runs). */
export function describeSparse(bytes: Buffer, at: number, end: number): string {
  const runs: string[] = [];
  for (let next = at; next < end; ) {
    const first = byteAt(bytes, next);
    const length = lengthOfRun(bytes, next, end);
    if (isValue(first)) runs.push(`v:${valueOfRun(first)},${length}`);
    else runs.push(`${isLongZero(first) ? 'Z' : 'z'}:${length}`);
    next += bytesOf(first);
  }
  return runs.join(' ');
}

/** Writes the runs of an empty HyperLogLog; returns where they end. */
export function writeEmptyRuns(bytes: Buffer, at: number): number {
  return putZeros(bytes, at, registerCount);
}

/**
 * A place in runs, found by the number of a register. Registers that are looked for in ascending order are found from
 * where the last one was, so that merging into a sparse HyperLogLog takes one pass and not one for each.
 */
export class RunCursor {
  /** Where the run begins that the register is in. */
  at = 0;
  /** The run before it, or its own place if there is none. */
  previousAt = 0;
  /** The first register of the run. */
  first = 0;
  /** Registers of the run; 0 where there is no such run. */
  length = 0;
  private previousFirst = 0;
  private beforeAt = 0;
  private beforeFirst = 0;

  /** Begins again with the first run. */
  rewind(at: number): void {
    this.at = at;
    this.previousAt = at;
    this.beforeAt = at;
    this.first = 0;
    this.previousFirst = 0;
    this.beforeFirst = 0;
  }

  /**
   * Goes on to the run, of those that end at `end`, that the register is in; false if there is none. Short runs are
   * passed by four at a time, which takes half a nanosecond a run.
   */
  find(bytes: Buffer, end: number, index: number): boolean {
    let { at, first, previousAt, previousFirst, beforeAt, beforeFirst } = this;
    let length = 0;
    while (at < end) {
      while (at + 4 <= end) {
        const third = shortLength(bytes, at + 2);
        const fourth = shortLength(bytes, at + 3);
        const after = first + shortLength(bytes, at) + shortLength(bytes, at + 1) + third + fourth;
        if (index < after) break;
        at += 4;
        first = after;
        previousAt = at - 1;
        previousFirst = after - fourth;
        beforeAt = at - 2;
        beforeFirst = previousFirst - third;
      }
      if (at >= end) break;
      length = lengthOfRun(bytes, at, end);
      if (index < first + length) break;
      beforeAt = previousAt;
      beforeFirst = previousFirst;
      previousAt = at;
      previousFirst = first;
      at += bytesOf(byteAt(bytes, at));
      first += length;
    }
    this.at = at;
    this.first = first;
    this.length = length;
    this.previousAt = previousAt;
    this.previousFirst = previousFirst;
    this.beforeAt = beforeAt;
    this.beforeFirst = beforeFirst;
    return at < end;
  }

  /** Goes back to before the run that a change may have been merged into. */
  stepBack(): void {
    this.at = this.beforeAt;
    this.first = this.beforeFirst;
    this.previousAt = this.beforeAt;
    this.previousFirst = this.beforeFirst;
  }
}

const split = Buffer.alloc(splitBytesMax);

/**
 * Raises the register that `run` was found for to `value`, which is greater than it has, in runs that end at `end` and
 * have `splitBytesMax` bytes of room behind. Returns where they end now, or 0, with nothing done, where they
 * would end behind `endMax`.
 */
export function setInRuns(
  bytes: Buffer,
  end: number,
  endMax: number,
  run: RunCursor,
  index: number,
  value: number,
): number {
  const { at } = run;
  const first = byteAt(bytes, at);
  if (run.length === 1 && !isLongZero(first)) {
    bytes[at] = valueRun(value, 1);
    return mergeRuns(bytes, run.previousAt, end);
  }
  const splitBytes = splitAround(run, index, valueOfRun(first), value);
  const growth = splitBytes - bytesOf(first);
  if (growth > 0 && end + growth > endMax) return 0;
  const next = at + bytesOf(first);
  if (growth !== 0 && next < end) bytes.copyWithin(next + growth, next, end);
  split.copy(bytes, at, 0, splitBytes);
  return mergeRuns(bytes, run.previousAt, end + growth);
}

/** Writes to {@link split} what a run becomes whose register `index` gets `value`; returns its bytes. */
function splitAround(run: RunCursor, index: number, before: number, value: number): number {
  const left = index - run.first;
  const right = run.first + run.length - 1 - index;
  let to = left === 0 ? 0 : putRun(0, before, left);
  split[to++] = valueRun(value, 1);
  if (right > 0) to = putRun(to, before, right);
  return to;
}

function putRun(to: number, value: number, length: number): number {
  if (value === 0) return putZeros(split, to, length);
  split[to] = valueRun(value, length);
  return to + 1;
}

function putZeros(bytes: Buffer, at: number, length: number): number {
  if (length <= zeroLengthMax) {
    bytes[at] = length - 1;
    return at + 1;
  }
  bytes[at] = longZeroKind | ((length - 1) >> 8);
  bytes[at + 1] = length - 1;
  return at + 2;
}

function valueRun(value: number, length: number): number {
  return valueKind | ((value - 1) << 2) | (length - 1);
}

/** Merges neighbours of the same value, among the few runs from `at`. Returns where the runs end now. */
function mergeRuns(bytes: Buffer, at: number, end: number): number {
  let next = at;
  let left = mergedRunsMax;
  let newEnd = end;
  while (next < newEnd && left-- > 0) {
    const one = byteAt(bytes, next);
    const other = next + 1 < newEnd ? byteAt(bytes, next + 1) : 0;
    const length = (one & 3) + (other & 3) + 2;
    if (isValue(one) && (one | 3) === (other | 3) && length <= valueLengthMax) {
      bytes[next + 1] = valueRun(valueOfRun(one), length);
      bytes.copyWithin(next, next + 1, newEnd);
      newEnd--;
      continue;
    }
    next += bytesOf(one);
  }
  return newEnd;
}
