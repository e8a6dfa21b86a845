/**
 * One growing block of memory that the garbage collector never looks into.
 *
 * Backed by a shared WebAssembly memory: it grows in place, untouched pages cost nothing, and its views are
 * as fast as those of a plain buffer (a resizable ArrayBuffer's are 5 to 40 times slower). It holds at most
 * 2 GiB, so that every offset is an int32, where the JIT is fastest; more memory is more arenas.
 *
 * Growing replaces `bytes` and `words`: views taken before an allocation do not cover what it returned.
 * So never keep a view across `allocate`; read the field again.
 *
 * The first bytes belong to the arena and its allocator (allocator.ts draws them). Offset 0 is never handed
 * out and stands for "nothing".
 */
import { assert } from './assert.ts';
import { copyShort, isShort, viewOf } from './bytes.ts';
import { createMove, type Move } from './move.ts';

declare const refBrand: unique symbol;

/** The offset of an allocated block's payload in its arena; a multiple of 4. */
export type Ref = number & { readonly [refBrand]: true };

/** No block. */
// The one place where a bare number becomes a reference to nothing.
export const nullRef = 0 as Ref;

/** The most an arena can hold. */
export const arenaBytesMax = 0x7fff0000;

const pageBytes = 65536;
const growthBytesMin = 1 << 20;

/** No room left: the arena is at its limit, or the system refused more memory. */
export class ArenaFullError extends Error {
  override readonly name = 'ArenaFullError';
}

export class Arena {
  /** Everything, bytewise. */
  bytes: Buffer;
  /** Everything, in 32-bit words: the word at byte offset `at` is `words[at >> 2]`. */
  words: Int32Array;
  /** Moves bytes within the arena; several times faster than `copyWithin` (move.ts). */
  readonly move: Move;
  /** Everything, in words at any offset. */
  view: DataView;
  private readonly memory: WebAssembly.Memory;

  constructor(bytesMax: number = arenaBytesMax) {
    const pagesMax = Math.ceil(Math.min(bytesMax, arenaBytesMax) / pageBytes);
    this.memory = new WebAssembly.Memory({ initial: 1, maximum: pagesMax, shared: true });
    this.bytes = Buffer.from(this.memory.buffer);
    this.words = new Int32Array(this.memory.buffer);
    this.view = new DataView(this.memory.buffer);
    this.move = createMove(this.memory);
  }

  /** Bytes addressable now. */
  get length(): number {
    return this.bytes.length;
  }

  /** Makes offsets below `length` addressable. Throws {@link ArenaFullError}. O(1): pages come when touched. */
  reach(length: number): void {
    if (length <= this.bytes.length) return;
    const wanted = Math.max(length, this.bytes.length + growthBytesMin, this.bytes.length * 1.125);
    if (!this.growTo(wanted) && !this.growTo(length)) {
      throw new ArenaFullError(`cannot grow an arena from ${this.bytes.length} to ${length} bytes`);
    }
  }

  private growTo(length: number): boolean {
    const pages = Math.ceil((length - this.bytes.length) / pageBytes);
    try {
      this.memory.grow(pages);
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
    this.bytes = Buffer.from(this.memory.buffer);
    this.words = new Int32Array(this.memory.buffer);
    this.view = new DataView(this.memory.buffer);
    assert(this.bytes.length >= length, 'arena: grown memory is visible');
    return true;
  }

  /** Copies bytes from outside the arena to offset `at`. */
  put(at: number, from: Buffer, fromAt: number, length: number): void {
    if (isShort(length)) copyShort(this.view, at, viewOf(from), fromAt, length);
    else from.copy(this.bytes, at, fromAt, fromAt + length);
  }

  // The readers below are in range by the allocator's contract, which the index type cannot express.

  /** The signed 32-bit word at byte offset `at`, a multiple of 4. */
  word(at: number): number {
    return this.words[at >> 2] as number;
  }

  setWord(at: number, value: number): void {
    this.words[at >> 2] = value;
  }

  /** The reference stored at byte offset `at`. */
  ref(at: number): Ref {
    return this.words[at >> 2] as Ref;
  }

  byte(at: number): number {
    return this.bytes[at] as number;
  }

  setByte(at: number, value: number): void {
    this.bytes[at] = value;
  }

  /** The unsigned 16-bit number at byte offset `at`, little-endian. */
  half(at: number): number {
    return (this.bytes[at] as number) | ((this.bytes[at + 1] as number) << 8);
  }

  setHalf(at: number, value: number): void {
    this.bytes[at] = value & 0xff;
    this.bytes[at + 1] = value >>> 8;
  }

  /** A non-negative integer below 2^53 in two words, low word first. */
  wide(at: number): number {
    return (
      ((this.words[at >> 2] as number) >>> 0) + (this.words[(at >> 2) + 1] as number) * 2 ** 32
    );
  }

  setWide(at: number, value: number): void {
    const high = Math.floor(value / 2 ** 32);
    this.words[at >> 2] = value - high * 2 ** 32;
    this.words[(at >> 2) + 1] = high;
  }
}

/** The arena of views that are yet to be pointed somewhere. */
export const nowhere = new Arena(1);
