/**
 * Requests of the line protocol: a line of words, and where the line says so values behind it, each as long as was said
 * and with a line end of its own. Only two verbs have values, `set` and `call`; any other line is a command in its words.
 *
 * The parser reads in place, like RESP's, and may be stopped by the end of input at any byte. What cannot be done is
 * refused, and what belongs to it is skipped as it comes, without being kept: the connection stays usable. There is no
 * quoting: what has spaces or line ends in it goes as a value.
 */
import type { Request } from '#commands/request.ts';
import { byteAt } from '#memory/bytes.ts';
import { parseInteger } from '#types/int64.ts';
import {
  argumentsMax,
  isTlsHandshake,
  lineBytesMax,
  strangerArgumentsMax,
  strangerBulkBytesMax,
  tlsProblem,
} from '../resp/parser.ts';
import type { ParseResult, RequestParser } from '../wire.ts';
import { ExpiringSet } from './expiring-set.ts';

const setUsage =
  'write: set <key> <seconds to live, or 0> <length>, and the value as the next line';
const callUsage = 'write: call <count>, and as lines each argument behind a line with its length';
const badLength = 'the length of a value is to be a number of bytes';
const wrongLength = 'the value does not end where its length says';
const tooLong = 'the value is longer than proto-max-bulk-len';
const tooLongForStrangers = 'the value is longer than may be sent without authentication';
const tooManyForStrangers = 'the arguments are more than may be sent without authentication';
const lineTooLong = 'the line is too long';

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const zero = 0x30;
/** In a letter, the difference between the cases. */
const caseBit = 0x20;

/** `on`: there may be more to parse. */
type Step = ParseResult | 'on';

export class LineParser implements RequestParser {
  readonly request: Request;
  bulkBytesMax = 512 * 1024 * 1024;
  isStranger = false;
  problem = '';
  start = 0;
  /** Whether the last command's line ended in CRLF: its reply's lines do the same. */
  endsInCrLf = false;
  readonly hasMore = false;
  private next = 0;
  private bytes: Buffer = Buffer.alloc(0);
  private end = 0;
  /** Bytes from `next` on that have no line end. */
  private searched = 0;
  /** Values that the command still lacks. */
  private valuesLeft = 0;
  /** The length of the value to come, -1 while that is to be read. */
  private valueLength = -1;
  private isSet = false;
  /** The values of this command are not kept. */
  private isDiscarding = false;
  /** So many bytes are to be skipped, and then the rest of the line. */
  private skipLeft = 0;
  private skipsLine = false;
  private readonly expiringSet = new ExpiringSet();

  constructor(request: Request) {
    this.request = request;
  }

  get needed(): number {
    const atLeast = this.next - this.start + 1;
    return this.valueLength < 0 ? atLeast : atLeast + this.valueLength;
  }

  feed(bytes: Buffer, at: number, end: number): void {
    const moved = at - this.start;
    this.bytes = bytes;
    this.end = end;
    this.start = at;
    this.next += moved;
    this.request.shift(bytes, moved);
  }

  rewind(): void {
    this.next = this.start;
    this.searched = 0;
    this.valuesLeft = 0;
    this.valueLength = -1;
    this.request.count = 0;
  }

  parse(): ParseResult {
    for (;;) {
      if (this.skipsLine && !this.skip()) return 'more';
      const step = this.valuesLeft === 0 ? this.parseLine() : this.parseValue();
      if (step !== 'on') return step;
    }
  }

  // There is never more to look ahead at: what is gained there is gained in pipelines.
  lookAhead(): void {}

  take(): ParseResult {
    return this.parse();
  }

  private parseLine(): Step {
    const { bytes, next: at, request } = this;
    this.start = at;
    this.isDiscarding = false;
    request.reset(bytes);
    if (at < this.end && isTlsHandshake(bytes, at, this.end)) {
      this.problem = tlsProblem;
      return 'error';
    }
    const lineEnd = this.findLineEnd();
    if (lineEnd === 'more') return 'more';
    if (lineEnd === 'too long') return this.skipRest(0, lineTooLong);
    this.endsInCrLf = lineEnd > at && byteAt(bytes, lineEnd - 1) === carriageReturn;
    this.split(at, this.endsInCrLf ? lineEnd - 1 : lineEnd);
    this.advanceTo(lineEnd + 1);
    if (request.count === 0) return 'on';
    this.isSet = this.isVerb('set');
    if (this.isSet) return this.beginSet();
    return this.isVerb('call') ? this.beginCall() : 'request';
  }

  /** Makes the words of `[at, end)` the request's arguments. */
  private split(at: number, end: number): void {
    const { bytes, request } = this;
    let wordAt = at;
    for (let i = at; i < end; i++) {
      const byte = byteAt(bytes, i);
      if (byte !== space && byte !== tab) continue;
      if (i > wordAt) request.push(wordAt, i - wordAt);
      wordAt = i + 1;
    }
    if (end > wordAt) request.push(wordAt, end - wordAt);
  }

  private isVerb(verb: string): boolean {
    const { request, bytes } = this;
    if (request.length(0) !== verb.length) return false;
    const at = request.at(0);
    for (let i = 0; i < verb.length; i++) {
      if ((byteAt(bytes, at + i) | caseBit) !== verb.charCodeAt(i)) return false;
    }
    return true;
  }

  private beginSet(): Step {
    const { request } = this;
    if (request.count !== 4) return this.refuse(setUsage);
    const length = parseInteger(this.bytes, request.at(3), request.length(3));
    return this.beginValue(length, 1);
  }

  private beginCall(): Step {
    const { request } = this;
    const count =
      request.count === 2 ? parseInteger(this.bytes, request.at(1), request.length(1)) : Number.NaN;
    if (!(count >= 1 && count <= argumentsMax)) return this.refuse(callUsage);
    request.count = 0;
    this.valuesLeft = count;
    if (!this.isStranger || count <= strangerArgumentsMax) return 'on';
    this.isDiscarding = true;
    return this.refuse(tooManyForStrangers);
  }

  /** Goes on with a value of that length, the first of the `left` that are left. */
  private beginValue(length: number, left: number): Step {
    this.valuesLeft = 0;
    if (!(length >= 0)) return this.refuse(badLength);
    this.valuesLeft = left;
    if (this.isDiscarding) return this.skipValue(length);
    if (length > this.bulkBytesMax) return this.refuseValue(length, tooLong);
    if (this.isStranger && length > strangerBulkBytesMax) {
      return this.refuseValue(length, tooLongForStrangers);
    }
    this.valueLength = length;
    return 'on';
  }

  private parseValue(): Step {
    if (this.valueLength < 0) {
      const { bytes, next: at } = this;
      if (this.isDiscarding) this.start = at;
      const lineEnd = this.findLineEnd();
      if (lineEnd === 'more') return 'more';
      if (lineEnd === 'too long') return this.abandon(at, lineTooLong);
      const hasReturn = lineEnd > at && byteAt(bytes, lineEnd - 1) === carriageReturn;
      const length = parseInteger(bytes, at, lineEnd - at - (hasReturn ? 1 : 0));
      this.advanceTo(lineEnd + 1);
      const step = this.beginValue(length, this.valuesLeft);
      if (step !== 'on' || this.valueLength < 0) return step;
    }
    return this.takeValue();
  }

  /** Takes a value whose length is known, and the line end behind it. */
  private takeValue(): Step {
    const { bytes, next: at, end, valueLength: length } = this;
    const after = at + length;
    if (after >= end) return 'more';
    let last = after;
    if (byteAt(bytes, after) === carriageReturn) last++;
    if (last >= end) return 'more';
    if (byteAt(bytes, last) !== lineFeed) return this.abandon(after, wrongLength);
    this.advanceTo(last + 1);
    this.valueLength = -1;
    this.valuesLeft--;
    if (this.isSet) this.finishSet(at, length);
    else this.request.push(at, length);
    return this.valuesLeft === 0 ? 'request' : 'on';
  }

  private finishSet(at: number, length: number): void {
    const { request, bytes } = this;
    if (request.length(2) === 1 && byteAt(bytes, request.at(2)) === zero) {
      request.count = 2;
      request.push(at, length);
    } else this.expiringSet.assemble(request, at, length);
  }

  /** Where the line from `next` on ends. */
  private findLineEnd(): number | 'more' | 'too long' {
    const { bytes, end, next } = this;
    const limit = Math.min(end, next + lineBytesMax + 1);
    for (let at = next + this.searched; at < limit; at++) {
      if (byteAt(bytes, at) === lineFeed) return at;
    }
    this.searched = limit - next;
    return this.searched > lineBytesMax ? 'too long' : 'more';
  }

  private advanceTo(next: number): void {
    this.next = next;
    this.searched = 0;
  }

  private refuse(problem: string): ParseResult {
    this.problem = problem;
    return 'refused';
  }

  /** Refuses a command for its value, and skips that and those that follow. */
  private refuseValue(length: number, problem: string): ParseResult {
    this.isDiscarding = true;
    this.skipValue(length);
    return this.refuse(problem);
  }

  private skipValue(length: number): Step {
    this.valuesLeft--;
    this.valueLength = -1;
    this.skipLeft = length;
    this.skipsLine = true;
    return 'on';
  }

  /** Gives a command up whose values cannot be told apart any more, and goes on behind the line that `at` is in. */
  private abandon(at: number, problem: string): ParseResult {
    this.valuesLeft = 0;
    this.valueLength = -1;
    this.advanceTo(at);
    return this.skipRest(0, problem);
  }

  private skipRest(bytes: number, problem: string): ParseResult {
    this.skipLeft = bytes;
    this.skipsLine = true;
    return this.refuse(problem);
  }

  /** Skips what is to be skipped, as far as it has come. Returns whether that was all. */
  private skip(): boolean {
    const { bytes, end } = this;
    const skipped = Math.min(this.skipLeft, end - this.next);
    this.skipLeft -= skipped;
    let at = this.next + skipped;
    if (this.skipLeft === 0) {
      while (at < end && byteAt(bytes, at) !== lineFeed) at++;
      this.skipsLine = at === end;
      if (!this.skipsLine) at++;
    }
    this.advanceTo(at);
    this.start = at;
    return !this.skipsLine;
  }
}
