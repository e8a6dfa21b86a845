/**
 * Takes a log apart into commands: RESP arrays of bulk strings, strictly as they are written, and lines that begin with
 * `#`, which are annotations (`#TS:1700000000`) and no commands. Bytes are fed in pieces of any size.
 */
import { byteAt, copyBytes } from '#memory/bytes.ts';

/** Takes the words of a command, as positions in a buffer. */
export interface WordPositions {
  reset(bytes: Buffer): void;
  push(at: number, length: number): void;
}

const windowBytes = 256 * 1024;
/** As in Redis: no command has more words, no word more bytes. */
const wordsMax = 1024 * 1024;
const wordBytesMax = 0x3fffffff;
/** A number has no more digits, an annotation no more bytes. */
const digitsMax = 16;
const lineBytesMax = 1024;

const asterisk = 0x2a;
const dollar = 0x24;
const hash = 0x23;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const digitZero = 0x30;

/** No number is complete yet, or there can be none. */
const incomplete = -1;
const malformed = -2;

export class CommandReader {
  /** Where in the file the command after the last complete one begins. */
  offset: number;
  private bytes = Buffer.allocUnsafeSlow(windowBytes);
  private at = 0;
  private end = 0;
  private next = 0;

  /** Reads from `offset` of a file on. */
  constructor(offset: number) {
    this.offset = offset;
  }

  /** Bytes that belong to no complete command. */
  get left(): number {
    return this.end - this.at;
  }

  /** Adds bytes; what {@link read} has found is no longer valid. */
  feed(bytes: Buffer, length: number): void {
    const { left } = this;
    if (left + length > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, left + length));
      copyBytes(grown, 0, this.bytes, this.at, left);
      this.bytes = grown;
    } else this.bytes.copyWithin(0, this.at, this.end);
    copyBytes(this.bytes, left, bytes, 0, length);
    this.at = 0;
    this.end = left + length;
  }

  /** Finds the next command's words. `error`: what is at `offset` is none. */
  read(into: WordPositions): 'command' | 'more' | 'error' {
    while (this.at < this.end && byteAt(this.bytes, this.at) === hash) {
      const { bytes, at, end } = this;
      const length = bytes.subarray(at, Math.min(end, at + lineBytesMax)).indexOf(lineFeed);
      if (length < 0) return end - at >= lineBytesMax ? 'error' : 'more';
      this.pass(at + length + 1);
    }
    this.next = this.at;
    into.reset(this.bytes);
    const words = this.number(asterisk);
    if (words < 1 || words > wordsMax) return words === incomplete ? 'more' : 'error';
    for (let word = 0; word < words; word++) {
      const length = this.number(dollar);
      if (length < 0 || length > wordBytesMax) return length === incomplete ? 'more' : 'error';
      const lineEnd = this.next + length;
      if (!this.isLineEnd(lineEnd)) return this.end < lineEnd + 2 ? 'more' : 'error';
      into.push(this.next, length);
      this.next = lineEnd + 2;
    }
    this.pass(this.next);
    return 'command';
  }

  private pass(to: number): void {
    this.offset += to - this.at;
    this.at = to;
  }

  private isLineEnd(at: number): boolean {
    const { bytes } = this;
    return (
      at + 2 <= this.end &&
      byteAt(bytes, at) === carriageReturn &&
      byteAt(bytes, at + 1) === lineFeed
    );
  }

  /** Reads `type`, digits and a line end. */
  private number(type: number): number {
    const { bytes, end } = this;
    let at = this.next;
    if (at >= end) return incomplete;
    if (byteAt(bytes, at++) !== type) return malformed;
    const first = at;
    let value = 0;
    while (at < end && byteAt(bytes, at) !== carriageReturn) {
      const digit = byteAt(bytes, at++) - digitZero;
      if (digit < 0 || digit > 9 || at - first > digitsMax) return malformed;
      value = value * 10 + digit;
    }
    if (at + 1 >= end) return incomplete;
    if (at === first || !this.isLineEnd(at)) return malformed;
    this.next = at + 2;
    return value;
  }
}
