/**
 * Replies of the line protocol: a line that says what it is, behind `+VALUE` the bytes and a line end, behind `+LIST` so many
 * replies. As in RESP2, maps are lists, doubles are values, booleans are integers. Lines end as the command's did.
 */
import type { ErrorReply } from '#commands/errors.ts';
import type { Arena } from '#memory/arena.ts';
import { byteAt } from '#memory/bytes.ts';
import { formatDouble } from '#types/double.ts';
import { formatInteger, int64LengthMax } from '#types/int64.ts';
import type { Output } from '../resp/output.ts';
import type { ReplyWriter } from '../wire.ts';

const carriageReturn = 0x0d;
const lineFeed = 0x0a;

const integerHead = Buffer.from('+INT ');
const valueHead = Buffer.from('+VALUE ');
const listHead = Buffer.from('+LIST ');
const pushHead = Buffer.from('+PUSH ');
/** The longest of these, a number and a line end. */
const headBytesMax = 8 + int64LengthMax + 2;
const lineEndBytesMax = 2;

/** How the lines of a reply are to end. */
export interface LineEnds {
  readonly endsInCrLf: boolean;
}

export class LineWriter implements ReplyWriter {
  protocol: 2 | 3 = 2;
  errorsWritten = 0;
  lastErrorCode = '';
  private readonly output: Output;
  private readonly lineEnds: LineEnds;

  constructor(output: Output, lineEnds: LineEnds) {
    this.output = output;
    this.lineEnds = lineEnds;
  }

  get writtenBytes(): number {
    return this.output.length;
  }

  ok(): void {
    this.line('+OK');
  }

  status(text: string): void {
    const bytes = Buffer.from(`+${text}`);
    this.output.append(bytes, 0, bytes.length);
    this.output.reserve(lineEndBytesMax);
    this.putLineEnd();
  }

  error({ code, text }: ErrorReply): void {
    this.errorsWritten++;
    this.lastErrorCode = code;
    this.line(`-${code}${text === '' ? '' : ' '}${text.replace(/[\r\n]/g, ' ')}`);
  }

  integer(value: number): void {
    this.head(integerHead, value);
  }

  bigInteger(value: bigint): void {
    this.line(`+INT ${value}`);
  }

  bigNumber(digits: string): void {
    this.text(digits);
  }

  double(value: number): void {
    this.text(formatDouble(value));
  }

  boolean(value: boolean): void {
    this.integer(value ? 1 : 0);
  }

  bulk(bytes: Buffer, at: number, length: number): void {
    const { output } = this;
    output.reserve(headBytesMax + length + lineEndBytesMax);
    this.putHead(valueHead, length);
    output.append(bytes, at, length);
    this.putLineEnd();
  }

  stored(arena: Arena, at: number, length: number): void {
    const { output } = this;
    output.reserve(headBytesMax + length + lineEndBytesMax);
    this.putHead(valueHead, length);
    output.appendStored(arena, at, length);
    this.putLineEnd();
  }

  text(text: string): void {
    const bytes = Buffer.from(text);
    this.bulk(bytes, 0, bytes.length);
  }

  verbatim(text: string): void {
    this.text(text);
  }

  nil(): void {
    this.line('+NONE');
  }

  nilArray(): void {
    this.nil();
  }

  array(length: number): void {
    this.head(listHead, length);
  }

  set(length: number): void {
    this.array(length);
  }

  map(length: number): void {
    this.array(length * 2);
  }

  attribute(): void {}

  push(length: number): void {
    this.head(pushHead, length);
  }

  /** Writes a line of one character a byte: what errors quote of a request is that. */
  private line(text: string): void {
    const { output } = this;
    output.reserve(text.length + lineEndBytesMax);
    output.length += output.bytes.write(text, output.length, 'latin1');
    this.putLineEnd();
  }

  private head(head: Buffer, value: number): void {
    this.output.reserve(headBytesMax);
    this.putHead(head, value);
  }

  /** Writes a head and its number, for which there is room. */
  private putHead(head: Buffer, value: number): void {
    const { output } = this;
    const { bytes } = output;
    let { length } = output;
    for (let i = 0; i < head.length; i++) bytes[length++] = byteAt(head, i);
    output.length = length + formatInteger(bytes, length, value);
    this.putLineEnd();
  }

  private putLineEnd(): void {
    const { output } = this;
    const { bytes } = output;
    if (this.lineEnds.endsInCrLf) bytes[output.length++] = carriageReturn;
    bytes[output.length++] = lineFeed;
  }
}
