/** Taking elements from lists, and waiting for them. */
import { valueType } from '#keyspace/entry.ts';
import { Slice } from '#memory/slice.ts';
import { isOtherType } from '#types/lists-form.ts';
import { parseTimeout, timeout, timeoutMsOf } from '../blocking.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { bytes, counted, followedBy, type Groups, key, option, repeat } from '../grammar.ts';
import { replyWithPopped, replyWithPoppedOne } from './pop.ts';
import { endOf, positiveCount } from './shared.ts';

const keys = repeat(key('key', 'RW', 'access', 'delete'));
const complexity = 'O(N) where N is the number of provided keys.';
const history = [['6.0.0', '`timeout` is interpreted as a double instead of an integer.']] as const;

const bLPop = command({
  name: 'blpop',
  since: '2.0.0',
  group: 'list',
  complexity,
  summary:
    'Removes and returns the first element in a list. Blocks until an element is available otherwise. Deletes the list if the last element was popped.',
  flags: ['write', 'noscript', 'blocking'],
  rest: followedBy(keys, timeout),
  reply: ['array', 'nil'],
  history,
  run: (context, keys, seconds) =>
    popOrWait(context, copiesOf(keys), timeoutMsOf(seconds), true, undefined),
});

const bRPop = command({
  name: 'brpop',
  since: '2.0.0',
  group: 'list',
  complexity,
  summary:
    'Removes and returns the last element in a list. Blocks until an element is available otherwise. Deletes the list if the last element was popped.',
  flags: ['write', 'noscript', 'blocking'],
  rest: followedBy(keys, timeout),
  reply: ['array', 'nil'],
  history,
  run: (context, keys, seconds) =>
    popOrWait(context, copiesOf(keys), timeoutMsOf(seconds), false, undefined),
});

const bLMPop = command({
  name: 'blmpop',
  since: '7.0.0',
  group: 'list',
  complexity:
    'O(N+M) where N is the number of provided keys and M is the number of elements returned.',
  summary:
    'Pops the first element from one of multiple lists. Blocks until an element is available otherwise. Deletes the list if the last element was popped.',
  flags: ['write', 'blocking'],
  // Redis looks at the timeout last.
  args: [bytes('timeout', 'double')],
  rest: followedBy(counted('numkeys', key('key', 'RW', 'access', 'delete')), endOf('where')),
  options: { count: option('COUNT', positiveCount('count')) },
  repeatsOptions: false,
  readsOptionsInOrder: true,
  reply: ['array', 'nil'],
  run(context, timeout, { count }, keys, where) {
    const timeoutMs = parseTimeout(timeout);
    if (typeof timeoutMs === 'object') return context.reply.error(timeoutMs);
    const wanted = count.token === null ? 1 : count.integer;
    popOrWait(context, copiesOf(keys), timeoutMs, where === 'LEFT', wanted);
  },
});

/** Pops from the first key that has anything, or waits until one has. */
function popOrWait(
  context: Context,
  keys: readonly Buffer[],
  timeoutMs: number,
  isFirst: boolean,
  count: number | undefined,
): void {
  if (popFirst(context, keys, isFirst, count)) return;
  context.block({
    keys,
    timeoutMs,
    takes: valueType.list,
    serve: (woken) => hasAny(woken, keys) && popFirst(woken, keys, isFirst, count),
    expire: (reply) => reply.nilArray(),
  });
}

/** Answers, if only with an error, unless no key exists. */
function popFirst(
  context: Context,
  keys: readonly Buffer[],
  isFirst: boolean,
  count: number | undefined,
): boolean {
  const { database, reply } = context;
  for (const key of keys) {
    argument.point(key, 0, key.length);
    const cursor = database.write(argument);
    if (!cursor.exists) continue;
    if (isOtherType(cursor)) reply.error(errors.wrongType);
    else if (count === undefined) replyWithPoppedOne(context, cursor, argument, isFirst);
    else replyWithPopped(context, cursor, argument, isFirst, count);
    return true;
  }
  return false;
}

/** Whether any of the keys is a list: one of another type does not wake anybody, but is an error on the way. */
function hasAny({ database }: Context, keys: readonly Buffer[]): boolean {
  return keys.some((key) => {
    const cursor = database.peek(argument.point(key, 0, key.length));
    return cursor.exists && !isOtherType(cursor);
  });
}

function copiesOf(keys: Groups): Buffer[] {
  return Array.from({ length: keys.length }, (_, i) => keys.into(i, 0, argument).copy());
}

const argument = new Slice();

export const blockingPopCommands = [bLPop, bRPop, bLMPop];
