/**
 * The buffer in which replies are gathered until they are sent: one for all connections of a door, since a
 * connection's replies are sent before another's requests are looked at. It grows with a batch that is large,
 * and is given back to the size below once that is sent.
 */
import type { Arena } from '#memory/arena.ts';
import { copyBytes, copyShort, isShort, viewOf } from '#memory/bytes.ts';

const sharedBytes = 64 * 1024;

export class Output {
  bytes: Buffer;
  length = 0;
  private view: DataView;
  private readonly initialBytes: number;

  constructor(initialBytes = sharedBytes) {
    this.initialBytes = initialBytes;
    this.bytes = Buffer.allocUnsafeSlow(initialBytes);
    this.view = viewOf(this.bytes);
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
    this.length = 0;
    const { initialBytes } = this;
    if (replace || this.bytes.length > initialBytes) this.use(Buffer.allocUnsafeSlow(initialBytes));
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
