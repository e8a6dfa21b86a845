/** Writes a listpack (listpack.ts draws it) to a buffer of its own. */
import { copyBytes } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import { int64LengthMax, parseInt64, parseInteger } from '#types/int64.ts';
import {
  backLengthBytes,
  listpackCountUnknown,
  listpackEnd,
  listpackHeaderBytes,
} from './listpack.ts';

const bufferBytesMin = 1 << 10;
const keptBytesMax = 1 << 18;
/** The most bytes around an element's data: encoding, length, and length from behind. */
const aroundBytesMax = 10;

export class ListpackWriter {
  /** Bytes written. */
  length = listpackHeaderBytes;
  private count = 0;
  private bytes: Buffer = Buffer.allocUnsafeSlow(bufferBytesMin);
  private readonly whole = new Slice();

  /** Begins another one. */
  reset(): this {
    if (this.bytes.length > keptBytesMax) this.bytes = Buffer.allocUnsafeSlow(bufferBytesMin);
    this.length = listpackHeaderBytes;
    this.count = 0;
    return this;
  }

  /** Adds a text, as an integer where it is one's digits. */
  add({ bytes, at, length }: Slice): void {
    const value = length <= int64LengthMax ? parseInteger(bytes, at, length) : Number.NaN;
    if (!Number.isNaN(value)) {
      this.addInteger(value);
      return;
    }
    const big = length <= int64LengthMax ? parseInt64(bytes, at, length) : undefined;
    if (big === undefined) this.addText(bytes, at, length);
    else this.addBig(big);
  }

  /** Adds a safe integer. */
  addInteger(value: number): void {
    const startAt = this.begin(aroundBytesMax);
    const { bytes } = this;
    if (value >= 0 && value < 128) bytes[this.length++] = value;
    else if (value >= -4096 && value < 4096) {
      bytes[this.length++] = 0xc0 | ((value >> 8) & 0x1f);
      bytes[this.length++] = value & 255;
    } else if (value >= -(2 ** 15) && value < 2 ** 15) this.putInteger(0xf1, value, 2);
    else if (value >= -(2 ** 23) && value < 2 ** 23) this.putInteger(0xf2, value, 3);
    else if (value >= -(2 ** 31) && value < 2 ** 31) this.putInteger(0xf3, value, 4);
    else {
      this.addBig(BigInt(value));
      return;
    }
    this.conclude(startAt);
  }

  /** The listpack; valid until the next one is begun. */
  finish(): Slice {
    this.begin(1);
    this.bytes[this.length++] = listpackEnd;
    this.bytes.writeUInt32LE(this.length, 0);
    this.bytes.writeUInt16LE(Math.min(this.count, listpackCountUnknown), 4);
    return this.whole.point(this.bytes, 0, this.length);
  }

  /** Adds an int64 that needs 8 bytes. */
  addBig(value: bigint): void {
    const startAt = this.begin(aroundBytesMax);
    this.bytes[this.length++] = 0xf4;
    this.length = this.bytes.writeBigInt64LE(value, this.length);
    this.conclude(startAt);
  }

  private putInteger(mark: number, value: number, size: 2 | 3 | 4): void {
    this.bytes[this.length++] = mark;
    this.length = this.bytes.writeIntLE(value, this.length, size);
  }

  private addText(from: Buffer, at: number, length: number): void {
    const startAt = this.begin(length + aroundBytesMax);
    const { bytes } = this;
    if (length < 64) bytes[this.length++] = 0x80 | length;
    else if (length < 4096) {
      bytes[this.length++] = 0xe0 | (length >> 8);
      bytes[this.length++] = length & 255;
    } else {
      bytes[this.length++] = 0xf0;
      this.length = bytes.writeUInt32LE(length, this.length);
    }
    copyBytes(bytes, this.length, from, at, length);
    this.length += length;
    this.conclude(startAt);
  }

  /** Makes room for `length` bytes at most, and returns where they begin. */
  private begin(length: number): number {
    const needed = this.length + length;
    if (needed > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
      this.bytes.copy(grown, 0, 0, this.length);
      this.bytes = grown;
    }
    return this.length;
  }

  /** Counts the element that began at `startAt`, and writes how long it is. */
  private conclude(startAt: number): void {
    this.count++;
    let length = this.length - startAt;
    const count = backLengthBytes(length);
    for (let i = count - 1; i >= 0; i--) {
      this.bytes[this.length + i] = (length & 127) | (i > 0 ? 128 : 0);
      length >>>= 7;
    }
    this.length += count;
  }
}
