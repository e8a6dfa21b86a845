/**
 * HyperLogLogs: strings that estimate how many different elements they have seen, to 0.81 %, in 12 kB at most.
 *
 * Each element falls to one of 16384 registers, by its hash, and offers it a value (hyperloglog-hash.ts); the register
 * keeps the greatest. Many high values mean many elements (hyperloglog-estimate.ts). Few registers in use are kept as runs
 * (hyperloglog-sparse.ts), more or greater ones as 6 bits each (hyperloglog-dense.ts). The bytes are those that Redis
 * would have after the same commands.
 *
 * Operations here work on an open cursor whose key holds what {@link isHyperLogLog} says yes to; those that change
 * registers are in hyperloglog-edit.ts. In a sparse one that a client has made up, they may come upon corruption, and tell.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { countDense, countSpread, registerAt } from './hyperloglog-dense.ts';
import { estimate, histogramLength } from './hyperloglog-estimate.ts';
import {
  encodingOf,
  encodings,
  hasHeader,
  headerBytes,
  isStale,
  keepCount,
  keptCount,
} from './hyperloglog-layout.ts';
import { Registers } from './hyperloglog-registers.ts';
import { countSparse, describeSparse, mergeSparse } from './hyperloglog-sparse.ts';

/** Redis takes keeping a count for a change of the key, though none that it notifies of. */
const countEvent = 'pfcount';

const histogram = new Int32Array(histogramLength);

/** Whether the string at the cursor could be a HyperLogLog by its header and length. O(1). */
export function isHyperLogLog({ bytes, valueAt, valueLength }: KeyCursor): boolean {
  return hasHeader(bytes, valueAt, valueLength);
}

export function isSparse({ bytes, valueAt }: KeyCursor): boolean {
  return encodingOf(bytes, valueAt) === encodings.sparse;
}

/**
 * The estimate, undefined where the HyperLogLog is corrupted. It is kept in the header until a register changes:
 * O(1), or O(registers) when it has to be made.
 */
export function count(cursor: KeyCursor): number | bigint | undefined {
  cursor.edited = true;
  const { bytes, valueAt } = cursor;
  if (!isStale(bytes, valueAt)) return keptCount(bytes, valueAt);
  const counted = countRegisters(bytes, valueAt, cursor.valueLength);
  if (counted === undefined) return undefined;
  cursor.edit(countEvent);
  keepCount(bytes, valueAt, counted);
  return exact(counted);
}

/** The register numbered `index`, of a dense HyperLogLog. O(1). */
export function register({ bytes, valueAt }: KeyCursor, index: number): number {
  return registerAt(bytes, valueAt + headerBytes, index);
}

/** The estimate of the HyperLogLog in `bytes[at, +length)`, made anew; undefined where it is corrupted. O(registers). */
export function countRegisters(bytes: Buffer, at: number, length: number): number | undefined {
  const first = at + headerBytes;
  histogram.fill(0);
  if (encodingOf(bytes, at) === encodings.dense) countDense(bytes, first, histogram);
  else if (!countSparse(bytes, first, at + length, histogram)) return undefined;
  return estimate(histogram);
}

/** The runs of a sparse HyperLogLog, for people. O(runs). */
export function describe({ bytes, valueAt, valueLength }: KeyCursor): string {
  return describeSparse(bytes, valueAt + headerBytes, valueAt + valueLength);
}

/** The registers of several HyperLogLogs, each as its greatest value in any of them: what one of all elements would have. */
export class Union {
  readonly registers = new Registers();
  /** Whether one of them was dense. */
  hasDense = false;

  clear(): void {
    this.registers.clear();
    this.hasDense = false;
  }

  /** Adds one. False where it is corrupted; then of no further use until cleared. O(registers). */
  add(cursor: KeyCursor): boolean {
    const { bytes, valueAt } = cursor;
    const at = valueAt + headerBytes;
    if (isSparse(cursor)) {
      return mergeSparse(bytes, at, valueAt + cursor.valueLength, this.registers.spread);
    }
    this.hasDense = true;
    this.registers.mergeDense(bytes, at);
    return true;
  }

  /** The estimate. O(registers). */
  count(): number | bigint {
    histogram.fill(0);
    countSpread(this.registers.spread, histogram);
    return exact(estimate(histogram));
  }
}

/** An estimate as a reply has it: as Redis converts it, to 64 bits with a sign. */
function exact(counted: number): number | bigint {
  if (counted >= 2 ** 63) return -(2n ** 63n);
  return Number.isSafeInteger(counted) ? counted : BigInt(counted);
}
