/**
 * The CRC-64 that ends dumped values and RDB files: the polynomial of Jones, reflected, starting at 0 and
 * not inverted, as Redis uses it. The check value of "123456789" is e9c6d914c4b8d9ca.
 *
 * JavaScript has no fast 64-bit integers, so a checksum is two words, and so is each entry of the tables. Eight
 * bytes are taken at once ("slicing by 8"): table k holds what a byte does to the checksum when k more bytes
 * follow it, so the eight contributions are independent and are only combined. Both tables take 16 KiB.
 */
import { byteAt } from '#memory/bytes.ts';

/** 0xad93d23594c935a9 with its bits in reverse order, in two words. */
const polynomialLow = 0xac4bc9b5;
const polynomialHigh = 0x95ac9329;
const slices = 8;
const entries = 256;

/** Of table k, byte b: entry k * 256 + b. */
const lowTable = new Uint32Array(slices * entries);
const highTable = new Uint32Array(slices * entries);

for (let byte = 0; byte < entries; byte++) {
  let low = byte;
  let high = 0;
  for (let bit = 0; bit < 8; bit++) {
    const carry = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (carry === 1) {
      low ^= polynomialLow;
      high ^= polynomialHigh;
    }
  }
  lowTable[byte] = low;
  highTable[byte] = high;
}
for (let at = entries; at < slices * entries; at++) {
  const low = lowOf(at - entries);
  const high = highOf(at - entries);
  lowTable[at] = lowOf(low & 255) ^ ((low >>> 8) | (high << 24));
  highTable[at] = highOf(low & 255) ^ (high >>> 8);
}

function lowOf(entry: number): number {
  // In range: an entry is a table's number and a byte.
  return lowTable[entry] as number;
}

function highOf(entry: number): number {
  return highTable[entry] as number; // as above
}

/** A checksum of bytes that come in pieces. */
export class Crc64 {
  /** The checksum so far, as two unsigned words. */
  low = 0;
  high = 0;

  reset(): this {
    this.low = 0;
    this.high = 0;
    return this;
  }

  update(bytes: Buffer, at: number, length: number): this {
    const end = at + length;
    let { low, high } = this;
    for (; at + slices <= end; at += slices) {
      const a = low ^ wordOf(bytes, at);
      const b = high ^ wordOf(bytes, at + 4);
      low =
        lowOf(1792 + (a & 255)) ^
        lowOf(1536 + ((a >>> 8) & 255)) ^
        lowOf(1280 + ((a >>> 16) & 255)) ^
        lowOf(1024 + (a >>> 24)) ^
        lowOf(768 + (b & 255)) ^
        lowOf(512 + ((b >>> 8) & 255)) ^
        lowOf(256 + ((b >>> 16) & 255)) ^
        lowOf(b >>> 24);
      high =
        highOf(1792 + (a & 255)) ^
        highOf(1536 + ((a >>> 8) & 255)) ^
        highOf(1280 + ((a >>> 16) & 255)) ^
        highOf(1024 + (a >>> 24)) ^
        highOf(768 + (b & 255)) ^
        highOf(512 + ((b >>> 8) & 255)) ^
        highOf(256 + ((b >>> 16) & 255)) ^
        highOf(b >>> 24);
    }
    for (; at < end; at++) {
      const entry = (low ^ byteAt(bytes, at)) & 255;
      low = lowOf(entry) ^ ((low >>> 8) | (high << 24));
      high = highOf(entry) ^ (high >>> 8);
    }
    this.low = low >>> 0;
    this.high = high >>> 0;
    return this;
  }

  /** Whether the 8 bytes at `at` are this checksum. */
  equals(bytes: Buffer, at: number): boolean {
    return wordOf(bytes, at) >>> 0 === this.low && wordOf(bytes, at + 4) >>> 0 === this.high;
  }
}

/** The 4 bytes at `at` as a word, the lowest first. */
function wordOf(bytes: Buffer, at: number): number {
  return (
    byteAt(bytes, at) |
    (byteAt(bytes, at + 1) << 8) |
    (byteAt(bytes, at + 2) << 16) |
    (byteAt(bytes, at + 3) << 24)
  );
}
