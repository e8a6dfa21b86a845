/**
 * Requests out of bytes: RESP arrays of bulk strings, and inline commands for people with a terminal.
 *
 * The parser reads in place. It may be stopped by the end of input at any byte and goes on from there when
 * there is more: what it knows of an unfinished request (how many arguments are left, how long the next one is)
 * stays with it, so no byte is looked at twice but those of an unfinished number or inline line.
 * Limits are checked before anything is stored. Texts of errors are Redis's (networking.c), and so is its leniency:
 * the byte after the carriage return of a length, and the two after a bulk string, may be any.
 */

import type { Request } from '#commands/request.ts';
import type { Database } from '#keyspace/database.ts';
import { byteAt, viewOf } from '#memory/bytes.ts';
import { parseInt64 } from '#types/int64.ts';
import type { ParseResult, RequestParser } from '../wire.ts';
import { splitInline } from './inline.ts';
import type { Lookahead } from './lookahead.ts';

/** The longest line: a length, or an inline command. Redis's PROTO_INLINE_MAX_SIZE. */
export const lineBytesMax = 64 * 1024;
export const argumentsMax = 0x7fffffff;
/** What somebody who has not authenticated may send. */
export const strangerArgumentsMax = 10;
export const strangerBulkBytesMax = 16384;

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const asterisk = 0x2a;
const dollar = 0x24;
const digitZero = 0x30;
/** What a client is told that {@link isTlsHandshake}. */
export const tlsProblem = 'Protocol error: TLS on a port without TLS';
const tlsHandshake = 0x16;
const tlsMajorVersion = 0x03;

// A length of one or two digits and its line end, as one little-endian word each: `?d\r\n` and `?dd\r`.
const oneDigitMask = 0xffff0000 | 0;
const oneDigitLine = 0x0a0d0000;
const twoDigitsMask = 0xff000000 | 0;
const twoDigitsLine = 0x0d000000;

/** A number was malformed. */
const malformed = -2;
/** The line is not complete yet. */
const incomplete = -3;
/** The line is longer than a line may be. */
const tooLong = -4;

export class RespParser implements RequestParser {
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

  /** Goes back to the beginning of the request parsed last, to parse it again. */
  rewind(): void {
    this.next = this.start;
    this.argumentsLeft = 0;
    this.bulkLength = -1;
    this.request.count = 0;
  }

  /** Whether bytes are left after the request that was parsed last. */
  get hasMore(): boolean {
    return this.next < this.end;
  }

  /** Has the requests after the one parsed last looked at, before they are parsed or taken. */
  lookAhead(lookahead: Lookahead, database: Database | undefined): void {
    lookahead.look(this.bytes, this.next, this.end, database);
  }

  /** Like {@link parse}, of a request that was looked at. */
  take(lookahead: Lookahead): ParseResult {
    this.start = this.next;
    this.next = lookahead.take(this.request, this.bytes);
    return 'request';
  }

  /** Parses one request. After `request` it is complete until the next call; after `more`, feed. */
  parse(): ParseResult {
    if (this.argumentsLeft === 0) {
      const result = this.begin();
      if (result !== 'request' || this.argumentsLeft === 0) return result;
    }
    const { request, end } = this;
    while (this.argumentsLeft > 0) {
      if (this.bulkLength < 0) {
        const result = this.parseBulkLength();
        if (result !== 'request') return result;
      }
      const at = this.next;
      const after = at + this.bulkLength + 2;
      if (after > end) return 'more';
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
        if (isTlsHandshake(this.bytes, this.next, this.end)) return this.fail(tlsProblem);
        const result = this.parseInline();
        if (result !== 'request' || this.request.count > 0) return result;
        continue;
      }
      const at = this.next;
      this.next++;
      const count = this.parseLength();
      if (count === incomplete || count === tooLong) {
        this.next = at;
        if (count === incomplete) return 'more';
        return this.fail('Protocol error: too big mbulk count string');
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
    this.next++;
    const length = first === dollar ? this.parseLength() : this.parseOddLength(at);
    if (length === incomplete || length === tooLong) {
      this.next = at;
      if (length === incomplete) return 'more';
      return this.fail('Protocol error: too big bulk count string');
    }
    if (first !== dollar) return this.fail(expectedDollar(first));
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
          first > 0 &&
          (line & twoDigitsMask) === twoDigitsLine &&
          first > 0 &&
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
    const { bytes, end, next } = this;
    let at = next;
    let value = 0;
    while (at < end) {
      const digit = byteAt(bytes, at) - digitZero;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at++;
    }
    const digits = at - next;
    const isPlain = digits === 1 || (digits > 1 && byteAt(bytes, next) !== digitZero);
    if (at + 1 >= end || !isPlain || digits > 15 || byteAt(bytes, at) !== carriageReturn) {
      return this.parseOddLength(next);
    }
    this.next = at + 2;
    return value;
  }

  /** The same where the line from `at` on is not complete, or no plain number. */
  private parseOddLength(at: number): number {
    const { bytes, end } = this;
    const line = bytes.subarray(at, Math.min(end, at + lineBytesMax));
    const length = line.indexOf(carriageReturn);
    if (length < 0) return line.length === lineBytesMax ? tooLong : incomplete;
    if (at + length + 1 >= end) return incomplete;
    const value = parseInt64(bytes, at, length);
    if (value === undefined) return malformed;
    this.next = at + length + 2;
    return value < 0n ? -1 : Number(value);
  }

  private parseInline(): ParseResult {
    const { bytes, end, next } = this;
    const line = bytes.subarray(next, Math.min(end, next + lineBytesMax));
    const newline = line.indexOf(lineFeed);
    if (newline < 0) {
      if (line.length < lineBytesMax) return 'more';
      return this.fail('Protocol error: too big inline request');
    }
    const at = next + newline;
    const lineEnd = newline > 0 && byteAt(bytes, at - 1) === carriageReturn ? at - 1 : at;
    this.next = at + 1;
    if (!splitInline(bytes, next, lineEnd, this.request)) {
      return this.fail('Protocol error: unbalanced quotes in request');
    }
    return 'request';
  }

  private fail(problem: string): ParseResult {
    this.problem = problem;
    return 'error';
  }
}

/** Whether these are the first bytes of a TLS client. It would wait for an answer longer than for the end of a line. */
export function isTlsHandshake(bytes: Buffer, at: number, end: number): boolean {
  if (byteAt(bytes, at) !== tlsHandshake || at + 1 >= end) return false;
  return byteAt(bytes, at + 1) === tlsMajorVersion;
}

/** As Redis's printf puts it, which ends at a NUL. */
function expectedDollar(byte: number): string {
  const text = "Protocol error: expected '$', got '";
  return byte === 0 ? text : `${text}${String.fromCharCode(byte)}'`;
}
