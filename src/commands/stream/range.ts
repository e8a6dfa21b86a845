/** Reading a stream by its ids. */
import { Slice } from '#memory/slice.ts';
import { StreamId } from '#structures/stream-id.ts';
import { parseInt64 } from '#types/int64.ts';
import { isOtherType, lengthOf } from '#types/stream-root.ts';
import { StreamWalk } from '#types/stream-walk.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, errors } from '../errors.ts';
import { bytes, integer, key, option } from '../grammar.ts';
import { isWord, parseEnd, parseStart, replyEntry } from './shared.ts';

const text = new Slice();
const from = new StreamId();
const to = new StreamId();
const walk = new StreamWalk();

/** Answers a range of the request, whose first and last id are these words. Redis reads ids first and then the options. */
function replyRange(context: Context, startAt: number, endAt: number): void {
  const { database, reply, request } = context;
  const problem =
    parseStart(request.into(startAt, text), from) ?? parseEnd(request.into(endAt, text), to);
  if (problem !== undefined) return reply.error(problem);
  const countMax = readCount(context, 4);
  if (typeof countMax !== 'number') return reply.error(countMax);
  const isBackward = startAt > endAt;
  const cursor = database.read(request.into(1, text));
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

/** Reads COUNT from word `at` on, the last of several: all without one, none for a negative one. */
function readCount(context: Context, at: number): number | ErrorReply {
  const { request } = context;
  let count = Number.POSITIVE_INFINITY;
  for (; at < request.count; at += 2) {
    if (!isWord(context, at, 'COUNT') || at + 1 === request.count) return errors.syntax;
    const given = parseInt64(request.bytes, request.at(at + 1), request.length(at + 1));
    if (given === undefined) return errors.notInteger;
    count = Math.max(Number(given), 0);
  }
  return count;
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
  manual: true,
  run: (context) => replyRange(context, 2, 3),
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
  manual: true,
  run: (context) => replyRange(context, 3, 2),
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
