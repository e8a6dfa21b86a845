/**
 * The buffer in which replies are gathered until they are sent: one for all connections of a door, since a
 * connection's replies are sent before another's requests are looked at. It grows with a batch that is large,
 * and is given back to the size below once that is sent.
 */
import { copyBytes } from '#memory/bytes.ts';

const sharedBytes = 64 * 1024;

export class Output {
  bytes: Buffer;
  length = 0;
  private readonly initialBytes: number;

  constructor(initialBytes = sharedBytes) {
    this.initialBytes = initialBytes;
    this.bytes = Buffer.allocUnsafeSlow(initialBytes);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.length + count > this.bytes.length) this.grow(count);
  }

  /** Forgets what was gathered; with `replace`, in a fresh buffer because the old one is still being sent. */
  clear(replace: boolean): void {
    this.length = 0;
    const { initialBytes } = this;
    if (replace || this.bytes.length > initialBytes)
      this.bytes = Buffer.allocUnsafeSlow(initialBytes);
  }

  private grow(count: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + count));
    copyBytes(grown, 0, this.bytes, 0, this.length);
    this.bytes = grown;
  }
}
