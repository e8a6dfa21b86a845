/**
 * A parsed request: where each argument lies in the input, the command's name being argument 0. Owned by the
 * door, filled again for every request; nothing is allocated for an argument until somebody asks for text.
 */
import type { Slice } from '#memory/slice.ts';

const initialArguments = 64;

export class Request {
  bytes: Buffer = Buffer.alloc(0);
  /** How many arguments there are, the name included. */
  count = 0;
  /** Pairs of (at, length), of which the first is the `first`th. */
  private positions: Int32Array;
  private first = 0;
  /** Its own positions, while it has taken over others. */
  private own: Int32Array;

  /** With room for so many arguments at first; more are taken. */
  constructor(argumentsExpected = initialArguments) {
    this.positions = this.own = new Int32Array(argumentsExpected * 2);
  }

  /** Starts over in another input buffer. */
  reset(bytes: Buffer): void {
    this.bytes = bytes;
    this.count = 0;
    this.positions = this.own;
    this.first = 0;
  }

  /** Becomes a request whose arguments somebody else has found in `bytes`, and keeps where they are. */
  adopt(bytes: Buffer, positions: Int32Array<ArrayBuffer>, first: number, count: number): void {
    // As in Slice.point.
    if (this.bytes !== bytes) this.bytes = bytes;
    if (this.positions !== positions) this.positions = positions;
    this.first = first;
    this.count = count;
  }

  push(at: number, length: number): void {
    const index = this.count * 2;
    if (index === this.positions.length) this.grow();
    this.positions[index] = at;
    this.positions[index + 1] = length;
    this.count++;
  }

  /** The same, in memory of its own. */
  copy(): Request {
    // No larger than needed: small arrays lie in the heap, others cost an allocation outside of it.
    const copy = new Request(this.count);
    const last = this.count - 1;
    const start = this.at(0);
    const end = this.at(last) + this.length(last);
    copy.reset(Buffer.from(this.bytes.subarray(start, end)));
    for (let i = 0; i < this.count; i++) copy.push(this.at(i) - start, this.length(i));
    return copy;
  }

  /** Moves every argument by `by` bytes, because the input was moved. */
  shift(bytes: Buffer, by: number): void {
    this.bytes = bytes;
    if (by === 0) return;
    for (let i = 0; i < this.count; i++) this.positions[(this.first + i) * 2] = this.at(i) + by;
  }

  // Callers stay below `count`, which the index type cannot express.

  at(index: number): number {
    return this.positions[(this.first + index) * 2] as number;
  }

  length(index: number): number {
    return this.positions[(this.first + index) * 2 + 1] as number;
  }

  /** Points `slice` at an argument. */
  into(index: number, slice: Slice): Slice {
    return slice.point(this.bytes, this.at(index), this.length(index));
  }

  /** An argument in place. Allocates the view. */
  view(index: number): Buffer {
    return this.bytes.subarray(this.at(index), this.at(index) + this.length(index));
  }

  /** An argument as one character a byte. Allocates. */
  latin1(index: number): string {
    return this.bytes.toString('latin1', this.at(index), this.at(index) + this.length(index));
  }

  /** An argument as UTF-8 text. Allocates. */
  utf8(index: number): string {
    return this.bytes.toString('utf8', this.at(index), this.at(index) + this.length(index));
  }

  private grow(): void {
    const grown = new Int32Array(this.positions.length * 2);
    grown.set(this.positions);
    this.positions = this.own = grown;
  }
}
