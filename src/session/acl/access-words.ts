/**
 * Which words of a request are keys and channels, and what is done to them, in the terms of rules. For commands whose
 * keys lie at fixed places, that is worked out once; the others (a count before the keys, a destination and sources)
 * are asked anew for each request.
 */
import type { Command } from '#commands/command.ts';
import { keyPositionsOf, keySpecsOf } from '#commands/derive/key-specs.ts';
import type { KeyAccess } from '#commands/grammar.ts';
import type { Request } from '#commands/request.ts';

/** What a rule may allow with a key; also what a request needs. */
export const access = { read: 1, write: 2, all: 3 } as const;

/** The keys of a command whose keys all lie at fixed places. */
export interface KeyRange {
  readonly first: number;
  /** Counted from the end where negative: -1 is the last word. */
  readonly last: number;
  readonly step: number;
  readonly needs: number;
  /** What is done depends on the request: {@link KeyRange.needs} is not it. */
  readonly isVariable: boolean;
}

/** By a command's id. `none`: it has no keys; `asked`: not at fixed places. */
const ranges: (KeyRange | 'none' | 'asked' | undefined)[] = [];

export function keyRangeOf(command: Command): KeyRange | 'none' | 'asked' {
  const known = ranges[command.id];
  if (known !== undefined) return known;
  const range = rangeOf(command);
  ranges[command.id] = range;
  return range;
}

function rangeOf(command: Command): KeyRange | 'none' | 'asked' {
  const specs = keySpecsOf(command).filter((spec) => !spec.access.includes('not_key'));
  const [spec, ...others] = specs;
  if (spec === undefined) return 'none';
  const { find, begin, keyword, isVariable } = spec;
  if (others.length > 0 || keyword !== undefined || find.type !== 'range') return 'asked';
  if (find.limit !== undefined) return 'asked';
  const last = find.lastKey < 0 ? find.lastKey : begin + find.lastKey;
  return { first: begin, last, step: find.step, needs: needsOf(spec.access), isVariable };
}

/** What a key needs, as a sum of {@link access}. Only to be named needs nothing. */
export function needsOf(kinds: readonly KeyAccess[]): number {
  const writes = ['insert', 'delete', 'update'].some((kind) => kinds.some((each) => each === kind));
  return (kinds.includes('access') ? access.read : 0) | (writes ? access.write : 0);
}

/** The keys of a request, each with what it needs. */
export function keysOf(command: Command, request: Request): { at: number; needs: number }[] {
  return keyPositionsOf(command, request).map((key) => ({
    at: key.at,
    needs: needsOf(key.access),
  }));
}

/** Which words are channels, from the first on. */
export interface Channels {
  readonly many: boolean;
  /** They are patterns, allowed only where a rule has the very same. */
  readonly arePatterns: boolean;
}

const channelsByCommand: Readonly<Record<string, Channels>> = {
  publish: { many: false, arePatterns: false },
  spublish: { many: false, arePatterns: false },
  subscribe: { many: true, arePatterns: false },
  ssubscribe: { many: true, arePatterns: false },
  psubscribe: { many: true, arePatterns: true },
};

/** What a command does with channels, if it sends to them or asks for them. */
export function channelsOf({ fullName }: Command): Channels | undefined {
  return Object.hasOwn(channelsByCommand, fullName) ? channelsByCommand[fullName] : undefined;
}
