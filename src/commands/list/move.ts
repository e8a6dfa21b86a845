/** Moving elements from list to list. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';
import { isOtherType, lengthOf } from '#types/lists-form.ts';
import { type Movement, move } from '#types/lists-move.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { type Choice, key, oneOf } from '../grammar.ts';
import { endOf, limitsFor, positiveCount, writeElements } from './shared.ts';

const lMove = command({
  name: 'lmove',
  since: '6.2.0',
  group: 'list',
  complexity: 'O(1)',
  summary:
    'Returns an element after popping it from one list and pushing it to another. Deletes the list if the last element was moved.',
  flags: ['write', 'denyoom'],
  args: [
    key('source', 'RW', 'access', 'delete'),
    key('destination', 'RW', 'insert'),
    endOf('wherefrom'),
    endOf('whereto'),
  ],
  reply: ['bulk', 'nil'],
  run(context, source, destination, from, to) {
    const wanted = oneElement(from === 'LEFT', to === 'LEFT');
    if (!moveElements(context, source, destination, wanted)) context.reply.nil();
  },
});

const rPopLPush = command({
  name: 'rpoplpush',
  since: '1.2.0',
  group: 'list',
  complexity: 'O(1)',
  summary:
    'Returns the last element of a list after removing and pushing it to another list. Deletes the list if the last element was popped.',
  flags: ['write', 'denyoom'],
  args: [key('source', 'RW', 'access', 'delete'), key('destination', 'RW', 'insert')],
  reply: ['bulk', 'nil'],
  deprecated: { since: '6.2.0', replacedBy: '`LMOVE` with the `RIGHT` and `LEFT` arguments' },
  run(context, source, destination) {
    if (!moveElements(context, source, destination, oneElement(false, true))) context.reply.nil();
  },
});

/** The options of LMOVEM and BLMOVEM: both or neither. */
export const howMany = {
  selector: oneOf({ COUNT: [positiveCount('count')], EXACTLY: [positiveCount('exactly')] }),
  ordering: oneOf({ OBO: [], BULK: [] }),
};

interface HowMany {
  readonly selector: Choice<'COUNT' | 'EXACTLY'>;
  readonly ordering: Choice<'OBO' | 'BULK'>;
}

export function checkHowMany({ selector, ordering }: HowMany) {
  return (selector.token === null) === (ordering.token === null) ? undefined : errors.syntax;
}

const lMoveM = command({
  name: 'lmovem',
  since: '8.10.0',
  group: 'list',
  complexity: 'O(N) where N is the number of elements moved.',
  summary:
    'Moves up to (or exactly) a number of elements from one list to another and returns them. Deletes the source list if it becomes empty.',
  flags: ['write', 'denyoom'],
  args: [
    key('source', 'RW', 'access', 'delete'),
    key('destination', 'RW', 'insert'),
    endOf('wherefrom'),
    endOf('whereto'),
  ],
  options: howMany,
  repeatsOptions: false,
  checkOptions: checkHowMany,
  reply: ['array', 'nil'],
  run(context, source, destination, from, to, options) {
    const wanted = manyElements(from === 'LEFT', to === 'LEFT', options);
    if (moveElements(context, source, destination, wanted)) return;
    if (wanted.isExact) context.reply.nilArray();
    else context.reply.array(0);
  },
});

/** What is to be moved, and how that is answered. */
export interface Wanted {
  readonly fromFirst: boolean;
  readonly toFirst: boolean;
  /** At most so many, or just so many if it `isExact`. */
  readonly count: number;
  readonly isExact: boolean;
  readonly reverses: boolean;
  /** Whether the answer is an array. */
  readonly isMany: boolean;
}

export function oneElement(fromFirst: boolean, toFirst: boolean): Wanted {
  return { fromFirst, toFirst, count: 1, isExact: false, reverses: false, isMany: false };
}

export function manyElements(
  fromFirst: boolean,
  toFirst: boolean,
  { selector, ordering }: HowMany,
): Wanted {
  return {
    fromFirst,
    toFirst,
    count: selector.token === null ? 1 : selector.integer,
    isExact: selector.token === 'EXACTLY',
    // One by one, elements turn around if they go back to where they came from.
    reverses: ordering.token === 'OBO' && fromFirst === toFirst,
    isMany: true,
  };
}

/** Whether the list at the cursor has what is wanted. */
export function hasEnough(cursor: KeyCursor, { count, isExact }: Wanted): boolean {
  return cursor.exists && !isOtherType(cursor) && (!isExact || lengthOf(cursor) >= count);
}

/** Moves and answers, if only with an error. Returns false if the source has not what is wanted. */
export function moveElements(
  context: Context,
  source: Slice,
  destination: Slice,
  wanted: Wanted,
): boolean {
  const { database, reply } = context;
  const from = database.write(source);
  if (!from.exists) return false;
  if (isOtherType(from)) {
    reply.error(errors.wrongType);
    return true;
  }
  if (!hasEnough(from, wanted)) return false;
  const other = database.write(destination, database.secondary);
  if (isOtherType(other)) {
    reply.error(errors.wrongType);
    return true;
  }
  const to = other.entry === from.entry && other.arena === from.arena ? from : other;
  const { fromFirst, toFirst, reverses } = wanted;
  const count = Math.min(wanted.count, lengthOf(from));
  const movement: Movement = { fromFirst, toFirst, reverses, count };
  move(from, to, movement, limitsFor(context));
  if (wanted.isMany) reply.array(count);
  writeElements(reply, to, toFirst ? 0 : lengthOf(to) - count, count);
  return true;
}

export const moveCommands = [lMove, lMoveM, rPopLPush];
