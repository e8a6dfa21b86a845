/**
 * Requests out of bytes: RESP arrays of bulk strings, and inline commands for people with a terminal.
 *
 * The parser reads in place. It may be stopped by the end of input at any byte and goes on from there when
 * there is more: what it knows of an unfinished request (how many arguments are left, how long the next one is)
 * stays with it, so no byte is looked at twice but those of an unfinished number or inline line.
 * Limits are checked before anything is stored. Texts of errors are Redis's (networking.c).
 */

import type { Request } from '#commands/request.ts';
import { byteAt, viewOf } from '#memory/bytes.ts';
import { splitInline } from './inline.ts';

/** The longest line: a length, or an inline command. Redis's PROTO_INLINE_MAX_SIZE. */
export const lineBytesMax = 64 * 1024;
const argumentsMax = 0x7fffffff;
/** What somebody who has not authenticated may send. */
const strangerArgumentsMax = 10;
const strangerBulkBytesMax = 16384;

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const asterisk = 0x2a;
const dollar = 0x24;
const minus = 0x2d;
const digitZero = 0x30;

// A length of one or two digits and its line end, as one little-endian word each: `?d\r\n` and `?dd\r`.
const oneDigitMask = 0xffff0000 | 0;
const oneDigitLine = 0x0a0d0000;
const twoDigitsMask = 0xff000000 | 0;
const twoDigitsLine = 0x0d000000;
const crLf = 0x0a0d;

/** A number was malformed. */
const malformed = -2;
/** The line is not complete yet. */
const incomplete = -3;

export type ParseResult = 'request' | 'more' | 'error';

export class RespParser {
  readonly request: Request;
  /** Redis's proto-max-bulk-len. */
  bulkBytesMax = 512 * 1024 * 1024;
  /** Whether the limits for strangers apply. */
  isStranger = false;
  /** What is wrong, after `error`. */
  problem = '';
  /** Where the next byte to look at is. */
  next = 0;
  /** Where the request being parsed begins: what lies before is not needed any more. */
  start = 0;
  private bytes: Buffer = Buffer.alloc(0);
  private view = viewOf(this.bytes);
  private end = 0;
  private argumentsLeft = 0;
  private bulkLength = -1;

  constructor(request: Request) {
    this.request = request;
  }

  /** Bytes, counted from `start`, that the request under way needs at least to go on. */
  get needed(): number {
    const atLeast = this.next - this.start + 1;
    return this.bulkLength < 0 ? atLeast : atLeast + this.bulkLength + 1;
  }

  /** Gives bytes `[at, end)` to parse next. `at` is where `start` is now. */
  feed(bytes: Buffer, at: number, end: number): void {
    const moved = at - this.start;
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.end = end;
    this.start = at;
    this.next += moved;
    this.request.shift(bytes, moved);
  }

  /** Forgets any unfinished request and expects a new one at offset 0. */
  reset(): void {
    this.start = 0;
    this.next = 0;
    this.argumentsLeft = 0;
    this.bulkLength = -1;
    this.request.count = 0;
  }

  /** Parses one request. After `request` it is complete until the next call; after `more`, feed. */
  parse(): ParseResult {
    if (this.argumentsLeft === 0) {
      const result = this.begin();
      if (result !== 'request' || this.argumentsLeft === 0) return result;
    }
    const { request, view, end } = this;
    while (this.argumentsLeft > 0) {
      if (this.bulkLength < 0) {
        const result = this.parseBulkLength();
        if (result !== 'request') return result;
      }
      const at = this.next;
      const after = at + this.bulkLength + 2;
      if (after > end) return 'more';
      if (view.getUint16(after - 2, true) !== crLf) {
        return this.fail('Protocol error: a bulk string does not end where its length says');
      }
      request.push(at, this.bulkLength);
      this.next = after;
      this.bulkLength = -1;
      this.argumentsLeft--;
    }
    return 'request';
  }

  /** Reads what a request begins with; empty ones are skipped. */
  private begin(): ParseResult {
    for (;;) {
      this.start = this.next;
      this.request.reset(this.bytes);
      if (this.next >= this.end) return 'more';
      if (byteAt(this.bytes, this.next) !== asterisk) {
        const result = this.parseInline();
        if (result !== 'request' || this.request.count > 0) return result;
        continue;
      }
      const at = this.next;
      this.next++;
      const count = this.parseLength();
      if (count === incomplete) {
        this.next = at;
        return this.lineTooLong(at)
          ? this.fail('Protocol error: too big mbulk count string')
          : 'more';
      }
      if (count === malformed || count > argumentsMax) {
        return this.fail('Protocol error: invalid multibulk length');
      }
      if (this.isStranger && count > strangerArgumentsMax) {
        return this.fail('Protocol error: unauthenticated multibulk length');
      }
      if (count <= 0) continue;
      this.argumentsLeft = count;
      return 'request';
    }
  }

  private parseBulkLength(): ParseResult {
    const at = this.next;
    if (at >= this.end) return 'more';
    const first = byteAt(this.bytes, at);
    if (first !== dollar) {
      return this.fail(`Protocol error: expected '$', got '${printable(first)}'`);
    }
    this.next++;
    const length = this.parseLength();
    if (length === incomplete) {
      this.next = at;
      return this.lineTooLong(at) ? this.fail('Protocol error: too big bulk count string') : 'more';
    }
    if (length < 0 || length > this.bulkBytesMax) {
      return this.fail('Protocol error: invalid bulk length');
    }
    if (this.isStranger && length > strangerBulkBytesMax) {
      return this.fail('Protocol error: unauthenticated bulk length');
    }
    this.bulkLength = length;
    return 'request';
  }

  /** Reads a number and its line end from `next` on; -1 stands for any negative one. */
  private parseLength(): number {
    const { next } = this;
    if (next + 4 <= this.end) {
      // With the type byte before it, a short line is one word and a half.
      const line = this.view.getInt32(next - 1, true);
      const first = ((line >>> 8) & 0xff) - digitZero;
      if (first >= 0 && first <= 9) {
        if ((line & oneDigitMask) === oneDigitLine) {
          this.next = next + 3;
          return first;
        }
        const second = ((line >>> 16) & 0xff) - digitZero;
        if (
          (line & twoDigitsMask) === twoDigitsLine &&
          second >= 0 &&
          second <= 9 &&
          byteAt(this.bytes, next + 3) === lineFeed
        ) {
          this.next = next + 4;
          return first * 10 + second;
        }
      }
    }
    return this.parseLongLength();
  }

  private parseLongLength(): number {
    const { bytes, end } = this;
    let at = this.next;
    let value = 0;
    let isNegative = false;
    if (at < end && byteAt(bytes, at) === minus) {
      isNegative = true;
      at++;
    }
    const digitsAt = at;
    while (at < end) {
      const digit = byteAt(bytes, at) - digitZero;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at++;
    }
    if (at + 1 >= end)
      return at < end && byteAt(bytes, at) !== carriageReturn ? malformed : incomplete;
    if (byteAt(bytes, at) !== carriageReturn || byteAt(bytes, at + 1) !== lineFeed)
      return malformed;
    if (at === digitsAt || value > Number.MAX_SAFE_INTEGER) return malformed;
    this.next = at + 2;
    return isNegative ? -1 : value;
  }

  private parseInline(): ParseResult {
    const { bytes, end, next } = this;
    const newline = bytes.subarray(next, end).indexOf(lineFeed);
    if (newline < 0) {
      return this.lineTooLong(next) ? this.fail('Protocol error: too big inline request') : 'more';
    }
    const at = next + newline;
    const lineEnd = newline > 0 && byteAt(bytes, at - 1) === carriageReturn ? at - 1 : at;
    this.next = at + 1;
    if (!splitInline(bytes, next, lineEnd, this.request)) {
      return this.fail('Protocol error: unbalanced quotes in request');
    }
    return 'request';
  }

  private lineTooLong(at: number): boolean {
    return this.end - at > lineBytesMax;
  }

  private fail(problem: string): ParseResult {
    this.problem = problem;
    return 'error';
  }
}

function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?';
}
