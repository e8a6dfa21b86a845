/**
 * The buffer in which replies are gathered until they are sent: one for all connections of a door, since a
 * connection's replies are sent before another's requests are looked at. It grows with a batch that is large, and
 * shrinks to the size below when no such batches have come for a while.
 */
import type { Arena } from '#memory/arena.ts';
import { copyBytes, copyShort, isShort, viewOf } from '#memory/bytes.ts';

const sharedBytes = 64 * 1024;
/** A larger buffer is never kept. */
const keptBytesMax = 1024 * 1024;
/** After so many batches in a row that use little of it, a buffer that has grown is given back. */
const smallBatchesMax = 64;

export class Output {
  bytes: Buffer;
  length = 0;
  private smallBatches = 0;
  private view: DataView;
  private readonly initialBytes: number;

  constructor(initialBytes = sharedBytes) {
    this.initialBytes = initialBytes;
    this.bytes = Buffer.allocUnsafeSlow(initialBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.length + count > this.bytes.length) this.grow(count);
  }

  /** Appends bytes. */
  append(from: Buffer, at: number, length: number): void {
    this.reserve(length);
    if (isShort(length)) copyShort(this.view, this.length, viewOf(from), at, length);
    else from.copy(this.bytes, this.length, at, at + length);
    this.length += length;
  }

  /** Appends bytes of an arena. */
  appendStored(arena: Arena, at: number, length: number): void {
    this.reserve(length);
    if (isShort(length)) copyShort(this.view, this.length, arena.view, at, length);
    else arena.bytes.copy(this.bytes, this.length, at, at + length);
    this.length += length;
  }

  /** Forgets what was gathered; with `replace`, in a fresh buffer because the old one is still being sent. */
  clear(replace: boolean): void {
    const { initialBytes, length } = this;
    this.length = 0;
    if (replace) this.use(Buffer.allocUnsafeSlow(initialBytes));
    else if (this.bytes.length > initialBytes) this.shrinkAfter(length);
  }

  /** Gives a large buffer back, unless such large batches are still coming: making one again and again is dear. */
  private shrinkAfter(length: number): void {
    if (length > this.bytes.length >> 2 && this.bytes.length <= keptBytesMax) this.smallBatches = 0;
    else if (this.bytes.length > keptBytesMax || ++this.smallBatches >= smallBatchesMax) {
      this.smallBatches = 0;
      this.use(Buffer.allocUnsafeSlow(this.initialBytes));
    }
  }

  private grow(count: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + count));
    copyBytes(grown, 0, this.bytes, 0, this.length);
    this.use(grown);
  }

  private use(bytes: Buffer): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}
