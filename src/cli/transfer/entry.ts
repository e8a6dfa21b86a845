/**
 * What is carried from one place to another: keys as DUMP hands them out, so that no value is taken apart on the way, and a value
 * of any type is carried that both ends know.
 *
 *     payload     the value's type and the value, as in an RDB file
 *                 version of the format (2 bytes), CRC-64 of all before (8 bytes)
 *
 * An RDB file has the same without the last ten bytes, and the key between the type and the value.
 */
import { Crc64 } from '#persistence/rdb/crc64.ts';

const versionBytes = 2;
const checksumBytes = 8;
const footerBytes = versionBytes + checksumBytes;

export interface Entry {
  readonly database: number;
  readonly key: Buffer;
  /** 0 for a key that stays. */
  readonly expireAtMs: number;
  readonly payload: Buffer;
}

/** Where in its source a transfer is, in words of the source: what it needs to go on there. */
export type Position = Readonly<Record<string, string | number>>;

/** Some entries, and where to go on when they have arrived. */
export interface Batch {
  readonly entries: readonly Entry[];
  readonly position: Position;
  /** How much of the source's total is done with it. */
  readonly done: number;
}

/** Where entries come from. */
export interface Source {
  /** What is counted by `done`, for the bar: about so many keys, or bytes. */
  readonly total: number;
  /** Libraries of functions, as payloads. */
  functions(): Promise<readonly Buffer[]>;
  /** The entries after `from`, or all. */
  batches(from: Position | undefined): AsyncGenerator<Batch>;
  close(): void;
}

/** What became of entries. */
export interface Tally {
  copied: number;
  /** There already, and left as they were. */
  skipped: number;
}

/** Where entries go. */
export interface Target {
  functions(payloads: readonly Buffer[]): Promise<void>;
  /** Rejects with a Failure, having changed nothing, if some of them may not go there. */
  check(entries: readonly Entry[]): Promise<void>;
  /** Resolves when they have arrived. `isRepeated`: some of them, which were checked, may have arrived before. */
  write(entries: readonly Entry[], isRepeated: boolean): Promise<Tally>;
  /** What is to be kept beside the source's position, to go on. */
  readonly mark: Position;
  finish(): Promise<void>;
  close(): void;
}

/** A payload made of what an RDB file has. */
export function makePayload(parts: readonly Buffer[], version: number): Buffer {
  const body = Buffer.concat(parts);
  const payload = Buffer.alloc(body.length + footerBytes);
  body.copy(payload);
  payload.writeUInt16LE(version, body.length);
  const { low, high } = new Crc64().update(payload, 0, body.length + versionBytes);
  payload.writeUInt32LE(low, body.length + versionBytes);
  payload.writeUInt32LE(high, body.length + versionBytes + 4);
  return payload;
}

/** What of a payload stands in an RDB file, and the version of that. */
export function openPayload(payload: Buffer): { body: Buffer; version: number } {
  const end = payload.length - footerBytes;
  return { body: payload.subarray(0, end), version: payload.readUInt16LE(end) };
}
