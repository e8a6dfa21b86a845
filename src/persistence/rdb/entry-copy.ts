/** A stream's entry, copied from its walker: which fields it has must be known before any value is written. */
import { copyBytes } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import type { StreamId, StreamWalker } from './values.ts';

const bufferBytesMin = 1 << 10;
const keptBytesMax = 1 << 18;

const one = new Slice();
const other = new Slice();

export class EntryCopy {
  id: StreamId = { ms: 0n, seq: 0n };
  fields = 0;
  private bytes: Buffer = Buffer.allocUnsafeSlow(bufferBytesMin);
  /** Where each text ends: a field's name, its value, the next name and so on. */
  private readonly ends: number[] = [];

  /** Copies the entry that `walker` is at the beginning of. */
  take(walker: StreamWalker): void {
    if (this.bytes.length > keptBytesMax) this.bytes = Buffer.allocUnsafeSlow(bufferBytesMin);
    this.ends.length = 0;
    this.id = walker.id;
    this.fields = walker.fields;
    while (walker.nextField()) {
      this.append(walker.field);
      this.append(walker.value);
    }
  }

  name(index: number, slice: Slice): Slice {
    return this.text(index * 2, slice);
  }

  value(index: number, slice: Slice): Slice {
    return this.text(index * 2 + 1, slice);
  }

  /** Whether the fields have the same names as those of `entry`, in the same order. */
  hasNamesOf(entry: EntryCopy): boolean {
    if (entry.fields !== this.fields) return false;
    for (let i = 0; i < this.fields; i++) {
      const { bytes, at, length } = this.name(i, one);
      entry.name(i, other);
      if (bytes.compare(other.bytes, other.at, other.at + other.length, at, at + length) !== 0) {
        return false;
      }
    }
    return true;
  }

  private text(index: number, slice: Slice): Slice {
    const at = this.ends[index - 1] ?? 0;
    return slice.point(this.bytes, at, (this.ends[index] ?? at) - at);
  }

  private append({ bytes, at, length }: Slice): void {
    const start = this.ends.at(-1) ?? 0;
    if (start + length > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(start + length, this.bytes.length * 2));
      this.bytes.copy(grown, 0, 0, start);
      this.bytes = grown;
    }
    copyBytes(this.bytes, start, bytes, at, length);
    this.ends.push(start + length);
  }
}
