/**
 * Changing the registers of a HyperLogLog, of as many as a command asks for with one announcement.
 *
 * Dense registers are changed where they are. Sparse ones grow and shrink, and become dense once they need too many bytes
 * or a value that no run holds, so they are copied aside, changed there and put back as a whole: two copies of a few hundred
 * bytes, where looking through the runs takes longer.
 */
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { KeyEvent } from '#keyspace/writes.ts';
import { byteAt, copyBytes } from '#memory/bytes.ts';
import { countRegisters } from './hyperloglog.ts';
import { registerAt, setRegister } from './hyperloglog-dense.ts';
import { registerCount, registerOfPlace, valueOfPlace } from './hyperloglog-hash.ts';
import {
  denseBytes,
  encodingOf,
  encodings,
  headerBytes,
  makeStale,
  setEncoding,
  writeHeader,
} from './hyperloglog-layout.ts';
import { Registers } from './hyperloglog-registers.ts';
import {
  mergeSparse,
  RunCursor,
  runValueMax,
  setInRuns,
  splitBytesMax,
  valueOfRun,
  writeEmptyRuns,
} from './hyperloglog-sparse.ts';

/** The copy most sparse HyperLogLogs fit in, and any that becomes dense. */
const draftBytes = denseBytes + splitBytesMax;

/**
 * The registers of one key while they are changed. Made once; used for one key after another:
 * {@link open}, changes, {@link close}. Nothing else may touch the key meanwhile.
 */
export class HyperLogLogEdit {
  private readonly usual = Buffer.alloc(draftBytes);
  private readonly registers = new Registers();
  private readonly run = new RunCursor();
  private cursor: KeyCursor | undefined;
  private event: KeyEvent = '';
  private sparseBytesMax = 0;
  /** Where the HyperLogLog is. */
  private bytes: Buffer = this.usual;
  private at = 0;
  private length = 0;
  /** Whether that is a copy, not the key's own place. */
  private isAside = false;
  private hasChanged = false;

  /**
   * Begins with the HyperLogLog at the cursor, or if there is none with an empty one, which counts as a change. A sparse
   * one that would have more than `sparseBytesMax` bytes becomes dense.
   */
  open(cursor: KeyCursor, event: KeyEvent, sparseBytesMax: number): void {
    this.openEmpty(sparseBytesMax);
    this.cursor = cursor;
    this.event = event;
    if (cursor.entry === 0) {
      this.stale();
      return;
    }
    cursor.edited = true;
    this.bytes = cursor.bytes;
    this.at = cursor.valueAt;
    this.length = cursor.valueLength;
    this.isAside = false;
    if (!this.isDense) this.copyAside();
  }

  /** Begins with an empty one that belongs to no key, and will not. */
  openEmpty(sparseBytesMax: number): void {
    this.cursor = undefined;
    this.sparseBytesMax = sparseBytesMax;
    this.hasChanged = false;
    this.bytes = this.usual;
    this.at = 0;
    this.isAside = true;
    writeHeader(this.bytes, 0, encodings.sparse);
    this.length = writeEmptyRuns(this.bytes, headerBytes);
  }

  get isDense(): boolean {
    return encodingOf(this.bytes, this.at) === encodings.dense;
  }

  /** Offers a register what an element's place says. False where the HyperLogLog is corrupted. O(1) or O(runs). */
  offer(place: number): boolean {
    this.run.rewind(this.at + headerBytes);
    return this.raise(registerOfPlace(place), valueOfPlace(place));
  }

  /** Raises all registers to those of a union that the HyperLogLog itself is part of, in dense form if it `isDense`. */
  raiseAll(union: Registers, isDense: boolean): void {
    this.stale();
    if (isDense && this.makeDense()) {
      union.packDense(this.bytes, this.at + headerBytes);
      return;
    }
    this.run.rewind(this.at + headerBytes);
    for (let index = 0; index < registerCount; index++) {
      const value = byteAt(union.spread, index);
      if (value > 0) this.raise(index, value);
    }
  }

  /** Makes it dense. False where it is corrupted. The count stays. O(registers). */
  makeDense(): boolean {
    if (this.isDense) return true;
    const { registers } = this;
    registers.clear();
    const end = this.at + this.length;
    if (!mergeSparse(this.bytes, this.at + headerBytes, end, registers.spread)) return false;
    setEncoding(this.bytes, this.at, encodings.dense);
    registers.packDense(this.bytes, this.at + headerBytes);
    this.length = denseBytes;
    this.hasChanged = true;
    return true;
  }

  /** The estimate, undefined where the HyperLogLog is corrupted. O(registers). */
  count(): number | undefined {
    return countRegisters(this.bytes, this.at, this.length);
  }

  /** Puts what was changed into the key, and returns whether anything was. Throws ArenaFullError. */
  close(): boolean {
    const { cursor, bytes, length, hasChanged, isAside } = this;
    this.cursor = undefined;
    this.bytes = this.usual;
    if (cursor === undefined || !hasChanged) return false;
    if (isAside) {
      cursor.overwrite(this.event, valueType.string, length);
      cursor.arena.put(cursor.valueAt, bytes, 0, length);
      cursor.edited = true;
    }
    return true;
  }

  private raise(index: number, value: number): boolean {
    if (this.isDense) {
      this.raiseDense(index, value);
      return true;
    }
    if (value > runValueMax) return this.raiseMadeDense(index, value);
    const { run } = this;
    const end = this.at + this.length;
    if (!run.find(this.bytes, end, index)) return false;
    if (valueOfRun(byteAt(this.bytes, run.at)) >= value) return true;
    const newEnd = setInRuns(this.bytes, end, this.at + this.sparseBytesMax, run, index, value);
    if (newEnd === 0) return this.raiseMadeDense(index, value);
    run.stepBack();
    this.length = newEnd - this.at;
    this.stale();
    this.reserve();
    return true;
  }

  private raiseMadeDense(index: number, value: number): boolean {
    if (!this.makeDense()) return false;
    this.raiseDense(index, value);
    return true;
  }

  private raiseDense(index: number, value: number): void {
    const at = this.at + headerBytes;
    if (registerAt(this.bytes, at, index) >= value) return;
    this.stale();
    setRegister(this.bytes, at, index, value);
  }

  /** Announces a change that is about to be made in place; the kept count is none any more. */
  private stale(): void {
    if (!this.hasChanged && !this.isAside) this.cursor?.edit(this.event);
    this.hasChanged = true;
    makeStale(this.bytes, this.at);
  }

  private copyAside(): void {
    const { bytes, at, length } = this;
    this.bytes = roomFor(this.usual, length);
    this.at = 0;
    this.isAside = true;
    copyBytes(this.bytes, 0, bytes, at, length);
  }

  /** Sees to it that there is room for one more run to be split. */
  private reserve(): void {
    if (this.length + splitBytesMax > this.bytes.length) this.copyAside();
  }
}

/** `usual`, or where it is too small, another buffer. Its content is undefined. */
function roomFor(usual: Buffer, length: number): Buffer {
  const wanted = length + splitBytesMax;
  return wanted <= usual.length ? usual : Buffer.allocUnsafeSlow(wanted + (wanted >> 1));
}
