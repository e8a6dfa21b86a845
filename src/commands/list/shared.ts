/** What the commands on lists have in common. */
import type { Config } from '#config/config.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';
import { parseRounded } from '#types/int64.ts';
import { ListCursor } from '#types/list-cursor.ts';
import { type ListLimits, limitsOf } from '#types/lists-form.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, errors } from '../errors.ts';
import { type Check, integer, word } from '../grammar.ts';
import type { Reply } from '../reply.ts';

/** Up to which size a list is packed, kept here because every LPUSH needs it. */
class LiveLimits {
  limits: ListLimits;

  constructor(config: Config) {
    this.limits = limitsOf(config.get('list-max-listpack-size'));
    config.onChange('list-max-listpack-size', (size) => {
      this.limits = limitsOf(size);
      return undefined;
    });
  }
}

const known = new WeakMap<Config, LiveLimits>();
let last: { readonly config: Config; readonly live: LiveLimits } | undefined;

/** Up to which size a list is packed, by the configuration in force; followed from the first time on that somebody asks. */
export function limitsFor({ services: { config } }: Context): ListLimits {
  if (last?.config === config) return last.live.limits;
  const live = known.get(config) ?? new LiveLimits(config);
  known.set(config, live);
  last = { config, live };
  return live.limits;
}

/** Which end of a list: LEFT is the first element. */
export function endOf(name: string) {
  return word(name, 'LEFT', 'RIGHT');
}

const isPositive: Check = (value) => (value > 0 ? undefined : errors.countNotPositive);

/** How many elements: one at least. */
export function positiveCount(name: string) {
  return integer(name, errors.countNotPositive, isPositive);
}

/** A check that a number is not negative. */
export function notNegative(problem: ErrorReply): Check {
  return (value) => (value >= 0 ? undefined : problem);
}

/** The index an argument is; NaN where it is none. */
export function indexOf({ bytes, at, length }: Slice): number {
  return parseRounded(bytes, at, length);
}

/** Writes `count` elements of the list at the cursor, from the one at `index` on or back, without an array's head. */
export function writeElements(
  reply: Reply,
  cursor: KeyCursor,
  index: number,
  count: number,
  isForward = true,
): void {
  const { element } = walk;
  let more = walk.open(cursor, index);
  for (let left = count; more && left > 0; left--) {
    reply.stored(walk.arena, element.at, element.length);
    more = left > 1 && (isForward ? walk.next() : walk.previous());
  }
}

const walk = new ListCursor();
