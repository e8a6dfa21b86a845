/**
 * A reply as {@link ReplyValue}s. One is used for all replies of a connection: whoever has had a command write into it
 * takes the complete values out.
 */
import type { ErrorReply } from '#commands/errors.ts';
import type { Arena } from '#memory/arena.ts';
import type { CountingReply } from '#session/command-runner.ts';
import { formatDouble } from '#types/double.ts';
import { ReplyError, type ReplyValue } from './reply-value.ts';

type Shape = 'array' | 'set' | 'map' | 'push';

/** An aggregate that is not complete. */
interface Aggregate {
  readonly shape: Shape;
  readonly values: ReplyValue[];
  left: number;
}

/** A complete value, and whether it is a message and no reply. */
export interface Written {
  readonly value: ReplyValue;
  readonly isPush: boolean;
}

/** Makes values of what commands write. */
export interface ReplyMaker extends CountingReply {
  protocol: 2 | 3;
  /** Whether the bytes of values become strings, read as UTF-8. */
  isText: boolean;
  /** Whether an aggregate lacks values. */
  readonly isOpen: boolean;
  /** Hands over the values that are complete, in order. */
  take(): readonly Written[];
}

export class ValueReply implements ReplyMaker {
  protocol: 2 | 3;
  isText = false;
  errorsWritten = 0;
  lastErrorCode = '';
  /** Nothing waits here to be sent. */
  readonly writtenBytes = 0;
  private written: Written[] = [];
  private readonly open: Aggregate[] = [];

  constructor(protocol: 2 | 3) {
    this.protocol = protocol;
  }

  get isOpen(): boolean {
    return this.open.length > 0;
  }

  take(): readonly Written[] {
    const { written } = this;
    if (written.length > 0) this.written = [];
    return written;
  }

  ok(): void {
    this.add('OK');
  }

  status(text: string): void {
    this.add(text);
  }

  error(error: ErrorReply): void {
    this.errorsWritten++;
    this.lastErrorCode = error.code;
    this.add(ReplyError.of(error));
  }

  integer(value: number): void {
    this.add(value);
  }

  bigInteger(value: bigint): void {
    this.add(value);
  }

  bigNumber(digits: string): void {
    if (this.protocol === 3) this.add(BigInt(digits));
    else this.text(digits);
  }

  double(value: number): void {
    if (this.protocol === 3) this.add(value);
    else this.text(formatDouble(value));
  }

  boolean(value: boolean): void {
    this.add(this.protocol === 3 ? value : Number(value));
  }

  bulk(bytes: Buffer, at: number, length: number): void {
    this.add(this.isText ? bytes.toString('utf8', at, at + length) : copyOf(bytes, at, length));
  }

  stored(arena: Arena, at: number, length: number): void {
    this.bulk(arena.bytes, at, length);
  }

  text(text: string): void {
    this.add(this.isText ? text : Buffer.from(text));
  }

  verbatim(text: string): void {
    this.text(text);
  }

  nil(): void {
    this.add(null);
  }

  nilArray(): void {
    this.add(null);
  }

  array(length: number): void {
    this.begin('array', length);
  }

  set(length: number): void {
    this.begin('set', length);
  }

  map(length: number): void {
    this.begin('map', length * 2);
  }

  /** Left out: what a value is told beside it has no place in the value. */
  attribute(): void {}

  push(length: number): void {
    this.begin('push', length);
  }

  private begin(shape: Shape, left: number): void {
    this.open.push({ shape, left, values: [] });
    if (left === 0) this.close();
  }

  private add(value: ReplyValue, isPush = false): void {
    const parent = this.open.at(-1);
    if (parent === undefined) {
      this.written.push({ value, isPush });
      return;
    }
    parent.values.push(value);
    if (--parent.left === 0) this.close();
  }

  /** The innermost aggregate has all its values. */
  private close(): void {
    const complete = this.open.pop();
    if (complete === undefined) return;
    const { shape, values } = complete;
    const value = this.protocol === 3 ? aggregateOf(shape, values) : values;
    this.add(value, shape === 'push');
  }
}

function copyOf(bytes: Buffer, at: number, length: number): Buffer {
  const copy = Buffer.allocUnsafe(length);
  bytes.copy(copy, 0, at, at + length);
  return copy;
}

function aggregateOf(shape: Shape, values: ReplyValue[]): ReplyValue {
  if (shape === 'set') return new Set(values);
  if (shape !== 'map') return values;
  const map = new Map<ReplyValue, ReplyValue>();
  // Pairs: the aggregate was opened with an even length.
  for (let i = 0; i + 1 < values.length; i += 2) map.set(values[i] ?? null, values[i + 1] ?? null);
  return map;
}
