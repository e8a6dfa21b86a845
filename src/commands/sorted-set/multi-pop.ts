/** Taking members from an end of the first of several sorted sets that has any: ZMPOP and BZMPOP. */
import { parseTimeout } from '../blocking.ts';
import { command } from '../command.ts';
import { type ErrorReply, errors } from '../errors.ts';
import { bytes, counted, followedBy, integer, key, option, word } from '../grammar.ts';
import { copiesOf, type End, popFirst, popOrWait, popPairsWithKey } from './popping.ts';

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
    const end = endOf(where);
    const most = count.token === null ? 1 : count.integer;
    const isOver = popFirst(context, copiesOf(keys), (cursor) =>
      popPairsWithKey(context, cursor, end, most),
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
    popOrWait(context, copiesOf(keys), timeoutMs, (woken, cursor) =>
      popPairsWithKey(woken, cursor, end, most),
    );
  },
});

function endOf(where: 'MIN' | 'MAX'): End {
  return where === 'MIN' ? 'min' : 'max';
}

export const sortedSetMultiPopCommands = [zMPop, bzMPop];
