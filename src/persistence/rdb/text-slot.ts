/**
 * A place that a string is read to. Mostly its bytes are used where they lie in the input; a number is written
 * out, and a compressed string unpacked, into memory that the slot keeps for the next one. So strings that are needed at
 * the same time, a field and its value, are read to slots of their own.
 */
import { Slice } from '#memory/slice.ts';
import { formatInt64, formatInteger, int64LengthMax } from '#types/int64.ts';

/** Slots keep no more memory than this for later: longer texts are let go of. */
const keptBytesMax = 1 << 16;
const keptBytesMin = 64;

/** What has a large text, until nobody reads it any more. */
const large = new Set<{ release(): void }>();

/** Notes that `holder` refers to the memory of a large text. */
export function holdLarge(holder: { release(): void }, bytes: number): void {
  if (bytes > keptBytesMax) large.add(holder);
}

/** Lets go of the large texts that were read, which are no longer valid then. */
export function releaseLarge(): void {
  for (const holder of large) holder.release();
  large.clear();
}

export class TextSlot {
  /** What was read last; valid until the slot or the input is used again. */
  readonly slice = new Slice();
  private kept: Buffer = Buffer.alloc(keptBytesMin);

  /** Memory for a text of `length` bytes, to which the slice points already. */
  reserve(length: number): Buffer {
    let buffer = this.kept;
    if (length > buffer.length) {
      buffer = Buffer.allocUnsafeSlow(length);
      if (length <= keptBytesMax) this.kept = buffer;
      else holdLarge(this, length);
    }
    this.slice.point(buffer, 0, length);
    return buffer;
  }

  release(): void {
    this.slice.point(this.kept, 0, 0);
  }

  /** Makes the text an integer's digits. */
  setInteger(value: number | bigint): Slice {
    const buffer = this.reserve(int64LengthMax);
    this.slice.length =
      typeof value === 'number' ? formatInteger(buffer, 0, value) : formatInt64(buffer, 0, value);
    return this.slice;
  }
}
