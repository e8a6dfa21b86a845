/**
 * Writes the parts that serialized values are made of to a buffer: one that grows to hold everything (a dumped
 * value), or one that is handed on to a sink whenever it is full (a file, a replica), so that no value needs to fit.
 */
import { copyBytes } from '#memory/bytes.ts';
import type { Slice } from '#memory/slice.ts';
import { parseInteger } from '#types/int64.ts';
import { lengthForm, stringEncoding } from './format.ts';
import { compress } from './lzf.ts';

/** Who takes the bytes of a full buffer, all of them before it returns. */
export interface ByteSink {
  write(bytes: Buffer, at: number, length: number): void;
}

const bufferBytesMin = 1 << 10;
/** A writer keeps no more than this for its next value. */
const keptBytesMax = 1 << 20;
/** Longer texts are no int32. */
const int32LengthMax = 11;
/** Shorter strings are not worth compressing, and this much must be saved. */
const compressedLengthMin = 21;
const savedBytesMin = 4;
/** The most bytes of a length. */
const lengthBytesMax = 9;

export class RdbWriter {
  bytes: Buffer;
  /** Bytes written and not yet handed on. */
  length = 0;
  /** Whether strings are compressed where that makes them shorter. */
  compresses = true;
  /** What stands between a value's type and the value: in a file, its key. */
  key: Slice | undefined;
  private readonly sink: ByteSink | undefined;

  constructor(sink?: ByteSink, bufferBytes = bufferBytesMin) {
    this.sink = sink;
    this.bytes = Buffer.allocUnsafeSlow(bufferBytes);
  }

  /** Forgets what was written. */
  reset(): void {
    this.length = 0;
    if (this.bytes.length > keptBytesMax) this.bytes = Buffer.allocUnsafeSlow(bufferBytesMin);
  }

  /** Hands on what is there, if there is a sink for it. */
  flush(): void {
    if (this.sink === undefined) return;
    if (this.length > 0) this.sink.write(this.bytes, 0, this.length);
    this.length = 0;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** The type of a value. */
  type(type: number): void {
    this.byte(type);
    if (this.key !== undefined) this.string(this.key);
  }

  /** Four bytes, the lowest first. */
  word(value: number): void {
    this.reserve(4);
    this.length = this.bytes.writeUInt32LE(value, this.length);
  }

  /** A count or a size, up to 2^53. */
  writeLength(value: number): void {
    this.reserve(lengthBytesMax);
    const { bytes } = this;
    if (value < 1 << 6) {
      bytes[this.length++] = value;
    } else if (value < 1 << 14) {
      bytes[this.length++] = lengthForm.bits14 | (value >>> 8);
      bytes[this.length++] = value & 255;
    } else if (value < 2 ** 32) {
      bytes[this.length++] = lengthForm.bits32;
      this.length = bytes.writeUInt32BE(value, this.length);
    } else this.wide(Math.floor(value / 2 ** 32), value % 2 ** 32);
  }

  /** An unsigned number of two words, as a length. */
  wide(high: number, low: number): void {
    if (high === 0) {
      this.writeLength(low >>> 0);
      return;
    }
    this.reserve(lengthBytesMax);
    this.bytes[this.length++] = lengthForm.bits64;
    this.length = this.bytes.writeUInt32BE(high >>> 0, this.length);
    this.length = this.bytes.writeUInt32BE(low >>> 0, this.length);
  }

  /** The lower 64 bits of a number, as a length. */
  uint64(value: bigint): void {
    this.wide(Number(BigInt.asIntN(32, value >> 32n)), Number(BigInt.asIntN(32, value)));
  }

  /** A point in time, ms since the epoch, or another safe integer. */
  time(atMs: number): void {
    this.reserve(8);
    const high = Math.floor(atMs / 2 ** 32);
    this.bytes.writeUInt32LE(atMs - high * 2 ** 32, this.length);
    this.length = this.bytes.writeInt32LE(high, this.length + 4);
  }

  double(value: number): void {
    this.reserve(8);
    this.length = this.bytes.writeDoubleLE(value, this.length);
  }

  string({ bytes, at, length }: Slice): void {
    this.stringOf(bytes, at, length);
  }

  /** The string `from[at, +length)`, in the shortest of its encodings. */
  stringOf(from: Buffer, at: number, length: number): void {
    if (length <= int32LengthMax && this.tryInteger(parseInteger(from, at, length))) return;
    if (this.compresses && length >= compressedLengthMin && this.tryCompressed(from, at, length))
      return;
    this.writeLength(length);
    this.raw(from, at, length);
  }

  /** Bytes as they are. */
  raw(from: Buffer, at: number, length: number): void {
    if (this.sink !== undefined && length > this.bytes.length - this.length) {
      this.flush();
      if (length > this.bytes.length) {
        this.sink.write(from, at, length);
        return;
      }
    }
    this.reserve(length);
    copyBytes(this.bytes, this.length, from, at, length);
    this.length += length;
  }

  private tryInteger(value: number): boolean {
    // Also false for NaN, which says that it is no integer.
    if (!(value >= -(2 ** 31) && value < 2 ** 31)) return false;
    this.reserve(5);
    const { bytes } = this;
    if (value >= -128 && value < 128) {
      bytes[this.length++] = lengthForm.encoded | stringEncoding.int8;
      this.length = bytes.writeInt8(value, this.length);
    } else if (value >= -32768 && value < 32768) {
      bytes[this.length++] = lengthForm.encoded | stringEncoding.int16;
      this.length = bytes.writeInt16LE(value, this.length);
    } else {
      bytes[this.length++] = lengthForm.encoded | stringEncoding.int32;
      this.length = bytes.writeInt32LE(value, this.length);
    }
    return true;
  }

  /** Writes the string compressed, unless that is hardly shorter. Its length is only known then, so it is moved up to it. */
  private tryCompressed(from: Buffer, at: number, length: number): boolean {
    const prefixMax = 1 + 2 * lengthBytesMax;
    this.reserve(prefixMax + length);
    const start = this.length;
    const packedAt = start + prefixMax;
    const packedLength = compress(from, at, length, this.bytes, packedAt, length - savedBytesMin);
    if (packedLength === 0) return false;
    this.byte(lengthForm.encoded | stringEncoding.lzf);
    this.writeLength(packedLength);
    this.writeLength(length);
    this.bytes.copyWithin(this.length, packedAt, packedAt + packedLength);
    this.length += packedLength;
    return true;
  }

  /** Makes room for `count` more bytes. */
  private reserve(count: number): void {
    if (this.bytes.length - this.length >= count) return;
    this.flush();
    if (this.bytes.length - this.length >= count) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.length + count, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}
