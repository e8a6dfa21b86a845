/** Taking the members with the lowest or the highest scores, at once or when there are any. */

import type { Slice } from '#memory/slice.ts';
import { isNoSortedSet } from '#types/sorted-set-view.ts';
import { timeout, timeoutMsOf } from '../blocking.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { followedBy, integer, key, optional, repeat } from '../grammar.ts';
import { copiesOf, type End, popOrWait, popPairs, popWithKey } from './popping.ts';
import { nestsPairs } from './range-reply.ts';

const count = integer('count', errors.notPositive, (value) =>
  value < 0 ? errors.notPositive : undefined,
);

const zPopMin = command({
  name: 'zpopmin',
  since: '5.0.0',
  group: 'sorted-set',
  complexity:
    'O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.',
  summary:
    'Returns the lowest-scoring members from a sorted set after removing them. Deletes the sorted set if the last member was popped.',
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'access', 'delete'), optional(count)],
  unknownOption: () => errors.syntax,
  reply: ['array'],
  run: (context, key, count) => pop(context, key, 'min', count),
});

const zPopMax = command({
  name: 'zpopmax',
  since: '5.0.0',
  group: 'sorted-set',
  complexity:
    'O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.',
  summary:
    'Returns the highest-scoring members from a sorted set after removing them. Deletes the sorted set if the last member was popped.',
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'access', 'delete'), optional(count)],
  unknownOption: () => errors.syntax,
  reply: ['array'],
  run: (context, key, count) => pop(context, key, 'max', count),
});

const bzPopMin = command({
  name: 'bzpopmin',
  since: '5.0.0',
  group: 'sorted-set',
  complexity: 'O(log(N)) with N being the number of elements in the sorted set.',
  summary:
    'Removes and returns the member with the lowest score from one or more sorted sets. Blocks until a member is available otherwise. Deletes the sorted set if the last element was popped.',
  flags: ['write', 'noscript', 'blocking', 'fast'],
  rest: followedBy(repeat(key('key', 'RW', 'access', 'delete')), timeout),
  reply: ['array', 'nil'],
  history: [['6.0.0', '`timeout` is interpreted as a double instead of an integer.']],
  run: (context, keys, seconds) =>
    popOrWait(context, copiesOf(keys), timeoutMsOf(seconds), (woken, cursor) =>
      popWithKey(woken, cursor, 'min'),
    ),
});

const bzPopMax = command({
  name: 'bzpopmax',
  since: '5.0.0',
  group: 'sorted-set',
  complexity: 'O(log(N)) with N being the number of elements in the sorted set.',
  summary:
    'Removes and returns the member with the highest score from one or more sorted sets. Blocks until a member available otherwise. Deletes the sorted set if the last element was popped.',
  flags: ['write', 'noscript', 'blocking', 'fast'],
  rest: followedBy(repeat(key('key', 'RW', 'access', 'delete')), timeout),
  reply: ['array', 'nil'],
  history: [['6.0.0', '`timeout` is interpreted as a double instead of an integer.']],
  run: (context, keys, seconds) =>
    popOrWait(context, copiesOf(keys), timeoutMsOf(seconds), (woken, cursor) =>
      popWithKey(woken, cursor, 'max'),
    ),
});

function pop(context: Context, key: Slice, end: End, count: number | undefined): void {
  const { database, reply } = context;
  const cursor = database.write(key);
  if (isNoSortedSet(cursor)) return reply.error(errors.wrongType);
  if (!cursor.exists || count === 0) return reply.array(0);
  if (count === undefined) popPairs(reply, cursor, end, 1, false);
  else popPairs(reply, cursor, end, count, nestsPairs(context));
}

export const sortedSetPopCommands = [zPopMin, zPopMax, bzPopMin, bzPopMax];
