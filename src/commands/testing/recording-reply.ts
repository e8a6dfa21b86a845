/**
 * Replies as plain JavaScript values, for tests: what a command wrote, seen as a client of that protocol
 * version would see it, and beside it the shapes that it wrote, which are the same for all versions.
 *
 * Bytes are strings of one character a byte (latin1). In RESP3 a map is a Map, a set a Set, a double a number and
 * a boolean a boolean; in RESP2 they are the flat array, the array, the string and the 0 or 1 that Redis sends.
 */

import type { Arena } from '#memory/arena.ts';
import type { CountingReply } from '#session/command-runner.ts';
import { formatDouble } from '#types/double.ts';
import type { ErrorReply } from '../errors.ts';

/** A reply's value. Errors are `Error`s whose message is code and text; the absence of a value is null. */
export type ReplyValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Error
  | ReplyValue[]
  | Map<ReplyValue, ReplyValue>
  | Set<ReplyValue>;

/** What a command called on its {@link Reply}. */
export type WrittenShape =
  | 'ok'
  | 'status'
  | 'error'
  | 'integer'
  | 'double'
  | 'boolean'
  | 'bulk'
  | 'verbatim'
  | 'nil'
  | 'nil-array'
  | 'array'
  | 'set'
  | 'map'
  | 'push';

export interface WrittenReply {
  readonly shape: WrittenShape;
  readonly value: ReplyValue;
}

/** An aggregate that is not complete. */
interface Aggregate {
  readonly shape: WrittenShape;
  readonly values: ReplyValue[];
  left: number;
}

export class RecordingReply implements CountingReply {
  protocol: 2 | 3 = 2;
  errorsWritten = 0;
  readonly writtenBytes = 0;
  lastErrorCode = '';
  /** The complete replies since the last {@link take}. */
  private written: WrittenReply[] = [];
  private readonly open: Aggregate[] = [];

  /** Hands over what was written since the last call. Throws when an aggregate lacks values. */
  take(): readonly WrittenReply[] {
    const last = this.open.at(-1);
    if (last !== undefined)
      throw new Error(`a reply lacks ${last.left} values of its ${last.shape}`);
    const { written } = this;
    this.written = [];
    return written;
  }

  ok(): void {
    this.add('ok', 'OK');
  }

  status(text: string): void {
    this.add('status', text);
  }

  error({ code, text }: ErrorReply): void {
    this.errorsWritten++;
    this.lastErrorCode = code;
    this.add('error', new Error(`${code} ${text}`));
  }

  integer(value: number): void {
    if (!Number.isSafeInteger(value)) throw new Error(`${value} is no safe integer`);
    this.add('integer', value);
  }

  bigInteger(value: bigint): void {
    this.add('integer', value);
  }

  bigNumber(digits: string): void {
    this.add('integer', this.protocol === 3 ? BigInt(digits) : digits);
  }

  double(value: number): void {
    this.add('double', this.protocol === 3 ? value : formatDouble(value));
  }

  boolean(value: boolean): void {
    this.add('boolean', this.protocol === 3 ? value : Number(value));
  }

  bulk(bytes: Buffer, at: number, length: number): void {
    this.add('bulk', bytes.toString('latin1', at, at + length));
  }

  stored(arena: Arena, at: number, length: number): void {
    this.bulk(arena.bytes, at, length);
  }

  text(text: string): void {
    this.add('bulk', Buffer.from(text).toString('latin1'));
  }

  verbatim(text: string): void {
    this.add('verbatim', Buffer.from(text).toString('latin1'));
  }

  nil(): void {
    this.add('nil', null);
  }

  nilArray(): void {
    this.add('nil-array', null);
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

  /** Left out, as the values are compared. */
  attribute(): void {}

  push(length: number): void {
    this.begin('push', length);
  }

  private begin(shape: WrittenShape, left: number): void {
    this.open.push({ shape, left, values: [] });
    this.close();
  }

  private add(shape: WrittenShape, value: ReplyValue): void {
    const parent = this.open.at(-1);
    if (parent === undefined) {
      this.written.push({ shape, value });
      return;
    }
    parent.values.push(value);
    parent.left--;
    this.close();
  }

  /** Completes the innermost aggregate, if it has all its values. */
  private close(): void {
    if (this.open.at(-1)?.left !== 0) return;
    const complete = this.open.pop();
    if (complete === undefined) return;
    const { shape, values } = complete;
    this.add(shape, this.protocol === 3 ? aggregateOf(shape, values) : values);
  }
}

function aggregateOf(shape: WrittenShape, values: ReplyValue[]): ReplyValue {
  if (shape === 'set') return new Set(values);
  if (shape !== 'map') return values;
  const map = new Map<ReplyValue, ReplyValue>();
  // Pairs: the aggregate was opened with an even length.
  for (let i = 0; i + 1 < values.length; i += 2) map.set(values[i] ?? null, values[i + 1] ?? null);
  return map;
}
