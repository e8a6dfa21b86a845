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

/** Where a command's keys are. */
export interface KeyRange {
  /** Whether they all lie at fixed places, which is then what the rest says. No keys are a range that ends before it begins. */
  readonly isFixed: boolean;
  readonly first: number;
  /** Counted from the end where negative: -1 is the last word. */
  readonly last: number;
  readonly step: number;
  readonly needs: number;
  /** What is done depends on the request: {@link KeyRange.needs} is not it. */
  readonly isVariable: boolean;
}

/** By a command's id. */
const ranges: (KeyRange | undefined)[] = [];

export function keyRangeOf(command: Command): KeyRange {
  const known = ranges[command.id];
  if (known !== undefined) return known;
  const range = rangeOf(command);
  // Filled from the start, so that there are no holes.
  while (ranges.length < command.id) ranges.push(undefined);
  ranges[command.id] = range;
  return range;
}

function rangeOf(command: Command): KeyRange {
  const none = { isFixed: true, first: 1, last: 0, step: 1, needs: 0, isVariable: false };
  const asked = { ...none, isFixed: false };
  const specs = keySpecsOf(command).filter((spec) => !spec.access.includes('not_key'));
  const [spec, ...others] = specs;
  if (spec === undefined) return none;
  const { find, begin, keyword, isVariable } = spec;
  if (others.length > 0 || keyword !== undefined || find.type !== 'range') return asked;
  if (find.limit !== undefined) return asked;
  const last = find.lastKey < 0 ? find.lastKey : begin + find.lastKey;
  const { step } = find;
  return { isFixed: true, first: begin, last, step, needs: needsOf(spec.access), isVariable };
}

/** What a key needs, as a sum of {@link access}. Only to be named needs nothing. */
function needsOf(kinds: readonly KeyAccess[]): number {
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
