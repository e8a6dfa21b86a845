/**
 * Replies as the bytes of `zippy.v1.Value` messages, written as the commands write them: no tree of objects is made only to be
 * serialized. A message says its length before its content, which for an aggregate is not known when it begins; so
 * room for the longest length is left and filled in when the aggregate ends. That makes a number with leading zeros, which
 * every reader of protocol buffers takes.
 *
 *     item of an aggregate   0x0a  length of the Value   Value
 *     Value                  tag of its kind   content; nothing at all for the absence of a value
 *     list, set, map         tag   length of the Values   items
 *
 * Shapes are those of RESP3, whatever protocol the client asks for.
 */
import type { ErrorReply } from '#commands/errors.ts';
import type { Arena } from '#memory/arena.ts';
import { copyBytes } from '#memory/bytes.ts';
import { ReplyError } from '../local/reply-value.ts';
import type { ReplyMaker, Written } from '../local/value-reply.ts';

/** The fields of Value, with their wire types: see proto/zippy/v1/values.proto. */
const tags = {
  integer: 0x08,
  double: 0x11,
  boolean: 0x18,
  bytes: 0x22,
  status: 0x2a,
  error: 0x32,
  list: 0x3a,
  set: 0x42,
  map: 0x4a,
  bigInteger: 0x52,
} as const;
/** The only field of Values; and the first of Error, whose second is next to it. */
const itemTag = 0x0a;
const codeTag = 0x0a;
const messageTag = 0x12;

const initialBytes = 16 * 1024;
/** A buffer grown beyond this is not kept. */
const keptBytesMax = 1024 * 1024;
/** A tag and a length, twice: more than comes before any content. */
const headBytesMax = 24;
/** What a length takes when it is filled in later: 35 bits. */
const paddedLengthBytes = 5;
const int64BytesMax = 10;
const empty = Buffer.alloc(0);

export class ValueWriter implements ReplyMaker {
  // What a client says of protocols is for RESP.
  readonly isText = false;
  errorsWritten = 0;
  lastErrorCode = '';
  /** Nothing waits here to be sent. */
  readonly writtenBytes = 0;
  private bytes = Buffer.allocUnsafe(initialBytes);
  private length = 0;
  private written: Written[] = [];
  /** For each open aggregate, innermost last: items to come, where its content begins, and whether it is a push. */
  private readonly left: number[] = [];
  private readonly starts: number[] = [];
  private isPush = false;

  get protocol(): 3 {
    return 3;
  }

  set protocol(_version: 2 | 3) {}

  get isOpen(): boolean {
    return this.left.length > 0;
  }

  take(): readonly Written[] {
    const { written } = this;
    if (written.length > 0) this.written = [];
    return written;
  }

  ok(): void {
    this.status('OK');
  }

  status(text: string): void {
    this.writeText(tags.status, text);
  }

  error(error: ErrorReply): void {
    this.errorsWritten++;
    this.lastErrorCode = error.code;
    if (this.left.length === 0) {
      this.written.push({ value: ReplyError.of(error), isPush: false });
      return;
    }
    const value = errorBytes(error.code, error.text);
    this.begin(value.length);
    this.append(value, 0, value.length);
    this.end();
  }

  integer(value: number): void {
    // Most are small, and not negative.
    if (value >= 0 && value <= 0x7fffffff) {
      this.begin(1 + varintLength(value));
      this.byte(tags.integer);
      this.varint(value);
      this.end();
    } else this.bigInteger(BigInt(value));
  }

  bigInteger(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    const digits: number[] = [];
    do {
      digits.push(Number(rest & 0x7fn));
      rest >>= 7n;
    } while (rest > 0n);
    this.begin(1 + digits.length);
    this.byte(tags.integer);
    for (const [index, digit] of digits.entries()) {
      this.byte(index === digits.length - 1 ? digit : digit | 0x80);
    }
    this.end();
  }

  bigNumber(digits: string): void {
    this.writeText(tags.bigInteger, digits);
  }

  double(value: number): void {
    this.begin(9);
    this.byte(tags.double);
    this.bytes.writeDoubleLE(value, this.length);
    this.length += 8;
    this.end();
  }

  boolean(value: boolean): void {
    this.begin(2);
    this.byte(tags.boolean);
    this.byte(value ? 1 : 0);
    this.end();
  }

  bulk(bytes: Buffer, at: number, length: number): void {
    this.begin(1 + varintLength(length) + length);
    this.byte(tags.bytes);
    this.varint(length);
    this.append(bytes, at, length);
    this.end();
  }

  stored(arena: Arena, at: number, length: number): void {
    this.bulk(arena.bytes, at, length);
  }

  text(text: string): void {
    this.writeText(tags.bytes, text);
  }

  verbatim(text: string): void {
    this.writeText(tags.bytes, text);
  }

  nil(): void {
    this.begin(0);
    this.end();
  }

  nilArray(): void {
    this.nil();
  }

  array(length: number): void {
    this.beginAggregate(tags.list, length);
  }

  set(length: number): void {
    this.beginAggregate(tags.set, length);
  }

  map(length: number): void {
    this.beginAggregate(tags.map, length * 2);
  }

  /** Left out: what a value is told beside it has no place in the value. */
  attribute(): void {}

  push(length: number): void {
    this.isPush = true;
    this.beginAggregate(tags.list, length);
  }

  private writeText(tag: number, text: string): void {
    const size = Buffer.byteLength(text);
    this.begin(1 + varintLength(size) + size);
    this.byte(tag);
    this.varint(size);
    this.length += this.bytes.write(text, this.length);
    this.end();
  }

  /** Makes room for a value of so many bytes, and names it as an item if it is one. */
  private begin(size: number): void {
    this.makeRoom(size + headBytesMax + int64BytesMax);
    if (this.left.length === 0) return;
    this.byte(itemTag);
    this.varint(size);
  }

  /** A value is complete. */
  private end(): void {
    const innermost = this.left.length - 1;
    if (innermost < 0) {
      this.finish();
      return;
    }
    // There is one.
    const left = (this.left[innermost] as number) - 1;
    this.left[innermost] = left;
    if (left === 0) this.endAggregate();
  }

  private beginAggregate(tag: number, left: number): void {
    this.makeRoom(headBytesMax);
    if (this.left.length > 0) {
      this.byte(itemTag);
      this.length += paddedLengthBytes;
    }
    this.byte(tag);
    this.length += paddedLengthBytes;
    this.left.push(left);
    this.starts.push(this.length);
    if (left === 0) this.endAggregate();
  }

  /** Fills in the lengths of the innermost aggregate, which is an item itself unless it is the outermost. */
  private endAggregate(): void {
    const start = this.starts.pop() ?? 0;
    this.left.pop();
    this.fillIn(start - paddedLengthBytes, this.length - start);
    if (this.left.length > 0) {
      const valueAt = start - paddedLengthBytes - 1;
      this.fillIn(valueAt - paddedLengthBytes, this.length - valueAt);
    }
    this.end();
  }

  private fillIn(at: number, length: number): void {
    const { bytes } = this;
    for (let i = 0; i < paddedLengthBytes - 1; i++) {
      bytes[at + i] = ((length >>> (7 * i)) & 0x7f) | 0x80;
    }
    bytes[at + paddedLengthBytes - 1] = length >>> (7 * (paddedLengthBytes - 1));
  }

  private finish(): void {
    const { length } = this;
    const value = length === 0 ? empty : Buffer.allocUnsafe(length);
    copyBytes(value, 0, this.bytes, 0, length);
    this.written.push({ value, isPush: this.isPush });
    this.isPush = false;
    this.length = 0;
    if (this.bytes.length > keptBytesMax) this.bytes = Buffer.allocUnsafe(initialBytes);
  }

  private append(bytes: Buffer, at: number, length: number): void {
    copyBytes(this.bytes, this.length, bytes, at, length);
    this.length += length;
  }

  private byte(value: number): void {
    this.bytes[this.length++] = value;
  }

  /** A number below 2^31. */
  private varint(value: number): void {
    this.length = writeVarint(this.bytes, this.length, value);
  }

  private makeRoom(needed: number): void {
    const { bytes, length } = this;
    if (length + needed <= bytes.length) return;
    this.bytes = Buffer.allocUnsafe(Math.max(bytes.length * 2, length + needed));
    copyBytes(this.bytes, 0, bytes, 0, length);
  }
}

/** Writes a number below 2^31, and returns where it ends. */
export function writeVarint(bytes: Buffer, at: number, value: number): number {
  while (value > 0x7f) {
    bytes[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  bytes[at] = value;
  return at + 1;
}

/** Bytes of a number below 2^31. */
export function varintLength(value: number): number {
  let length = 1;
  while (value > 0x7f) {
    value >>>= 7;
    length++;
  }
  return length;
}

/** A Value that is an error. */
export function errorBytes(code: string, text: string): Buffer {
  const parts = [field(codeTag, code), field(messageTag, readableText(text))];
  return lengthDelimited(tags.error, Buffer.concat(parts));
}

/** What an error says: its bytes are UTF-8 where those it quotes are, and what is not is replaced. */
export function readableText(text: string): string {
  return Buffer.from(text, 'latin1').toString();
}

function field(tag: number, text: string): Buffer {
  return lengthDelimited(tag, Buffer.from(text));
}

/** A field of a message whose content is `bytes`. */
export function lengthDelimited(tag: number, bytes: Uint8Array): Buffer {
  const head = 1 + varintLength(bytes.length);
  const message = Buffer.allocUnsafe(head + bytes.length);
  message[0] = tag;
  writeVarint(message, 1, bytes.length);
  message.set(bytes, head);
  return message;
}
