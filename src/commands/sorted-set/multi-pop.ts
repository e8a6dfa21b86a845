/** Taking members from an end of the first of several sorted sets that has any: ZMPOP and BZMPOP. */
import { valueType } from '#keyspace/entry.ts';
import { Slice } from '#memory/slice.ts';
import { isNoSortedSet } from '#types/sorted-set-view.ts';
import { parseTimeout } from '../blocking.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, errors } from '../errors.ts';
import { bytes, counted, followedBy, type Groups, integer, key, option, word } from '../grammar.ts';
import { type End, popFirst, popPairsWithKey } from './popping.ts';

const name = new Slice();

const keysThenEnd = followedBy(
  counted('numkeys', key('key', 'RW', 'access', 'delete')),
  word('where', 'MIN', 'MAX'),
);
const count = option(
  'COUNT',
  integer('count', errors.countTooFew, (value): ErrorReply | undefined =>
    value < 1 ? errors.countTooFew : undefined,
  ),
);

const zMPop = command({
  name: 'zmpop',
  since: '7.0.0',
  group: 'sorted-set',
  complexity:
    'O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.',
  summary:
    'Returns the highest- or lowest-scoring members from one or more sorted sets after removing them. Deletes the sorted set if the last member was popped.',
  flags: ['write'],
  rest: keysThenEnd,
  options: { count },
  repeatsOptions: false,
  readsOptionsInOrder: true,
  reply: ['array', 'nil'],
  run(context, { count }, keys, where) {
    const isOver = popFromAny(
      context,
      keys,
      endOf(where),
      count.token === null ? 1 : count.integer,
    );
    if (!isOver) context.reply.nilArray();
  },
});

const bzMPop = command({
  name: 'bzmpop',
  since: '7.0.0',
  group: 'sorted-set',
  complexity:
    'O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.',
  summary:
    'Removes and returns a member by score from one or more sorted sets. Blocks until a member is available otherwise. Deletes the sorted set if the last element was popped.',
  flags: ['write', 'blocking'],
  args: [bytes('timeout', 'double')],
  rest: keysThenEnd,
  options: { count },
  repeatsOptions: false,
  readsOptionsInOrder: true,
  reply: ['array', 'nil'],
  run(context, seconds, { count }, keys, where) {
    const timeoutMs = parseTimeout(seconds);
    if (typeof timeoutMs === 'object') return context.reply.error(timeoutMs);
    const end = endOf(where);
    const most = count.token === null ? 1 : count.integer;
    if (popFromAny(context, keys, end, most)) return;
    const wanted = Array.from({ length: keys.length }, (_, i) => keys.into(i, 0, name).copy());
    context.block({
      keys: wanted,
      timeoutMs,
      takes: valueType.zset,
      serve: (woken) =>
        popFirst(woken, wanted, (cursor) => popPairsWithKey(woken.reply, cursor, end, most)),
      expire: (reply) => reply.nilArray(),
    });
  },
});

function endOf(where: 'MIN' | 'MAX'): End {
  return where === 'MIN' ? 'min' : 'max';
}

/** Pops from the first key that exists. Returns false, having replied nothing, where none does. */
function popFromAny({ database, reply }: Context, keys: Groups, end: End, count: number): boolean {
  for (let i = 0; i < keys.length; i++) {
    const cursor = database.write(keys.into(i, 0, name));
    if (!cursor.exists) continue;
    if (isNoSortedSet(cursor)) reply.error(errors.wrongType);
    else popPairsWithKey(reply, cursor, end, count);
    return true;
  }
  return false;
}

export const sortedSetMultiPopCommands = [zMPop, bzMPop];
