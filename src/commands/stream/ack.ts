/** Acknowledging what was delivered: XACK, XACKDEL, XDELEX, and giving it back: XNACK. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Ref } from '#memory/arena.ts';
import { nullRef } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import { parseInt64 } from '#types/int64.ts';
import { findGroup, pendingOfGroup } from '#types/stream-groups.ts';
import {
  addPending,
  assignPending,
  deliveriesOf,
  removePending,
  setDelivery,
} from '#types/stream-pending.ts';
import type { ReferencePolicy } from '#types/stream-references.ts';
import { isOtherType } from '#types/stream-root.ts';
import { findEntry } from '#types/stream-walk.ts';
import { refreshFirstId } from '#types/streams.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, error, errors } from '../errors.ts';
import { bytes, flag, integer, key, oneOf, option, repeat, word } from '../grammar.ts';
import { deleteUnder, deletion, touchesUnder } from './delete.ts';
import { groupOrReply, IdList, isWord, streamErrors } from './shared.ts';

const ids = new IdList();
const keyName = new Slice();
const groupName = new Slice();
const int64Max = 2n ** 63n - 1n;

const xAck = command({
  name: 'xack',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(1) for each message ID processed.',
  summary:
    'Returns the number of messages that were successfully acknowledged by the consumer group member of a stream.',
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'update'), bytes('group')],
  rest: repeat(bytes('id')),
  reply: ['integer'],
  run(context, name, groupText) {
    const { database, reply, request } = context;
    const cursor = database.write(name);
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    const group = cursor.exists ? findGroup(cursor, groupText) : nullRef;
    if (group === 0) return reply.integer(0);
    if (!ids.read(context, 3, request.count)) return reply.error(streamErrors.invalidId);
    const { arena } = cursor;
    let acknowledged = 0;
    for (let i = 0; i < ids.length; i++) {
      const pending = pendingOfGroup(arena, group).find(ids.at(i));
      if (pending === 0) continue;
      if (acknowledged++ === 0) cursor.change('xack');
      removePending(arena, group, pending);
    }
    reply.integer(acknowledged);
  },
});

/** Options and IDS of XDELEX, XACKDEL and XNACK. */
let policy: ReferencePolicy = 'KEEPREF';
let retryCount = -1n;
let forces = false;

/** Reads the options and the ids from word `at` on, in any order. */
function readIds(context: Context, at: number, isNack: boolean): ErrorReply | undefined {
  const { request } = context;
  policy = 'KEEPREF';
  retryCount = -1n;
  forces = false;
  let hasPolicy = false;
  let problem: ErrorReply | undefined = errors.syntax;
  for (; at < request.count; at++) {
    const named = isNack ? undefined : policies.find((each) => isWord(context, at, each));
    if (named !== undefined) {
      if (hasPolicy && policy !== named) return errors.syntax;
      hasPolicy = true;
      policy = named;
    } else if (isNack && isWord(context, at, 'FORCE')) forces = true;
    else if (isNack && isWord(context, at, 'RETRYCOUNT') && at + 1 < request.count) {
      const count = parseInt64(request.bytes, request.at(++at), request.length(at));
      if (count === undefined || count < 0n) return errors.notInteger;
      retryCount = count;
    } else if (isWord(context, at, 'IDS') && at + 1 < request.count) {
      const count = parseInt64(request.bytes, request.at(++at), request.length(at));
      if (count === undefined || count < 1n) return streamErrors.idsCount;
      if (count > BigInt(request.count - 1 - at)) return streamErrors.idsMismatch;
      const end = at + 1 + Number(count);
      if (!ids.read(context, at + 1, end)) return streamErrors.invalidId;
      at = end - 1;
      problem = undefined;
    } else return errors.syntax;
  }
  return problem;
}

const policies = ['KEEPREF', 'DELREF', 'ACKED'] as const;
const references = oneOf({ KEEPREF: [], DELREF: [], ACKED: [] });
const idsRest = repeat(bytes('ids'), bytes('numids', 'integer'), bytes('id'));

/** Replies that there is none of the ids. */
function replyNone({ reply }: Context): void {
  reply.array(ids.length);
  for (let i = 0; i < ids.length; i++) reply.integer(deletion.none);
}

const xDelEx = command({
  name: 'xdelex',
  since: '8.2.0',
  group: 'stream',
  complexity: 'O(1) for each single item to delete in the stream, regardless of the stream size.',
  summary: 'Deletes one or multiple entries from the stream.',
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'delete')],
  options: { references },
  rest: idsRest,
  manual: true,
  reply: ['array'],
  run(context) {
    const { database, reply, request } = context;
    const problem = readIds(context, 2, false);
    if (problem !== undefined) return reply.error(problem);
    const cursor = database.write(request.into(1, keyName));
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    if (!cursor.exists) return replyNone(context);
    if (ids.all().some((id) => touchesUnder(cursor, id, policy))) cursor.change('xdel');
    reply.array(ids.length);
    for (let i = 0; i < ids.length; i++) reply.integer(deleteUnder(cursor, ids.at(i), policy));
    refreshFirstId(cursor);
  },
});

const xAckDel = command({
  name: 'xackdel',
  since: '8.2.0',
  group: 'stream',
  complexity: 'O(1) for each entry ID processed.',
  summary:
    'Acknowledges and conditionally deletes one or multiple entries for a stream consumer group.',
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'update', 'delete'), bytes('group')],
  options: { references },
  rest: idsRest,
  manual: true,
  reply: ['array'],
  run(context) {
    const { database, reply, request } = context;
    const problem = readIds(context, 3, false);
    if (problem !== undefined) return reply.error(problem);
    const cursor = database.write(request.into(1, keyName));
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    const group = cursor.exists ? findGroup(cursor, request.into(2, groupName)) : nullRef;
    if (group === 0) return replyNone(context);
    const pendings = pendingOfGroup(cursor.arena, group);
    if (!ids.all().some((id) => pendings.find(id) !== 0)) return replyNone(context);
    cursor.change('xdel');
    reply.array(ids.length);
    for (let i = 0; i < ids.length; i++) reply.integer(acknowledgeAndDelete(cursor, group, i));
    refreshFirstId(cursor);
  },
});

/** What becomes of the id at `index`: as from deleteUnder, and 1 too for what was pending and already deleted. */
function acknowledgeAndDelete(cursor: KeyCursor, group: Ref, index: number): number {
  const { arena } = cursor;
  const id = ids.at(index);
  const pending = pendingOfGroup(arena, group).find(id);
  if (pending === 0) return deletion.none;
  removePending(arena, group, pending);
  const outcome = deleteUnder(cursor, id, policy);
  return outcome === deletion.none ? deletion.deleted : outcome;
}

const xNack = command({
  name: 'xnack',
  since: '8.8.0',
  group: 'stream',
  complexity: 'O(1) for each message ID processed.',
  summary:
    "Releases pending messages back to the group's PEL without acknowledging them, making them available for re-delivery.",
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'update'), bytes('group'), word('mode', 'SILENT', 'FAIL', 'FATAL')],
  options: { count: option('RETRYCOUNT', integer('count')), force: flag('FORCE') },
  rest: idsRest,
  manual: true,
  reply: ['integer'],
  run(context) {
    const { database, reply, request } = context;
    const mode = modes.find((each) => isWord(context, 3, each));
    if (mode === undefined) return reply.error(noMode);
    const problem = readIds(context, 4, true);
    if (problem !== undefined) return reply.error(problem);
    const cursor = database.write(request.into(1, keyName));
    const group = groupOrReply(context, cursor, keyName, request.into(2, groupName));
    if (group === 0) return;
    let released = 0;
    for (let i = 0; i < ids.length; i++)
      if (release(cursor, group, i, mode, released === 0)) released++;
    reply.integer(released);
  },
});

type NackMode = (typeof modes)[number];
const modes = ['SILENT', 'FAIL', 'FATAL'] as const;
const noMode = error('XNACK mode must be SILENT, FAIL, or FATAL');

/** Takes the id at `index` from its consumer, to be claimed at once. Returns whether it is pending. */
function release(
  cursor: KeyCursor,
  group: Ref,
  index: number,
  mode: NackMode,
  isFirst: boolean,
): boolean {
  const { arena, rootAt } = cursor;
  const id = ids.at(index);
  let pending = pendingOfGroup(arena, group).find(id);
  const isNew = pending === 0;
  if (isNew && !(forces && findEntry(arena, rootAt, id) !== undefined)) return false;
  if (isFirst) cursor.change('xnack');
  if (isNew) pending = addPending(arena, group, id);
  const before = isNew ? 0n : deliveriesOf(arena, pending);
  assignPending(arena, pending, nullRef);
  setDelivery(arena, pending, 0, deliveriesAfter(mode, before));
  return true;
}

function deliveriesAfter(mode: NackMode, before: bigint): bigint {
  if (retryCount >= 0n) return retryCount;
  if (mode === 'FATAL') return int64Max;
  return mode === 'SILENT' && before > 0n ? before - 1n : before;
}

export const streamAckCommands = [xAck, xDelEx, xAckDel, xNack];
