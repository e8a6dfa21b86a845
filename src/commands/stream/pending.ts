/** XPENDING: what was delivered and not acknowledged. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Arena, Ref } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import { StreamId } from '#structures/stream-id.ts';
import { TreeCursor } from '#structures/tree.ts';
import { parseInt64 } from '#types/int64.ts';
import {
  consumerName,
  consumerOf,
  consumersOf,
  findConsumer,
  pendingOfConsumer,
  pendingOfGroup,
} from '#types/stream-groups.ts';
import { deliveredAtMs, deliveriesOf } from '#types/stream-pending.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, errors } from '../errors.ts';
import { bytes, integer, key, option, optional } from '../grammar.ts';
import type { Reply } from '../reply.ts';
import { groupOrReply, isWord, parseEnd, parseStart, replyId, replyInt64 } from './shared.ts';

const keyName = new Slice();
const groupName = new Slice();
const text = new Slice();
const name = new Slice();
const start = new StreamId();
const end = new StreamId();
const id = new StreamId();
const place = new TreeCursor();

/** What part of the list is asked for. `consumerAt` is its word, 0 for all consumers. */
const wanted = { count: 0, idleMs: 0, consumerAt: 0 };

function readRange(context: Context): ErrorReply | undefined {
  const { request } = context;
  const integerAt = (at: number) =>
    Number(parseInt64(request.bytes, request.at(at), request.length(at)) ?? Number.NaN);
  let at = 3;
  wanted.idleMs = 0;
  if (isWord(context, 3, 'IDLE')) {
    wanted.idleMs = integerAt(4);
    if (Number.isNaN(wanted.idleMs)) return errors.notInteger;
    if (request.count < 8) return errors.syntax;
    at = 5;
  }
  wanted.count = integerAt(at + 2);
  if (Number.isNaN(wanted.count)) return errors.notInteger;
  wanted.consumerAt = at + 3 < request.count ? at + 3 : 0;
  return parseStart(request.into(at, text), start) ?? parseEnd(request.into(at + 1, text), end);
}

/** All in a few words: how many there are, the first and the last, and how many each consumer has. */
function replySummary({ reply }: Context, arena: Arena, group: Ref): void {
  const all = pendingOfGroup(arena, group);
  reply.array(4);
  reply.integer(all.count);
  if (all.count === 0) {
    reply.nil();
    reply.nil();
    reply.nilArray();
    return;
  }
  replyId(reply, id.read(arena, all.firstValue()));
  replyId(reply, id.read(arena, all.lastBlock()));
  const consumers = consumersOf(arena, group);
  let busy = 0;
  for (let more = consumers.first(place); more; more = consumers.next(place)) {
    if (pendingOfConsumer(arena, consumers.value(place)).count > 0) busy++;
  }
  reply.array(busy);
  for (let more = consumers.first(place); more; more = consumers.next(place)) {
    const consumer = consumers.value(place);
    const { count } = pendingOfConsumer(arena, consumer);
    if (count === 0) continue;
    reply.array(2);
    const { at, length } = consumerName(arena, consumer, name);
    reply.stored(arena, at, length);
    reply.text(String(count));
  }
}

function isWanted(arena: Arena, pending: Ref, nowMs: number): boolean {
  return wanted.idleMs === 0 || nowMs - deliveredAtMs(arena, pending) >= wanted.idleMs;
}

/** The pending entries of the range, one by one. */
function replyList(context: Context, cursor: KeyCursor, group: Ref): void {
  const { keyspace, reply, request } = context;
  const { arena } = cursor;
  let list = pendingOfGroup(arena, group);
  if (wanted.consumerAt !== 0) {
    const consumer = findConsumer(arena, group, request.into(wanted.consumerAt, text));
    if (consumer === 0) return reply.array(0);
    list = pendingOfConsumer(arena, consumer);
  }
  const found: Ref[] = [];
  for (
    let more = list.seekId(start, place);
    more && found.length < wanted.count;
    more = list.next(place)
  ) {
    const pending = list.value(place);
    if (id.read(arena, pending).compare(end) > 0) break;
    if (isWanted(arena, pending, keyspace.nowMs)) found.push(pending);
  }
  reply.array(found.length);
  for (const pending of found) replyPending(reply, arena, pending, keyspace.nowMs);
}

function replyPending(reply: Reply, arena: Arena, pending: Ref, nowMs: number): void {
  const consumer = consumerOf(arena, pending);
  reply.array(4);
  replyId(reply, id.read(arena, pending));
  const { at, length } = consumerName(arena, consumer, name);
  reply.stored(arena, at, length);
  // What nobody has, was never delivered, so to speak.
  reply.integer(consumer === 0 ? -1 : Math.max(nowMs - deliveredAtMs(arena, pending), 0));
  replyInt64(reply, deliveriesOf(arena, pending));
}

const xPending = command({
  name: 'xpending',
  since: '5.0.0',
  group: 'stream',
  complexity:
    'O(N) with N being the number of elements returned, so asking for a small fixed number of entries per call is O(1). O(M), where M is the total number of entries scanned when used with the IDLE filter. When the command returns just the summary and the list of consumers is small, it runs in O(1) time; otherwise, an additional O(N) time for iterating every consumer.',
  summary:
    "Returns the information and entries from a stream consumer group's pending entries list.",
  flags: ['readonly'],
  tips: ['nondeterministic_output'],
  args: [
    key('key', 'RO', 'access'),
    bytes('group'),
    optional(bytes('start')),
    optional(bytes('end')),
    optional(bytes('count', 'integer')),
    optional(bytes('consumer')),
  ],
  options: { idle: option('IDLE', integer('min-idle-time')) },
  manual: true,
  reply: ['array'],
  history: [['6.2.0', 'Added the `IDLE` option and exclusive range intervals.']],
  run(context) {
    const { database, reply, request } = context;
    const { count } = request;
    const isSummary = count === 3;
    if (!isSummary && (count < 6 || count > 9)) return reply.error(errors.syntax);
    const problem = isSummary ? undefined : readRange(context);
    if (problem !== undefined) return reply.error(problem);
    const cursor = database.read(request.into(1, keyName));
    const group = groupOrReply(context, cursor, keyName, request.into(2, groupName));
    if (group === 0) return;
    if (isSummary) replySummary(context, cursor.arena, group);
    else replyList(context, cursor, group);
  },
});

export const streamPendingCommands = [xPending];
