/**
 * Reads the parts that serialized values are made of, from a buffer that holds everything (a dumped value) or
 * from a window that is filled as it is used up (a file, a master's snapshot). Nothing is believed: a length reserves no memory
 * before its bytes have arrived, and all that does not add up stops with an {@link RdbError}.
 */
import { byteAt } from '#memory/bytes.ts';
import type { Slice } from '#memory/slice.ts';
import { parseDouble } from '#types/double.ts';
import {
  elementBytesMax,
  lengthForm,
  stringBytesMax,
  stringEncoding,
  textDouble,
} from './format.ts';
import { decompress, expansionMax } from './lzf.ts';
import { check, RdbError } from './rdb-error.ts';
import type { TextSlot } from './text-slot.ts';

/** Where a window's next bytes come from. */
export interface ByteSource {
  /** Puts up to `length` bytes at `at` and returns how many; 0 only at the end. */
  read(into: Buffer, at: number, length: number): number;
}

/** The next string, as an element of a collection, which may not be as long as a string. */
export function readElement(reader: RdbReader, slot: TextSlot): Slice {
  const element = reader.string(slot);
  check(element.length <= elementBytesMax, 'an element is longer than one may be');
  return element;
}

const windowBytesMin = 1 << 16;
const truncated = 'the data ends too early';
const notLength = 'an encoded string stands in the place of a number';

export class RdbReader {
  /** What {@link readWide} read last, as two words. */
  high = 0;
  low = 0;
  private bytes: Buffer;
  private at: number;
  private end: number;
  private readonly source: ByteSource | undefined;
  /** Whether what {@link lengthOrEncoding} returned last is a string's encoding. */
  private isEncoding = false;

  /** Reads `length` bytes of `bytes` from `at` on, and then those of `source`, for which it needs a buffer of its own. */
  constructor(bytes: Buffer, at: number, length: number, source?: ByteSource) {
    this.bytes = bytes;
    this.at = at;
    this.end = at + length;
    this.source = source;
  }

  /** Whether nothing is left; only without a source. */
  get isAtEnd(): boolean {
    return this.at === this.end;
  }

  /** Goes on at other bytes. For a reader without a source. */
  point(bytes: Buffer, at: number, length: number): void {
    this.bytes = bytes;
    this.at = at;
    this.end = at + length;
  }

  /** Where in the buffer the next byte is. For a reader without a source. */
  get position(): number {
    return this.at;
  }

  byte(): number {
    this.need(1);
    return byteAt(this.bytes, this.at++);
  }

  /** A count or a size. Beyond 2^53 it is rounded, which is more than there can be of anything. */
  length(): number {
    const length = this.lengthOrEncoding();
    check(!this.isEncoding, notLength);
    return length;
  }

  /** Reads a length that uses all 64 bits into `high` and `low`. */
  readWide(): void {
    this.need(1);
    if (byteAt(this.bytes, this.at) !== lengthForm.bits64) {
      this.high = 0;
      this.low = this.length() | 0;
      return;
    }
    this.at++;
    this.need(8);
    this.at += 8;
    this.high = this.bytes.readInt32BE(this.at - 8);
    this.low = this.bytes.readInt32BE(this.at - 4);
  }

  /** A length that uses all 64 bits, unsigned. */
  uint64(): bigint {
    this.readWide();
    return (BigInt(this.high >>> 0) << 32n) | BigInt(this.low >>> 0);
  }

  /** A point in time in ms. Beyond 2^53 it is rounded. */
  time(): number {
    this.need(8);
    this.at += 8;
    return this.bytes.readUInt32LE(this.at - 8) + this.bytes.readInt32LE(this.at - 4) * 2 ** 32;
  }

  /** A point in time in whole seconds, as old files have it, in ms. */
  timeInSeconds(): number {
    this.need(4);
    this.at += 4;
    return this.bytes.readUInt32LE(this.at - 4) * 1000;
  }

  double(): number {
    this.need(8);
    this.at += 8;
    return this.bytes.readDoubleLE(this.at - 8);
  }

  /** A double as older versions wrote it: a text with its length in a byte. */
  textDouble(): number {
    const length = this.byte();
    switch (length) {
      case textDouble.nan:
        return Number.NaN;
      case textDouble.infinity:
        return Number.POSITIVE_INFINITY;
      case textDouble.negativeInfinity:
        return Number.NEGATIVE_INFINITY;
      default: {
        this.need(length);
        this.at += length;
        const value = parseDouble(this.bytes, this.at - length, length);
        check(!Number.isNaN(value), 'a number is not written as one');
        return value;
      }
    }
  }

  /** The string that comes next. */
  string(slot: TextSlot): Slice {
    const length = this.lengthOrEncoding();
    if (!this.isEncoding) return this.raw(length, slot);
    switch (length) {
      case stringEncoding.int8:
        return slot.setInteger((this.byte() << 24) >> 24);
      case stringEncoding.int16:
        this.need(2);
        this.at += 2;
        return slot.setInteger(this.bytes.readInt16LE(this.at - 2));
      case stringEncoding.int32:
        this.need(4);
        this.at += 4;
        return slot.setInteger(this.bytes.readInt32LE(this.at - 4));
      case stringEncoding.lzf:
        return this.compressed(slot);
      default:
        throw new RdbError('a string has an unknown encoding');
    }
  }

  /** The next `length` bytes. */
  raw(length: number, slot: TextSlot): Slice {
    check(length <= stringBytesMax, 'a string is longer than one may be');
    this.need(length);
    const { at, bytes } = this;
    this.at += length;
    if (this.source === undefined) return slot.slice.point(bytes, at, length);
    // The window moves on when more is read.
    bytes.copy(slot.reserve(length), 0, at, at + length);
    return slot.slice;
  }

  /** Goes past the next string, without unpacking it. */
  skipString(): void {
    const length = this.lengthOrEncoding();
    if (!this.isEncoding) this.skip(length);
    else if (length === stringEncoding.lzf) {
      const packedLength = this.length();
      this.length();
      this.skip(packedLength);
    } else {
      check(length < stringEncoding.lzf, 'a string has an unknown encoding');
      this.skip(1 << length);
    }
  }

  /** Goes past the next `count` bytes. For a reader without a source. */
  skip(count: number): void {
    this.need(count);
    this.at += count;
  }

  private compressed(slot: TextSlot): Slice {
    const packedLength = this.length();
    const length = this.length();
    check(
      packedLength <= stringBytesMax && length <= stringBytesMax,
      'a compressed string is longer than one may be',
    );
    check(length <= packedLength * expansionMax, 'a string is compressed too well to be true');
    this.need(packedLength);
    const { at, bytes } = this;
    this.at += packedLength;
    const isSound = decompress(bytes, at, packedLength, slot.reserve(length), 0, length);
    check(isSound, 'a compressed string is damaged');
    return slot.slice;
  }

  private lengthOrEncoding(): number {
    const first = this.byte();
    this.isEncoding = first >= lengthForm.encoded;
    if (this.isEncoding) return first & 0x3f;
    if (first < lengthForm.bits14) return first;
    if (first < lengthForm.bits32) return ((first & 0x3f) << 8) | this.byte();
    if (first === lengthForm.bits32) {
      this.need(4);
      this.at += 4;
      return this.bytes.readUInt32BE(this.at - 4);
    }
    check(first === lengthForm.bits64, 'a length has an unknown form');
    this.need(8);
    this.at += 8;
    return this.bytes.readUInt32BE(this.at - 8) * 2 ** 32 + this.bytes.readUInt32BE(this.at - 4);
  }

  /** Sees to it that `length` more bytes are in the buffer. */
  private need(length: number): void {
    if (this.end - this.at < length) this.fill(length);
  }

  /** Grows the window only as bytes arrive: an announced length alone costs nothing. */
  private fill(length: number): void {
    const { source } = this;
    if (source === undefined) throw new RdbError(truncated, 'truncated');
    this.bytes.copyWithin(0, this.at, this.end);
    this.end -= this.at;
    this.at = 0;
    while (this.end < length) {
      if (this.end === this.bytes.length) {
        const grown = Buffer.allocUnsafeSlow(Math.max(windowBytesMin, this.end * 2));
        this.bytes.copy(grown, 0, 0, this.end);
        this.bytes = grown;
      }
      const read = source.read(this.bytes, this.end, this.bytes.length - this.end);
      if (read === 0) throw new RdbError(truncated, 'truncated');
      this.end += read;
    }
  }
}
