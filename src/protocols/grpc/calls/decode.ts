/**
 * From the values of replies, in the shapes of RESP3, to the fields of messages. Commands always answer in the shapes that
 * are expected here; anything else is a broken invariant.
 */
import type { Field, ScoredMember } from '#proto/zippy/v1/values.ts';
import type { ReplyValue } from '../../local/reply-value.ts';

function unexpected(value: ReplyValue): never {
  throw new Error(`grpc: a command answered with an unexpected ${typeof value}`);
}

export function integer(value: ReplyValue): bigint {
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' ? BigInt(value) : unexpected(value);
}

/** An integer as a count or a cursor: cursors come as text. */
export function cursor(value: ReplyValue): bigint {
  return BigInt(text(value));
}

/** 1 or 0. */
export function flag(value: ReplyValue): boolean {
  return value === 1 || value === true;
}

/** Doubles come as such, or as decimals. */
export function double(value: ReplyValue): number {
  return typeof value === 'number' ? value : decimal(text(value));
}

function decimal(digits: string): number {
  if (digits === 'inf') return Number.POSITIVE_INFINITY;
  return digits === '-inf' ? Number.NEGATIVE_INFINITY : Number(digits);
}

export function bytes(value: ReplyValue): Buffer {
  if (Buffer.isBuffer(value)) return value;
  return typeof value === 'string' ? Buffer.from(value) : unexpected(value);
}

export function text(value: ReplyValue): string {
  if (typeof value === 'string') return value;
  return Buffer.isBuffer(value) ? value.toString() : unexpected(value);
}

/** Nothing for nil. */
export function optional<T>(value: ReplyValue, decode: (value: ReplyValue) => T): T | undefined {
  return value === null ? undefined : decode(value);
}

/** The items of an array or a set; of nil, none. */
export function items(value: ReplyValue): readonly ReplyValue[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value;
  return value instanceof Set ? [...value] : unexpected(value);
}

export function listOf<T>(value: ReplyValue, decode: (value: ReplyValue) => T): T[] {
  return items(value).map(decode);
}

/** Bytes, of which there may be one, several or none. */
export function oneOrMore(value: ReplyValue): Buffer[] {
  return Array.isArray(value) || value === null ? listOf(value, bytes) : [bytes(value)];
}

/** An item that must be there. */
export function itemAt(value: ReplyValue, index: number): ReplyValue {
  const item = items(value)[index];
  return item === undefined ? unexpected(value) : item;
}

/** A map, or pairs, or keys and values in turn. */
function pairsOf(value: ReplyValue): (readonly [ReplyValue, ReplyValue])[] {
  if (value instanceof Map) return [...value];
  const all = items(value);
  if (all.every(Array.isArray)) return all.map((pair) => [itemAt(pair, 0), itemAt(pair, 1)]);
  const pairs: [ReplyValue, ReplyValue][] = [];
  for (let i = 0; i < all.length; i += 2) pairs.push([itemAt(value, i), itemAt(value, i + 1)]);
  return pairs;
}

export function fields(value: ReplyValue): Field[] {
  return pairsOf(value).map(([name, each]) => ({ name: bytes(name), value: bytes(each) }));
}

export function scored(value: ReplyValue): ScoredMember[] {
  return pairsOf(value).map(([member, score]) => ({ member: bytes(member), score: double(score) }));
}

export function isOk(value: ReplyValue): boolean {
  return value === 'OK';
}

/** Of calls whose responses say nothing. */
export function nothing(): Record<string, never> {
  return {};
}
