/** The fields and values of a stream's entry, in turn, copied: an entry is written and added whole. */
import { copyBytes, equalBytes } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import type { EntryWords } from '#structures/stream-node.ts';

const bufferBytesMin = 1 << 10;
const keptBytesMax = 1 << 18;
const endsMin = 32;
const keptEndsMax = 1 << 14;

const one = new Slice();
const other = new Slice();

export class WordList implements EntryWords {
  length = 0;
  private bytes: Buffer = Buffer.allocUnsafeSlow(bufferBytesMin);
  /** Where each word ends; the word before the first ends at 0. */
  private ends = new Int32Array(endsMin);

  get fields(): number {
    return this.length >> 1;
  }

  clear(): void {
    this.length = 0;
    if (this.bytes.length > keptBytesMax) this.bytes = Buffer.allocUnsafeSlow(bufferBytesMin);
    if (this.ends.length > keptEndsMax) this.ends = new Int32Array(endsMin);
  }

  add({ bytes, at, length }: Slice): void {
    const start = this.endOf(this.length);
    if (start + length > this.bytes.length) this.grow(start, length);
    copyBytes(this.bytes, start, bytes, at, length);
    this.length++;
    if (this.length === this.ends.length) this.growEnds();
    this.ends[this.length] = start + length;
  }

  into(index: number, slice: Slice): Slice {
    const at = this.endOf(index);
    return slice.point(this.bytes, at, this.endOf(index + 1) - at);
  }

  /** Whether the fields have the same names as those of `list`, in the same order. */
  hasNamesOf(list: WordList): boolean {
    if (list.length !== this.length) return false;
    for (let index = 0; index < this.length; index += 2) {
      this.into(index, one);
      list.into(index, other);
      if (one.length !== other.length) return false;
      if (!equalBytes(one.bytes, one.at, other.bytes, other.at, one.length)) return false;
    }
    return true;
  }

  /** Where the word before the one at `index` ends. */
  private endOf(index: number): number {
    return this.ends[index] as number; // in range: there are as many ends as words, and one more
  }

  private grow(used: number, by: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(used + by, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, used);
    this.bytes = grown;
  }

  private growEnds(): void {
    const grown = new Int32Array(this.ends.length * 2);
    grown.set(this.ends);
    this.ends = grown;
  }
}
