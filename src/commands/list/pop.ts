/** Taking elements from the ends of a list. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { pop, readEnd } from '#types/lists.ts';
import { isOtherType, lengthOf } from '#types/lists-form.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { counted, followedBy, integer, key, option, optional } from '../grammar.ts';
import type { Reply } from '../reply.ts';
import { endOf, limitsFor, notNegative, positiveCount, writeElements } from './shared.ts';

const count = optional(integer('count', errors.notPositive, notNegative(errors.notPositive)));

const lPop = command({
  name: 'lpop',
  since: '1.0.0',
  group: 'list',
  complexity: 'O(N) where N is the number of elements returned',
  constantWords: 2,
  summary:
    'Returns the first elements in a list after removing it. Deletes the list if the last element was popped.',
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'access', 'delete'), count],
  reply: ['bulk', 'nil', 'array'],
  history: [['6.2.0', 'Added the `count` argument.']],
  run: (context, key, count) => popElements(context, key, true, count),
});

const rPop = command({
  name: 'rpop',
  since: '1.0.0',
  group: 'list',
  complexity: 'O(N) where N is the number of elements returned',
  constantWords: 2,
  summary:
    'Returns and removes the last elements of a list. Deletes the list if the last element was popped.',
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'access', 'delete'), count],
  reply: ['bulk', 'nil', 'array'],
  history: [['6.2.0', 'Added the `count` argument.']],
  run: (context, key, count) => popElements(context, key, false, count),
});

const lMPop = command({
  name: 'lmpop',
  since: '7.0.0',
  group: 'list',
  complexity:
    'O(N+M) where N is the number of provided keys and M is the number of elements returned.',
  summary:
    'Returns multiple elements from a list after removing them. Deletes the list if the last element was popped.',
  flags: ['write'],
  rest: followedBy(counted('numkeys', key('key', 'RW', 'access', 'delete')), endOf('where')),
  options: { count: option('COUNT', positiveCount('count')) },
  repeatsOptions: false,
  readsOptionsInOrder: true,
  reply: ['array', 'nil'],
  run(context, { count }, keys, where) {
    const { database, reply } = context;
    for (let i = 0; i < keys.length; i++) {
      const cursor = database.write(keys.into(i, 0, argument));
      if (!cursor.exists) continue;
      if (isOtherType(cursor)) return reply.error(errors.wrongType);
      const wanted = count.token === null ? 1 : count.integer;
      return replyWithPopped(context, cursor, argument, where === 'LEFT', wanted);
    }
    reply.nilArray();
  },
});

function popElements(
  context: Context,
  key: Slice,
  isFirst: boolean,
  count: number | undefined,
): void {
  const { database, reply } = context;
  const cursor = database.write(key);
  if (!cursor.exists) return count === undefined ? reply.nil() : reply.nilArray();
  if (isOtherType(cursor)) return reply.error(errors.wrongType);
  if (count === 0) return reply.array(0);
  if (count === undefined) {
    writeEnd(reply, cursor, isFirst);
    pop(cursor, isFirst, 1, limitsFor(context));
    return;
  }
  const length = lengthOf(cursor);
  const popped = Math.min(length, count);
  reply.array(popped);
  writeElements(reply, cursor, isFirst ? 0 : length - 1, popped, isFirst);
  pop(cursor, isFirst, popped, limitsFor(context));
}

/** Answers with the key and an array of the elements that are taken from it. */
export function replyWithPopped(
  context: Context,
  cursor: KeyCursor,
  { bytes, at, length: keyLength }: Slice,
  isFirst: boolean,
  count: number,
): void {
  const { reply, services } = context;
  const length = lengthOf(cursor);
  const popped = Math.min(length, count);
  const { effects } = services;
  if (effects.isWanted) effects.record(popNameOf(isFirst), cursor.key, popped);
  reply.array(2);
  reply.bulk(bytes, at, keyLength);
  reply.array(popped);
  writeElements(reply, cursor, isFirst ? 0 : length - 1, popped, isFirst);
  pop(cursor, isFirst, popped, limitsFor(context));
}

/** Answers with the key and the element that is taken from it. */
export function replyWithPoppedOne(
  context: Context,
  cursor: KeyCursor,
  { bytes, at, length }: Slice,
  isFirst: boolean,
): void {
  const { reply, services } = context;
  const { effects } = services;
  if (effects.isWanted) effects.record(popNameOf(isFirst), cursor.key);
  reply.array(2);
  reply.bulk(bytes, at, length);
  writeEnd(reply, cursor, isFirst);
  pop(cursor, isFirst, 1, limitsFor(context));
}

function writeEnd(reply: Reply, cursor: KeyCursor, isFirst: boolean): void {
  const { at, length } = readEnd(cursor, isFirst, element);
  reply.stored(cursor.arena, at, length);
}

/** What a pop that waited, or chose among keys, did: as a command of its own. */
function popNameOf(isFirst: boolean): string {
  return isFirst ? 'LPOP' : 'RPOP';
}

const argument = new Slice();
const element = new Slice();

export const popCommands = [lPop, rPop, lMPop];
