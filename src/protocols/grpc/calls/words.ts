/** From the fields of messages to the words of commands. */
import type { ReplyError } from '../../local/reply-value.ts';
import type { Argument } from '../../local/request-writer.ts';
import { mistake } from '../status.ts';

type Words = readonly Argument[];

/** The name if it applies. */
export function when(applies: boolean, ...words: Words): Words {
  return applies ? words : [];
}

/** The words for a choice; none for one that says nothing, or that this server does not know. */
export function choice<T extends number>(
  chosen: T,
  words: Readonly<Partial<Record<T, string>>>,
): Words {
  const word = words[chosen];
  return word === undefined ? [] : [word];
}

/** The word for a choice that has to be made. */
export function oneOf<T extends number>(
  name: string,
  chosen: T,
  words: Readonly<Partial<Record<T, string>>>,
): string {
  const word = words[chosen];
  if (word === undefined) throw missing(name);
  return word;
}

/** A field that has to be set. */
export function required<T>(name: string, value: T | undefined): T {
  if (value === undefined) throw missing(name);
  return value;
}

export function missing(name: string): ReplyError {
  return mistake(`the request does not say its ${name}`);
}

/** Keys with their number before them. */
export function counted(keys: readonly Uint8Array[]): Words {
  return [keys.length, ...keys];
}

/** What limits an iteration by a cursor. */
export function scanOptions(pattern: Uint8Array, count: bigint): Words {
  return [...when(pattern.length > 0, 'MATCH', pattern), ...when(count !== 0n, 'COUNT', count)];
}

/** Milliseconds as the seconds that commands wait; 0 is for ever. */
export function seconds(ms: bigint): number {
  return Number(ms) / 1000;
}

/** At least one, where 0 stands for it. */
export function orOne(count: bigint): bigint {
  return count === 0n ? 1n : count;
}
