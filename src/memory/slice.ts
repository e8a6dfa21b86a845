/**
 * A run of bytes inside a buffer that somebody else owns: an argument in the input buffer, a value in an
 * arena. Slices are made once and pointed at one run after another, so that passing bytes allocates nothing.
 */

/** Bytes `[at, at + length)` of `bytes`. Valid until its owner points it elsewhere or the buffer moves. */
export class Slice {
  bytes: Buffer;
  at: number;
  length: number;

  constructor(bytes: Buffer = empty, at = 0, length = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.length = length;
  }

  /** Points this slice at another run. */
  point(bytes: Buffer, at: number, length: number): this {
    // A reference that is stored has to be told to the collector; most often it is the same again.
    if (this.bytes !== bytes) this.bytes = bytes;
    this.at = at;
    this.length = length;
    return this;
  }

  /** The run as text, one character a byte. Allocates: not for the hot path. */
  latin1(): string {
    return this.bytes.toString('latin1', this.at, this.at + this.length);
  }

  /** The run as UTF-8 text. Allocates: not for the hot path. */
  utf8(): string {
    return this.bytes.toString('utf8', this.at, this.at + this.length);
  }

  /** A copy that nobody else writes to. */
  copy(): Buffer {
    return Buffer.from(this.bytes.subarray(this.at, this.at + this.length));
  }
}

const empty = Buffer.alloc(0);
