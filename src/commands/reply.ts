/**
 * What a command answers with, in terms that every door can render. Values are written in order: an aggregate
 * announces how many follow. RESP2 has no maps, sets, doubles or booleans; its writer flattens them as Redis does.
 */
import type { Arena } from '#memory/arena.ts';
import type { ErrorReply } from './errors.ts';

export interface Reply {
  /** The version of RESP whose shapes are wanted: a script's commands have the script's, whatever its client speaks. */
  readonly protocol: 2 | 3;
  /** The status OK. */
  ok(): void;
  /** A status: a short constant without line ends. */
  status(text: string): void;
  error(error: ErrorReply): void;
  /** A safe integer. */
  integer(value: number): void;
  /** An integer beyond the safe ones. */
  bigInteger(value: bigint): void;
  /** An integer of any size, in decimal. */
  bigNumber(digits: string): void;
  double(value: number): void;
  boolean(value: boolean): void;
  /** The bytes `[at, at + length)` of `bytes`, copied before this returns. */
  bulk(bytes: Buffer, at: number, length: number): void;
  /** The same, of bytes in an arena: the faster way for a stored value. */
  stored(arena: Arena, at: number, length: number): void;
  /** A text as UTF-8. */
  text(text: string): void;
  /** A text of many lines for people to read. */
  verbatim(text: string): void;
  /** The absence of a value. */
  nil(): void;
  /** The absence of an array; RESP2 tells it from the absence of a value. */
  nilArray(): void;
  /** `length` values follow. */
  array(length: number): void;
  /** `length` distinct values in no order follow. */
  set(length: number): void;
  /** `length` pairs of a key and a value follow. */
  map(length: number): void;
  /** Something about the value that follows; RESP2 cannot say it, and its writer leaves it out. */
  attribute(pairs: readonly (readonly [name: string, write: () => void])[]): void;
  /** An out-of-band message of `length` values follows. */
  push(length: number): void;
}
