/** Reading a stream by its ids. */
import type { Slice } from '#memory/slice.ts';
import { StreamId } from '#structures/stream-id.ts';
import { isOtherType, lengthOf } from '#types/stream-root.ts';
import { StreamWalk } from '#types/stream-walk.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { bytes, integer, key, option } from '../grammar.ts';
import { parseEnd, parseStart, replyEntry } from './shared.ts';

const from = new StreamId();
const to = new StreamId();
const walk = new StreamWalk();

function replyRange(
  { database, reply }: Context,
  keyName: Slice,
  countMax: number,
  isBackward: boolean,
): void {
  const cursor = database.read(keyName);
  if (isOtherType(cursor)) return reply.error(errors.wrongType);
  if (!cursor.exists) return reply.array(0);
  if (countMax === 0) return reply.nilArray();
  const { arena, rootAt } = cursor;
  walk.start(arena, rootAt, from, to);
  let left = walk.count(countMax);
  reply.array(left);
  if (isBackward) walk.startBackward(arena, rootAt, from, to);
  else walk.start(arena, rootAt, from, to);
  for (; left > 0 && walk.next(); left--) replyEntry(reply, walk.entry);
}

/** A COUNT: all without one, none for a negative one. */
function countOf({ token, integer: count }: { token: string | null; integer: number }): number {
  return token === null ? Number.POSITIVE_INFINITY : Math.max(count, 0);
}

const options = { count: option('COUNT', integer('count')) };
const complexity =
  'O(N) with N being the number of elements being returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).';

const xRange = command({
  name: 'xrange',
  since: '5.0.0',
  group: 'stream',
  complexity,
  summary: 'Returns the messages from a stream within a range of IDs.',
  flags: ['readonly'],
  args: [key('key', 'RO', 'access'), bytes('start'), bytes('end')],
  options,
  reply: ['array', 'nil'],
  history: [['6.2.0', 'Added exclusive ranges.']],
  run(context, keyName, start, end, { count }) {
    const problem = parseStart(start, from) ?? parseEnd(end, to);
    if (problem !== undefined) return context.reply.error(problem);
    replyRange(context, keyName, countOf(count), false);
  },
});

const xRevRange = command({
  name: 'xrevrange',
  since: '5.0.0',
  group: 'stream',
  complexity,
  summary: 'Returns the messages from a stream within a range of IDs in reverse order.',
  flags: ['readonly'],
  args: [key('key', 'RO', 'access'), bytes('end'), bytes('start')],
  options,
  reply: ['array', 'nil'],
  history: [['6.2.0', 'Added exclusive ranges.']],
  run(context, keyName, end, start, { count }) {
    const problem = parseStart(start, from) ?? parseEnd(end, to);
    if (problem !== undefined) return context.reply.error(problem);
    replyRange(context, keyName, countOf(count), true);
  },
});

const xLen = command({
  name: 'xlen',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(1)',
  summary: 'Return the number of messages in a stream.',
  flags: ['readonly', 'fast'],
  args: [key('key', 'RO')],
  reply: ['integer'],
  run({ database, reply }, keyName) {
    const cursor = database.read(keyName);
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    reply.integer(cursor.exists ? lengthOf(cursor) : 0);
  },
});

export const streamRangeCommands = [xRange, xRevRange, xLen];
