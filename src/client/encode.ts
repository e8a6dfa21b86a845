/** From a method's parameters to the words of a command. */
import type { Input, Key } from './reply.ts';

/** Pairs, as an object with names or, for names that are bytes or numbers, a Map or a list. */
export type Pairs = Readonly<Record<string, Input>> | Iterable<readonly [Input, Input]>;

/** Members with their scores. */
export type Scores = Readonly<Record<string, number>> | Iterable<ScoredInput>;

interface ScoredInput {
  readonly member: Input;
  readonly score: Score;
}

/** Infinity and -Infinity are scores. */
export type Score = number;

export type OneOrMore<T> = T | readonly T[];

/** `NAME value`, or nothing. */
export function option(name: string, value: Input | undefined): readonly Input[] {
  return value === undefined ? [] : [name, value];
}

/** `NAME`, or nothing. */
export function flag(name: string, isSet: boolean | undefined): readonly Input[] {
  return isSet === true ? [name] : [];
}

export function many<T extends Input>(items: OneOrMore<T>): readonly T[] {
  // An array is the one object among inputs that is no Uint8Array.
  return Array.isArray(items) ? (items as readonly T[]) : [items as T];
}

/** How many, and they: `numkeys key …`. */
export function counted(items: OneOrMore<Key>): readonly Input[] {
  const list = many(items);
  return [list.length, ...list];
}

export function pairsOf(pairs: Pairs): [Input, Input][] {
  if (isIterable<readonly [Input, Input]>(pairs))
    return Array.from(pairs, ([name, value]) => [name, value]);
  return Object.entries(pairs);
}

export function pairWords(pairs: Pairs): Input[] {
  return pairsOf(pairs).flat();
}

/** `score member …`. */
export function scoreWords(scores: Scores): Input[] {
  if (isIterable<ScoredInput>(scores)) {
    return Array.from(scores, ({ member, score }) => [scoreWord(score), member]).flat();
  }
  return Object.entries(scores).flatMap(([member, score]) => [scoreWord(score), member]);
}

export function scoreWord(score: Score): Input {
  if (score === Number.POSITIVE_INFINITY) return '+inf';
  return score === Number.NEGATIVE_INFINITY ? '-inf' : score;
}

/** `LIMIT offset count`, or nothing. */
export function limitWords(limit: Limit | undefined): readonly Input[] {
  return limit === undefined ? [] : ['LIMIT', limit.offset, limit.count];
}

export interface Limit {
  readonly offset: number;
  /** Negative: all. */
  readonly count: number;
}

function isIterable<T>(value: object | Iterable<T>): value is Iterable<T> {
  return Symbol.iterator in value;
}
