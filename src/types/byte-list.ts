/**
 * A list of byte strings outside the arenas, for the length of a command: copies of what it works on while keys are looked
 * up, which may remove others. One buffer and two numbers a string, kept for the next command unless it grew big.
 */
import { byteAt, copyBytes } from '#memory/bytes.ts';
import type { Slice } from '#memory/slice.ts';

const initialBytes = 4096;
const initialStrings = 256;
/** A buffer that grew beyond this is not kept. */
const keptBytesMax = 1 << 20;
/** Up to this many bytes a comparison is a loop. */
const loopedCompareBytesMax = 32;
const missing = -1;

export class ByteList {
  /** How many there are. */
  length = 0;
  bytes: Buffer = Buffer.allocUnsafeSlow(initialBytes);
  private used = 0;
  /** Pairs: where a string begins, and its length. */
  private places = new Int32Array(initialStrings * 2);

  clear(): void {
    this.length = 0;
    this.used = 0;
    if (this.bytes.length > keptBytesMax) this.bytes = Buffer.allocUnsafeSlow(initialBytes);
    if (this.places.length > keptBytesMax >> 2) this.places = new Int32Array(initialStrings * 2);
  }

  /** Adds a copy of `length` bytes. O(length) amortized. */
  add(bytes: Buffer, at: number, length: number): void {
    const to = this.used;
    if (to + length > this.bytes.length) this.grow(to + length);
    copyBytes(this.bytes, to, bytes, at, length);
    this.used = to + length;
    this.place(to, length);
  }

  /** Points `slice` at the one at `index`, each being a group of just one member. */
  into(index: number, _member: number, slice: Slice): Slice {
    return slice.point(this.bytes, this.startOf(index), this.lengthOf(index));
  }

  /** Adds the absence of a string. */
  addMissing(): void {
    this.place(0, missing);
  }

  // In range: callers count to `length`.

  startOf(index: number): number {
    return this.places[index * 2] as number;
  }

  lengthOf(index: number): number {
    return this.places[index * 2 + 1] as number;
  }

  /** Below, at or above 0, as the string at `a` is less than, the same as or greater than that at `b`; none is the least. */
  compare(a: number, b: number): number {
    const aLength = this.lengthOf(a);
    const bLength = this.lengthOf(b);
    const common = Math.min(aLength, bLength);
    const { bytes } = this;
    const aAt = this.startOf(a);
    const bAt = this.startOf(b);
    const looped = Math.min(common, loopedCompareBytesMax);
    for (let i = 0; i < looped; i++) {
      const difference = byteAt(bytes, aAt + i) - byteAt(bytes, bAt + i);
      if (difference !== 0) return difference;
    }
    if (common <= looped) return aLength - bLength;
    return bytes.compare(bytes, bAt + looped, bAt + bLength, aAt + looped, aAt + aLength);
  }

  private place(at: number, length: number): void {
    const index = this.length * 2;
    if (index === this.places.length) {
      const grown = new Int32Array(index * 2);
      grown.set(this.places);
      this.places = grown;
    }
    this.places[index] = at;
    this.places[index + 1] = length;
    this.length++;
  }

  private grow(length: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(length, this.bytes.length * 2));
    copyBytes(grown, 0, this.bytes, 0, this.used);
    this.bytes = grown;
  }
}
