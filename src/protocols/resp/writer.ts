/**
 * Replies as RESP2 or RESP3, written into an {@link Output}. What RESP2 cannot say is said as Redis says it there:
 * maps and sets as arrays, doubles as strings, booleans as 0 and 1, verbatim text as a string.
 */
import type { ErrorReply } from '#commands/errors.ts';
import type { Arena } from '#memory/arena.ts';
import { formatDouble } from '#types/double.ts';
import { formatInteger, int64LengthMax, integerLength } from '#types/int64.ts';
import type { ReplyWriter } from '../wire.ts';
import type { Output } from './output.ts';

export type ProtocolVersion = 2 | 3;

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const zero = 0x30;
/** A type byte, a number and a line end. */
const headBytesMax = int64LengthMax + 3;
/** What a bulk string takes besides its bytes. */
const bulkBytesBesides = headBytesMax + 2;

/** Up to so many characters are written one by one: less than a call that encodes them costs. */
const loopedTextMax = 16;
const asciiMax = 0x7f;

const plus = 0x2b;
const asterisk = 0x2a;
const colon = 0x3a;
const comma = 0x2c;
const dollar = 0x24;
const percent = 0x25;
const tilde = 0x7e;
const greater = 0x3e;
const bar = 0x7c;

export class RespWriter implements ReplyWriter {
  protocol: ProtocolVersion = 2;
  /** Errors written so far: how the executor learns that a command failed. */
  errorsWritten = 0;
  /** The code of the last error written. */
  lastErrorCode = '';
  private readonly output: Output;

  /** Bytes written that were not sent yet. */
  get writtenBytes(): number {
    return this.output.length;
  }

  constructor(output: Output) {
    this.output = output;
  }

  ok(): void {
    const { output } = this;
    output.reserve(5);
    const { bytes, length } = output;
    bytes[length] = 0x2b;
    bytes[length + 1] = 0x4f;
    bytes[length + 2] = 0x4b;
    bytes[length + 3] = carriageReturn;
    bytes[length + 4] = lineFeed;
    output.length = length + 5;
  }

  status(text: string): void {
    const { length: textLength } = text;
    if (textLength > loopedTextMax) return this.raw(`+${text}\r\n`);
    const { output } = this;
    output.reserve(textLength + 3);
    const { bytes, length } = output;
    bytes[length] = plus;
    let at = length + 1;
    for (let i = 0; i < textLength; i++) {
      const code = text.charCodeAt(i);
      if (code > asciiMax) return this.raw(`+${text}\r\n`);
      bytes[at++] = code;
    }
    bytes[at] = carriageReturn;
    bytes[at + 1] = lineFeed;
    output.length = at + 2;
  }

  error({ code, text }: ErrorReply): void {
    this.errorsWritten++;
    this.lastErrorCode = code;
    // Byte by byte: the text may quote a request. A line end in it would break the protocol.
    const line = `-${code}${text === '' ? '' : ' '}${text.replace(/[\r\n]/g, ' ')}\r\n`;
    const { output } = this;
    output.reserve(line.length);
    output.length += output.bytes.write(line, output.length, 'latin1');
  }

  integer(value: number): void {
    this.head(colon, value);
  }

  bigInteger(value: bigint): void {
    this.raw(`:${value}\r\n`);
  }

  bigNumber(digits: string): void {
    if (this.protocol === 3) this.raw(`(${digits}\r\n`);
    else this.text(digits);
  }

  double(value: number): void {
    // Most scores are integers; -0 is none here.
    if (Number.isSafeInteger(value) && (value !== 0 || 1 / value > 0)) {
      this.integralDouble(value);
      return;
    }
    const text = formatDouble(value);
    if (this.protocol === 3) this.raw(`,${text}\r\n`);
    else this.text(text);
  }

  boolean(value: boolean): void {
    if (this.protocol === 3) this.raw(value ? '#t\r\n' : '#f\r\n');
    else this.integer(value ? 1 : 0);
  }

  bulk(bytes: Buffer, at: number, length: number): void {
    const { output } = this;
    // For the whole of it at once: what follows finds room.
    output.reserve(length + bulkBytesBesides);
    this.putHead(dollar, length);
    output.append(bytes, at, length);
    this.putLineEnd();
  }

  stored(arena: Arena, at: number, length: number): void {
    const { output } = this;
    output.reserve(length + bulkBytesBesides);
    this.putHead(dollar, length);
    output.appendStored(arena, at, length);
    this.putLineEnd();
  }

  text(text: string): void {
    const length = Buffer.byteLength(text);
    this.head(dollar, length);
    const { output } = this;
    output.reserve(length + 2);
    output.bytes.write(text, output.length);
    output.length += length;
    this.lineEnd();
  }

  verbatim(text: string): void {
    if (this.protocol === 2) {
      this.text(text);
      return;
    }
    this.raw(`=${Buffer.byteLength(text) + 4}\r\ntxt:`);
    this.raw(text);
    this.raw('\r\n');
  }

  nil(): void {
    this.raw(this.protocol === 3 ? '_\r\n' : '$-1\r\n');
  }

  nilArray(): void {
    this.raw(this.protocol === 3 ? '_\r\n' : '*-1\r\n');
  }

  array(length: number): void {
    this.head(asterisk, length);
  }

  set(length: number): void {
    this.head(this.protocol === 3 ? tilde : asterisk, length);
  }

  map(length: number): void {
    if (this.protocol === 3) this.head(percent, length);
    else this.head(asterisk, length * 2);
  }

  attribute(pairs: readonly (readonly [name: string, write: () => void])[]): void {
    if (this.protocol === 2) return;
    this.head(bar, pairs.length);
    for (const [name, write] of pairs) {
      this.text(name);
      write();
    }
  }

  push(length: number): void {
    this.head(this.protocol === 3 ? greater : asterisk, length);
  }

  /** Writes text as it is, in UTF-8. */
  raw(text: string): void {
    const { output } = this;
    output.reserve(text.length * 3);
    output.length += output.bytes.write(text, output.length);
  }

  private integralDouble(value: number): void {
    if (this.protocol === 3) {
      this.head(comma, value);
      return;
    }
    this.head(dollar, integerLength(value));
    const { output } = this;
    output.reserve(int64LengthMax);
    output.length += formatInteger(output.bytes, output.length, value);
    this.lineEnd();
  }

  private head(type: number, value: number): void {
    this.output.reserve(headBytesMax);
    this.putHead(type, value);
  }

  /** Writes a head, for which there is room. */
  private putHead(type: number, value: number): void {
    const { output } = this;
    const { bytes, length } = output;
    bytes[length] = type;
    let end = length + 2;
    if (value >= 0 && value <= 9) bytes[length + 1] = zero + value;
    else if (value > 9 && value <= 99) {
      const tens = (value * 205) >> 11;
      bytes[length + 1] = zero + tens;
      bytes[length + 2] = zero + value - tens * 10;
      end = length + 3;
    } else end = length + 1 + formatInteger(bytes, length + 1, value);
    bytes[end] = carriageReturn;
    bytes[end + 1] = lineFeed;
    output.length = end + 2;
  }

  private lineEnd(): void {
    this.output.reserve(2);
    this.putLineEnd();
  }

  private putLineEnd(): void {
    const { output } = this;
    const { bytes, length } = output;
    bytes[length] = carriageReturn;
    bytes[length + 1] = lineFeed;
    output.length = length + 2;
  }
}
