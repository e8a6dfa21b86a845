/**
 * Replies that a client may not have yet: those to commands whose effects are not safe on disk, and all that came after
 * them. Copies, in order, each with the position in the effect feed that it waits for.
 *
 * With `appendfsync always` every write's reply comes by here, so the memory is used again: a buffer made for each reply
 * was some 4 KiB of work for the garbage collector, which took half of the server's time.
 */
import { copyBytes } from '#memory/bytes.ts';

/** Enough for short replies; it grows as needed. */
const initialBytes = 256;
/** A buffer that grew beyond this is not kept. */
const keptBytesMax = 4096;

/** Somewhere to put replies that need not wait any more. */
export interface ReplySink {
  append(from: Buffer, at: number, length: number): void;
}

export class HeldReplies {
  /** Bytes held. */
  length = 0;
  private bytes = Buffer.allocUnsafeSlow(initialBytes);
  /** How many different positions are waited for; for each, in ascending order, which and where its replies end. */
  private count = 0;
  private readonly positions: number[] = [];
  private readonly ends: number[] = [];

  /** Adds replies that wait until `position` is safe, which is never less than the one before. The bytes are copied. */
  add(position: number, bytes: Buffer, length: number): void {
    if (this.count === 0 || this.positions[this.count - 1] !== position) {
      this.positions[this.count++] = position;
    }
    this.reserve(length);
    copyBytes(this.bytes, this.length, bytes, 0, length);
    this.length += length;
    this.ends[this.count - 1] = this.length;
  }

  /** Moves what waited for no more than `position`, in order, to `sink`. */
  release(position: number, sink: ReplySink): void {
    const { positions, ends, count } = this;
    let released = 0;
    while (released < count && (positions[released] ?? 0) <= position) released++;
    if (released === 0) return;
    const length = ends[released - 1] ?? 0;
    sink.append(this.bytes, 0, length);
    for (let left = released; left < count; left++) {
      positions[left - released] = positions[left] ?? 0;
      ends[left - released] = (ends[left] ?? 0) - length;
    }
    this.count -= released;
    this.keepFrom(length);
  }

  private keepFrom(at: number): void {
    const { bytes } = this;
    this.length -= at;
    if (this.length > 0) bytes.copyWithin(0, at, at + this.length);
    else if (bytes.length > keptBytesMax) this.bytes = Buffer.allocUnsafeSlow(initialBytes);
  }

  private reserve(count: number): void {
    const { bytes, length } = this;
    if (length + count <= bytes.length) return;
    this.bytes = Buffer.allocUnsafeSlow(Math.max(bytes.length * 2, length + count));
    copyBytes(this.bytes, 0, bytes, 0, length);
  }
}
