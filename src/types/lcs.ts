/**
 * The longest common subsequence of two strings, by the table of the textbook: cell (i, j) is the length of what
 * the first i bytes of one and the first j of the other have in common.
 *
 * Several subsequences can be the longest. Which one is found, and into which runs it falls, is decided by how
 * the way back through the table turns at a tie; clients see that, so it turns as Redis's does: on equal
 * lengths towards the start of the second string. O(n × m) time, 4 bytes for each cell, unless only the length is asked
 * for, which takes two rows.
 */
import { byteAt } from '#memory/bytes.ts';
import type { Slice } from '#memory/slice.ts';

const cellBytes = 4;

/** A run that both strings have: from `aFirst` to `aLast` in one, from `bFirst` to `bLast` in the other. */
export interface CommonRun {
  readonly aFirst: number;
  readonly aLast: number;
  readonly bFirst: number;
  readonly bLast: number;
}

/** Bytes of the table for strings of these lengths, what Redis compares with its limit. */
export function lcsTableBytes(aLength: number, bLength: number): number {
  return (aLength + 1) * (bLength + 1) * cellBytes;
}

/** The length of a longest common subsequence. Takes one row. */
export function lcsLength(a: Slice, b: Slice): number {
  const row = new Uint32Array(b.length + 1);
  for (let i = 0; i < a.length; i++) {
    const byte = byteAt(a.bytes, a.at + i);
    let diagonal = 0;
    for (let j = 1; j <= b.length; j++) {
      const above = cell(row, j);
      row[j] =
        byte === byteAt(b.bytes, b.at + j - 1) ? diagonal + 1 : Math.max(above, cell(row, j - 1));
      diagonal = above;
    }
  }
  return cell(row, b.length);
}

/** The way back through the table of two strings: a longest common subsequence, from its end. */
export class LcsTrace {
  /** The subsequence. */
  readonly bytes: Buffer;
  /** Its runs in both strings, the last first. */
  readonly runs: readonly CommonRun[];

  /** Throws RangeError where there is no memory for the table. */
  constructor(a: Slice, b: Slice) {
    const width = b.length + 1;
    const table = fill(a, b, width);
    let left = cell(table, table.length - 1);
    const bytes = Buffer.allocUnsafe(left);
    const runs: CommonRun[] = [];
    let run: CommonRun | undefined;
    let i = a.length;
    let j = b.length;
    while (i > 0 && j > 0) {
      const byte = byteAt(a.bytes, a.at + i - 1);
      if (byte === byteAt(b.bytes, b.at + j - 1)) {
        bytes[--left] = byte;
        run = extended(run, --i, --j);
        continue;
      }
      if (run !== undefined) runs.push(run);
      run = undefined;
      if (cell(table, (i - 1) * width + j) > cell(table, i * width + j - 1)) i--;
      else j--;
    }
    if (run !== undefined) runs.push(run);
    this.bytes = bytes;
    this.runs = runs;
  }
}

function fill(a: Slice, b: Slice, width: number): Uint32Array {
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = 1; i <= a.length; i++) {
    const byte = byteAt(a.bytes, a.at + i - 1);
    const row = i * width;
    for (let j = 1; j <= b.length; j++) {
      table[row + j] =
        byte === byteAt(b.bytes, b.at + j - 1)
          ? cell(table, row - width + j - 1) + 1
          : Math.max(cell(table, row - width + j), cell(table, row + j - 1));
    }
  }
  return table;
}

/** The run that begins with bytes `i` and `j`, which are before those of `run` if there is one. */
function extended(run: CommonRun | undefined, i: number, j: number): CommonRun {
  if (run === undefined) return { aFirst: i, aLast: i, bFirst: j, bLast: j };
  return { ...run, aFirst: i, bFirst: j };
}

function cell(cells: Uint32Array, index: number): number {
  // Both strings' lengths bound the loops, which the index type cannot express.
  return cells[index] as number;
}
