/** The fields and values of a stream's entry, in turn, copied: an entry is written and added whole. */
import { copyBytes } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import type { EntryWords } from '#structures/stream-node.ts';

const bufferBytesMin = 1 << 10;
const keptBytesMax = 1 << 18;

const one = new Slice();
const other = new Slice();

export class WordList implements EntryWords {
  private bytes: Buffer = Buffer.allocUnsafeSlow(bufferBytesMin);
  /** Where each word ends. */
  private readonly ends: number[] = [];

  get length(): number {
    return this.ends.length;
  }

  get fields(): number {
    return this.ends.length >> 1;
  }

  clear(): void {
    this.ends.length = 0;
    if (this.bytes.length > keptBytesMax) this.bytes = Buffer.allocUnsafeSlow(bufferBytesMin);
  }

  add({ bytes, at, length }: Slice): void {
    const start = this.ends.at(-1) ?? 0;
    if (start + length > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(start + length, this.bytes.length * 2));
      this.bytes.copy(grown, 0, 0, start);
      this.bytes = grown;
    }
    copyBytes(this.bytes, start, bytes, at, length);
    this.ends.push(start + length);
  }

  into(index: number, slice: Slice): Slice {
    const at = this.ends[index - 1] ?? 0;
    return slice.point(this.bytes, at, (this.ends[index] ?? at) - at);
  }

  /** Whether the fields have the same names as those of `list`, in the same order. */
  hasNamesOf(list: WordList): boolean {
    if (list.length !== this.length) return false;
    for (let index = 0; index < this.length; index += 2) {
      const { bytes, at, length } = this.into(index, one);
      list.into(index, other);
      if (bytes.compare(other.bytes, other.at, other.at + other.length, at, at + length) !== 0) {
        return false;
      }
    }
    return true;
  }
}
