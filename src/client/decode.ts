/**
 * From replies to what a method returns. Every decoder takes a reply that is no error, and what bytes become; a reply of
 * another shape than the command has is a broken promise of the server's and throws.
 */
import { ReplyError } from '#protocols/local/reply-value.ts';
import type { Reply } from './reply.ts';
import { ZippyError } from './zippy-error.ts';

/** What stored bytes become. */
export interface Codec<V> {
  /** May keep the bytes. */
  readonly value: (bytes: Uint8Array) => V;
  readonly text: (text: string) => V;
}

export type Decoder<V, T> = (reply: Reply, codec: Codec<V>) => T;

export interface ScoredMember<V> {
  readonly member: V;
  readonly score: number;
}

/** What an untyped reply becomes. Errors inside of it are values. */
export type Plain<V> =
  | null
  | boolean
  | number
  | bigint
  | string
  | V
  | Plain<V>[]
  | Map<Plain<V>, Plain<V>>
  | Set<Plain<V>>
  | ZippyError;

const utf8 = new TextDecoder();

export const strings: Codec<string> = {
  value: (bytes) => (bytes instanceof Buffer ? bytes.toString() : utf8.decode(bytes)),
  text: (text) => text,
};

export const byteArrays: Codec<Uint8Array> = {
  value: (bytes) => bytes,
  text: (text) => new TextEncoder().encode(text),
};

function isList(reply: Reply): reply is readonly Reply[] {
  return Array.isArray(reply);
}

function isPair(reply: Reply): reply is readonly [Reply, Reply] {
  return isList(reply) && reply.length === 2;
}

function unexpected(reply: Reply): never {
  const shape = reply === null ? 'null' : (reply.constructor?.name ?? typeof reply);
  throw new TypeError(`the reply is a ${shape}, which this command never gives`);
}

/** The reply, or if it is an error throws that. */
export function orThrow(reply: Reply): Reply {
  if (reply instanceof ReplyError) throw new ZippyError(reply.message, { code: reply.code });
  return reply;
}

export function done(): void {}

export function number(reply: Reply): number {
  if (typeof reply === 'number') return reply;
  if (typeof reply === 'bigint') return Number(reply);
  // Floats that keep all their digits, INCRBYFLOAT's, are bytes; so are all floats of RESP2, with `inf` among them.
  const digits = reply instanceof Uint8Array ? strings.value(reply) : 'NaN';
  const parsed = Number(digits.replace(/^(-?)inf$/, '$1Infinity'));
  return Number.isNaN(parsed) ? unexpected(reply) : parsed;
}

export function orNull<V, T>(decode: Decoder<V, T>): Decoder<V, T | null> {
  return (reply, codec) => (reply === null ? null : decode(reply, codec));
}

/** Each item of an array or a set. */
export function listOf<V, T>(decode: Decoder<V, T>): Decoder<V, T[]> {
  return (reply, codec) => itemsOf(reply).map((item) => decode(item, codec));
}

export function itemsOf(reply: Reply): readonly Reply[] {
  if (isList(reply)) return reply;
  if (reply instanceof Set) return [...reply];
  return unexpected(reply);
}

/** 1 and 0, or true and false. */
export function boolean(reply: Reply): boolean {
  if (typeof reply === 'boolean') return reply;
  return number(reply) === 1;
}

/** Whether there was an answer: OK rather than nothing. */
export function happened(reply: Reply): boolean {
  return reply !== null;
}

/** A text about the data rather than of it. */
export function text(reply: Reply): string {
  if (typeof reply === 'string') return reply;
  return reply instanceof Uint8Array ? strings.value(reply) : unexpected(reply);
}

export function bytes(reply: Reply): Uint8Array {
  return reply instanceof Uint8Array ? reply : unexpected(reply);
}

export function value<V>(reply: Reply, codec: Codec<V>): V {
  if (reply instanceof Uint8Array) return codec.value(reply);
  if (typeof reply === 'string') return codec.text(reply);
  return typeof reply === 'number' ? codec.text(String(reply)) : unexpected(reply);
}

export function valueOrNull<V>(reply: Reply, codec: Codec<V>): V | null {
  return reply === null ? null : value(reply, codec);
}

export function values<V>(reply: Reply, codec: Codec<V>): V[] {
  return itemsOf(reply).map((item) => value(item, codec));
}

export function valuesOrNulls<V>(reply: Reply, codec: Codec<V>): (V | null)[] {
  return itemsOf(reply).map((item) => valueOrNull(item, codec));
}

export function valueSet<V>(reply: Reply, codec: Codec<V>): Set<V> {
  return new Set(values(reply, codec));
}

export const numbers = listOf(number);
export const numbersOrNulls = listOf(orNull(number));
export const numberOrNull = orNull(number);
export const booleans = listOf(boolean);
export const texts = listOf(text);
export const textOrNull = orNull(text);

/** The pairs of a map, of a list of pairs, or of a flat list, whichever RESP has for a command. */
export function pairsOf(reply: Reply): readonly (readonly [Reply, Reply])[] {
  if (reply instanceof Map) return [...reply];
  const items = itemsOf(reply);
  if (items.every(isPair)) return items;
  const pairs: [Reply, Reply][] = [];
  for (let i = 0; i + 1 < items.length; i += 2)
    pairs.push([items[i] ?? null, items[i + 1] ?? null]);
  return pairs;
}

export function mapOf<V, T>(decode: Decoder<V, T>): Decoder<V, Map<V, T>> {
  return (reply, codec) =>
    new Map(pairsOf(reply).map(([key, item]) => [value(key, codec), decode(item, codec)]));
}

export function valueMap<V>(reply: Reply, codec: Codec<V>): Map<V, V> {
  return new Map(pairsOf(reply).map(([key, item]) => [value(key, codec), value(item, codec)]));
}

export function scored<V>(reply: Reply, codec: Codec<V>): ScoredMember<V>[] {
  return pairsOf(reply).map(([member, score]) => ({
    member: value(member, codec),
    score: number(score),
  }));
}

/** The reply to a command that answers with one pair at the top: a flat pair, or a list of one. */
export function oneScored<V>(reply: Reply, codec: Codec<V>): ScoredMember<V> | null {
  return scored(reply, codec)[0] ?? null;
}

/** Facts with names, such as XINFO gives: an object with the names as they are. */
export function facts<V>(reply: Reply, codec: Codec<V>): Record<string, Plain<V>> {
  return Object.fromEntries(pairsOf(reply).map(([name, fact]) => [text(name), plain(fact, codec)]));
}

/** Whatever it is, in JavaScript's own terms. */
export function plain<V>(reply: Reply, codec: Codec<V>): Plain<V> {
  if (reply === null || typeof reply !== 'object') return reply;
  if (reply instanceof Uint8Array) return codec.value(reply);
  if (reply instanceof ReplyError) return new ZippyError(reply.message, { code: reply.code });
  if (reply instanceof Map) {
    return new Map(pairsOf(reply).map(([key, item]) => [plain(key, codec), plain(item, codec)]));
  }
  if (reply instanceof Set) return new Set(itemsOf(reply).map((item) => plain(item, codec)));
  return itemsOf(reply).map((item) => plain(item, codec));
}
