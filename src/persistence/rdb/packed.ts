/**
 * What Redis's compact encodings (listpack, ziplist, zipmap, intset) have in common for a reader: a run of elements in one
 * string, each a text or an integer, walked from the first to the last.
 *
 * Opening a run checks all of it: sizes, marks, counts. The walk afterwards goes over the same bytes by the same
 * code, so it meets nothing that was not checked. Neither allocates, whatever counts are announced.
 */
import { byteAt } from '#memory/bytes.ts';
import type { Slice } from '#memory/slice.ts';
import { parseInt64 } from '#types/int64.ts';
import { check } from './rdb-error.ts';
import { holdLarge, type TextSlot } from './text-slot.ts';

const nothing = Buffer.alloc(0);

export abstract class PackedRun {
  /** How many elements there are. */
  count = 0;
  protected bytes: Buffer = nothing;
  protected start = 0;
  protected end = 0;
  /** Where the next element begins. */
  protected at = 0;
  /** The current element if it is an integer; else its text is at `textAt`. */
  private integer: number | bigint | undefined = undefined;
  private textAt = 0;
  private textLength = 0;

  /** Stands before the first element of the run in `source`, whose bytes have to stay. Throws RdbError unless all is sound. */
  open(source: Slice): this {
    this.bytes = source.bytes;
    this.start = source.at;
    this.end = source.at + source.length;
    holdLarge(this, source.length);
    this.begin();
    let count = 0;
    while (this.next()) count++;
    this.conclude(count);
    this.count = count;
    this.begin();
    return this;
  }

  release(): void {
    this.bytes = nothing;
  }

  /** Goes to where `other` is in its run, which was opened already. */
  follow(other: this): void {
    this.bytes = other.bytes;
    this.start = other.start;
    this.end = other.end;
    this.at = other.at;
    this.count = other.count;
    holdLarge(this, other.end - other.start);
  }

  /** Goes to the next element; false if there is none. */
  abstract next(): boolean;

  /** Checks the header and goes before the first element. */
  protected abstract begin(): void;

  /** Checks what can be known only once all `count` elements were met. */
  protected abstract conclude(count: number): void;

  /** The current element as text, valid until the slot is used again. */
  textIn(slot: TextSlot): Slice {
    const { integer } = this;
    if (integer !== undefined) return slot.setInteger(integer);
    return slot.slice.point(this.bytes, this.textAt, this.textLength);
  }

  /** The current element, which has to be an integer or the text of one. */
  toInteger(): number | bigint {
    const { integer } = this;
    if (integer !== undefined) return integer;
    const parsed = parseInt64(this.bytes, this.textAt, this.textLength);
    check(parsed !== undefined, 'an element is no integer where one has to be');
    return narrowed(parsed);
  }

  protected setInteger(value: number | bigint): void {
    this.integer = value;
  }

  /** Makes the next `length` bytes the element, and goes behind them. */
  protected takeText(length: number): void {
    this.need(length);
    this.integer = undefined;
    this.textAt = this.at;
    this.textLength = length;
    this.at += length;
  }

  /** Makes an integer of the next `size` bytes the element, the lowest byte first, and goes behind them. */
  protected takeInteger(size: 1 | 2 | 3 | 4 | 8): void {
    this.need(size);
    const { at, bytes } = this;
    this.at += size;
    if (size === 8) this.integer = narrowed(bytes.readBigInt64LE(at));
    else this.integer = bytes.readIntLE(at, size);
  }

  protected takeByte(): number {
    this.need(1);
    return byteAt(this.bytes, this.at++);
  }

  /** Checks that `length` more bytes are there. */
  protected need(length: number): void {
    check(length <= this.end - this.at, 'an element reaches beyond its list');
  }
}

/** As a number, where one holds it. */
function narrowed(value: bigint): number | bigint {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}
