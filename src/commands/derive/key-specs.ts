/**
 * Where a command's keys are, derived from its grammar: Redis's key specifications, the older (first, last, step), and
 * the keys of a request. For COMMAND, ACLs, routing and everyone else who must know a request's keys without running it.
 */
import { parseInteger } from '#types/int64.ts';
import type { Command } from '../command.ts';
import type { KeyAccess, Positional, Repeat, Value } from '../grammar.ts';
import type { Request } from '../request.ts';

/** How to find the keys from where a specification begins. */
export type FindKeys =
  /** Up to `lastKey` words on (-1: to the last word, -2: to the last but one), every `step`th. */
  | {
      readonly type: 'range';
      readonly lastKey: number;
      readonly step: number;
      /** 2: only the first half of the words are keys. */
      readonly limit?: 2;
    }
  /** As many as the word `countAt` on says, from `firstKey` on. */
  | {
      readonly type: 'keynum';
      readonly countAt: number;
      readonly firstKey: number;
      readonly step: number;
    }
  /** Where only the command itself can tell. */
  | { readonly type: 'unknown'; readonly wordsOf: (request: Request) => readonly number[] };

/** One of a command's key specifications. */
export interface KeySpec {
  readonly access: readonly KeyAccess[];
  /** Whether what is done depends on the request's options. */
  readonly isVariable: boolean;
  /** The word where it begins; the command's name is word 0. Infinity where that is unknown; with a keyword, where that is looked for. */
  readonly begin: number;
  /** The word after which it begins. */
  readonly keyword?: string;
  readonly find: FindKeys;
}

/** Redis's older description of key positions; all 0 for a command without keys. */
export interface KeyRange {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

const cache = new WeakMap<Command, readonly KeySpec[]>();

/** The command's key specifications, in the order of its arguments. */
export function keySpecsOf(command: Command): readonly KeySpec[] {
  const known = cache.get(command);
  if (known !== undefined) return known;
  const specs = derive(command);
  cache.set(command, specs);
  return specs;
}

function derive(command: Command): KeySpec[] {
  const { args, rest, words, facts } = command;
  const isVariable = command.facts.keyAccess !== undefined;
  const specs: KeySpec[] = [];
  for (const [index, argument] of args.entries()) {
    const value = valueIn(argument);
    if (value.kind !== 'key') continue;
    const begin = words + index;
    const last = specs.at(-1);
    if (last !== undefined && isContinued(last, begin, value.access)) {
      const find = { type: 'range', lastKey: begin - last.begin, step: 1 } as const;
      specs[specs.length - 1] = { ...last, find };
      continue;
    }
    const find = { type: 'range', lastKey: 0, step: 1 } as const;
    specs.push({ access: value.access, isVariable, begin, find });
  }
  if (rest !== undefined && facts.keysAfter !== undefined) {
    specs.push(specAfter(facts.keysAfter, rest, isVariable));
  } else if (rest !== undefined) {
    specs.push(...deriveRest(rest, words + args.length, isVariable));
  }
  for (const { access, wordsOf } of facts.unknownKeys ?? []) {
    const begin = Number.POSITIVE_INFINITY;
    specs.push({ access, isVariable: false, begin, find: { type: 'unknown', wordsOf } });
  }
  return specs;
}

function specAfter(
  { keyword, from: begin }: NonNullable<Command['facts']['keysAfter']>,
  rest: Repeat,
  isVariable: boolean,
): KeySpec {
  const [access = []] = rest.values.flatMap((value) =>
    value.kind === 'key' ? [value.access] : [],
  );
  const find = { type: 'range', lastKey: -1, step: 1, limit: 2 } as const;
  return { access, isVariable, begin, keyword, find };
}

function deriveRest(rest: Repeat, start: number, isVariable: boolean): KeySpec[] {
  const specs: KeySpec[] = [];
  const step = rest.values.length;
  for (const [member, value] of rest.values.entries()) {
    if (value.kind !== 'key') continue;
    const isCounted = rest.countName !== undefined;
    const find: FindKeys = isCounted
      ? { type: 'keynum', countAt: 0, firstKey: 1 + member, step }
      : { type: 'range', lastKey: -1 - (rest.after?.length ?? 0), step };
    specs.push({
      access: value.access,
      isVariable,
      begin: isCounted ? start : start + member,
      find,
    });
  }
  return specs;
}

/** Whether a key at `begin` follows those of `spec` and the same is done to it: Redis has one range for both. */
function isContinued(
  { begin: first, find, access }: KeySpec,
  begin: number,
  own: readonly KeyAccess[],
) {
  const follows = find.type === 'range' && first + find.lastKey + 1 === begin;
  return follows && access.join() === own.join();
}

/** Which of the command's specifications the key at word `at` belongs to. */
export function keySpecIndexOf(command: Command, at: number): number {
  const specs = keySpecsOf(command);
  return specs.findLastIndex(({ begin }) => begin <= at);
}

function valueIn(argument: Positional): Value {
  return argument.kind === 'optional' ? argument.value : argument;
}

/** The older description: the specifications that follow one another as one range, as Redis unites them. */
export function keyRangeOf(command: Command): KeyRange {
  const specs = keySpecsOf(command);
  const [only] = specs;
  if (only?.keyword !== undefined) return { first: 0, last: 0, step: 0 };
  if (only !== undefined && specs.length === 1 && only.find.type === 'range') {
    const { lastKey, step } = only.find;
    return { first: only.begin, last: lastKey < 0 ? lastKey : only.begin + lastKey, step };
  }
  let first = 0;
  let last = 0;
  for (const { begin, find } of specs) {
    if (find.type !== 'range' || find.step !== 1) continue;
    if (last !== 0 && last !== begin - 1) continue;
    if (first === 0) first = begin;
    last = find.lastKey < 0 ? find.lastKey : begin + find.lastKey;
  }
  return { first, last, step: first === 0 ? 0 : 1 };
}

/** Whether the older description does not tell all keys (Redis's flag movablekeys). */
export function hasMovableKeys(command: Command): boolean {
  const specs = keySpecsOf(command);
  if (specs.some(({ access }) => access.includes('incomplete'))) return true;
  if (specs.some(({ keyword }) => keyword !== undefined)) return true;
  if (specs.length <= 1) return specs.some(({ find }) => find.type !== 'range');
  let last = 0;
  for (const { begin, find } of specs) {
    if (find.type !== 'range' || find.step !== 1) return true;
    if (last !== 0 && last !== begin - 1) return true;
    last = find.lastKey < 0 ? find.lastKey : begin + find.lastKey;
  }
  return false;
}

/** A key of a request. */
export interface KeyPosition {
  /** The number of its word. */
  readonly at: number;
  readonly access: readonly KeyAccess[];
}

/** The keys of a request whose number of words the command accepts, with what is done to them. */
export function keyPositionsOf(command: Command, request: Request): KeyPosition[] {
  const positions: KeyPosition[] = [];
  for (const spec of keySpecsOf(command)) {
    const access = command.facts.keyAccess?.(request) ?? spec.access;
    if (spec.access.includes('not_key')) continue;
    for (const at of wordsOf(spec, request)) positions.push({ at, access });
  }
  return positions;
}

/** The numbers of the words of a request that are keys. */
export function keysOf(command: Command, request: Request): number[] {
  return keyPositionsOf(command, request).map(({ at }) => at);
}

function wordsOf({ begin, find, keyword }: KeySpec, request: Request): number[] {
  const { count } = request;
  const words: number[] = [];
  if (keyword !== undefined) {
    let at = begin;
    while (at < count && request.latin1(at).toUpperCase() !== keyword) at++;
    const first = at + 1;
    for (let key = first; key < first + Math.floor((count - first) / 2); key++) words.push(key);
    return words;
  }
  if (find.type === 'range') {
    const last = find.lastKey < 0 ? count + find.lastKey : begin + find.lastKey;
    for (let at = begin; at <= Math.min(last, count - 1); at += find.step) words.push(at);
    return words;
  }
  if (find.type === 'unknown') return [...find.wordsOf(request)];
  const countAt = begin + find.countAt;
  if (countAt >= count) return words;
  const keys = parseInteger(request.bytes, request.at(countAt), request.length(countAt));
  for (let i = 0; i < keys; i++) {
    const at = begin + find.firstKey + i * find.step;
    if (at >= count) return [];
    words.push(at);
  }
  return words;
}
