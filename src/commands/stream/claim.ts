/** Taking over what was delivered to somebody else: XCLAIM and XAUTOCLAIM. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Ref } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import { StreamId } from '#structures/stream-id.ts';
import { TreeCursor } from '#structures/tree.ts';
import { parseInt64 } from '#types/int64.ts';
import { claim } from '#types/stream-delivery.ts';
import { groupLastIdAt } from '#types/stream-group-layout.ts';
import { consumerOf, pendingOfGroup } from '#types/stream-groups.ts';
import { parseStrictId } from '#types/stream-ids.ts';
import { addPending, deliveredAtMs, deliveriesOf, removePending } from '#types/stream-pending.ts';
import { findEntry } from '#types/stream-walk.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import type { Effects } from '../effects.ts';
import { type ErrorReply, error, errors, quoted } from '../errors.ts';
import { bytes, flag, integer, key, option, repeat } from '../grammar.ts';
import { ClaimRecord, meetAndRecord, recordAcknowledged, recordProgress } from './effects.ts';
import {
  groupOrReply,
  IdList,
  isWord,
  parseStart,
  replyEntry,
  replyId,
  streamErrors,
} from './shared.ts';

const keyName = new Slice();
const groupName = new Slice();
const text = new Slice();
const ids = new IdList();
const claimed = new IdList();
const deletedIds = new IdList();
const record = new ClaimRecord();
const lastId = new StreamId();
const start = new StreamId();
const current = new StreamId();

/** What XCLAIM is told beside the ids; -1 for what is not given. */
const options = { deliveredAtMs: -1, retryCount: -1n, forces: false, justIds: false };

/** An int64 at word `at`, rounded beyond the safe integers. */
function integerAt({ request }: Context, at: number): number {
  return Number(parseInt64(request.bytes, request.at(at), request.length(at)) ?? Number.NaN);
}

/** Reads the ids from word 5 on and the options after them. */
function readClaim(context: Context): ErrorReply | undefined {
  const { request, keyspace } = context;
  ids.clear();
  let at = 5;
  while (at < request.count && parseStrictId(request.into(at, text), current, 'first')) {
    ids.add().set(current);
    at++;
  }
  Object.assign(options, { deliveredAtMs: -1, retryCount: -1n, forces: false, justIds: false });
  lastId.setMin();
  for (; at < request.count; at++) {
    const hasValue = at + 1 < request.count;
    if (isWord(context, at, 'FORCE')) options.forces = true;
    else if (isWord(context, at, 'JUSTID')) options.justIds = true;
    else if (isWord(context, at, 'IDLE') && hasValue) {
      options.deliveredAtMs = keyspace.nowMs - integerAt(context, ++at);
      if (Number.isNaN(options.deliveredAtMs)) return invalidOption('IDLE');
    } else if (isWord(context, at, 'TIME') && hasValue) {
      options.deliveredAtMs = integerAt(context, ++at);
      if (Number.isNaN(options.deliveredAtMs)) return invalidOption('TIME');
    } else if (isWord(context, at, 'RETRYCOUNT') && hasValue) {
      at++;
      const count = parseInt64(request.bytes, request.at(at), request.length(at));
      if (count === undefined) return invalidOption('RETRYCOUNT');
      options.retryCount = count;
    } else if (isWord(context, at, 'LASTID') && hasValue) {
      if (!parseStrictId(request.into(++at, text), lastId, 'first')) return streamErrors.invalidId;
    } else return error(`Unrecognized XCLAIM option '${quoted(request.latin1(at))}'`);
  }
  return undefined;
}

function invalidOption(name: string): ErrorReply {
  return error(`Invalid ${name} option argument for XCLAIM`);
}

/** Whether a pending entry was left alone for so long, or belongs to nobody. */
function isIdle(cursor: KeyCursor, pending: Ref, idleMs: number, nowMs: number): boolean {
  return idleMs === 0 || nowMs - deliveredAtMs(cursor.arena, pending) >= idleMs;
}

/** Claims the entry `id`. Returns whether the consumer has it now. */
function claimOne(
  cursor: KeyCursor,
  group: Ref,
  consumer: Ref,
  id: StreamId,
  idleMs: number,
  nowMs: number,
): boolean {
  const { arena, rootAt } = cursor;
  let pending = pendingOfGroup(arena, group).find(id);
  if (findEntry(arena, rootAt, id) === undefined) {
    if (pending !== 0) {
      cursor.change('xclaim');
      removePending(arena, group, pending);
      deletedIds.add().set(id);
    }
    return false;
  }
  const isNew = pending === 0;
  if (isNew && !options.forces) return false;
  if (!isNew && consumerOf(arena, pending) !== 0 && !isIdle(cursor, pending, idleMs, nowMs)) {
    return false;
  }
  cursor.change('xclaim');
  if (isNew) pending = addPending(arena, group, id);
  const before = isNew ? 1n : deliveriesOf(arena, pending);
  const given = options.deliveredAtMs;
  const atMs = given < 0 || given > nowMs ? nowMs : given;
  const { retryCount, justIds } = options;
  const count = retryCount >= 0n ? retryCount : justIds ? before : before + 1n;
  try {
    claim(cursor, pending, consumer, atMs, count, nowMs);
  } catch (error) {
    if (isNew) removePending(arena, group, pending);
    throw error;
  }
  return true;
}

/** Replies with the entries whose ids are listed, which are there. */
function replyClaimed({ reply }: Context, cursor: KeyCursor, justIds: boolean): void {
  reply.array(claimed.length);
  for (let i = 0; i < claimed.length; i++) {
    const id = claimed.at(i);
    const entry = justIds ? undefined : findEntry(cursor.arena, cursor.rootAt, id);
    if (entry === undefined) replyId(reply, id);
    else replyEntry(reply, entry);
  }
}

const xClaim = command({
  name: 'xclaim',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(log N) with N being the number of messages in the PEL of the consumer group.',
  summary:
    'Changes, or acquires, ownership of a message in a consumer group, as if the message was delivered a consumer group member.',
  flags: ['write', 'fast'],
  tips: ['nondeterministic_output'],
  args: [
    key('key', 'RW', 'update'),
    bytes('group'),
    bytes('consumer'),
    bytes('min-idle-time', 'integer'),
  ],
  rest: repeat(bytes('id')),
  options: {
    idle: option('IDLE', integer('ms')),
    time: option('TIME', integer('unix-time-milliseconds')),
    count: option('RETRYCOUNT', integer('count')),
    force: flag('FORCE'),
    justId: flag('JUSTID'),
    lastId: option('LASTID', bytes('lastid')),
  },
  manual: true,
  reply: ['array'],
  run(context) {
    const { database, keyspace, reply, request, services } = context;
    const cursor = database.write(request.into(1, keyName));
    const group = groupOrReply(context, cursor, keyName, request.into(2, groupName));
    if (group === 0) return;
    const idleMs = Math.max(integerAt(context, 4), 0);
    if (Number.isNaN(idleMs)) return reply.error(invalidIdle('XCLAIM'));
    const problem = readClaim(context);
    if (problem !== undefined) return reply.error(problem);
    const { nowMs } = keyspace;
    const { arena } = cursor;
    const { effects } = services;
    if (lastId.compare(current.read(arena, group + groupLastIdAt)) > 0) {
      cursor.change('xclaim');
      lastId.write(arena, group + groupLastIdAt);
      recordProgress(effects, cursor, group);
    }
    const consumer = meetAndRecord(effects, cursor, group, request.into(3, text), nowMs);
    claimed.clear();
    deletedIds.clear();
    for (let i = 0; i < ids.length; i++) {
      const id = ids.at(i);
      if (claimOne(cursor, group, consumer, id, idleMs, nowMs)) claimed.add().set(id);
    }
    recordOutcome(effects, cursor, group);
    replyClaimed(context, cursor, options.justIds);
  },
});

/** Records what is claimed and what is pending no more. */
function recordOutcome(effects: Effects, cursor: KeyCursor, group: Ref): void {
  if (!effects.isWanted) return;
  for (let i = 0; i < claimed.length; i++) record.add(effects, cursor, group, claimed.at(i));
  record.end(effects);
  recordAcknowledged(effects, cursor, group, deletedIds.all());
}

function invalidIdle(name: string): ErrorReply {
  return error(`Invalid min-idle-time argument for ${name}`);
}

const countDefault = 100;
const countMax = Math.floor(Number.MAX_SAFE_INTEGER / 16);
const triesPerEntry = 10;
const badCount = error('COUNT must be > 0');
const place = new TreeCursor();

/** What XAUTOCLAIM is told beside where to start. */
const limits = { count: countDefault, justIds: false };

/** Reads the options from word 6 on. */
function readLimits(context: Context): ErrorReply | undefined {
  limits.count = countDefault;
  limits.justIds = false;
  for (let at = 6; at < context.request.count; at++) {
    if (isWord(context, at, 'JUSTID')) limits.justIds = true;
    else if (isWord(context, at, 'COUNT') && at + 1 < context.request.count) {
      limits.count = integerAt(context, ++at);
      if (!(limits.count >= 1 && limits.count <= countMax)) return badCount;
    } else return errors.syntax;
  }
  return undefined;
}

/** Claims what is idle from `start` on, into the lists. Leaves in `start` where to go on, 0-0 at the end. */
function claimIdle(
  cursor: KeyCursor,
  group: Ref,
  consumer: Ref,
  idleMs: number,
  nowMs: number,
): void {
  const { arena, rootAt } = cursor;
  const { justIds } = limits;
  const pendings = pendingOfGroup(arena, group);
  let tries = limits.count * triesPerEntry;
  let left = limits.count;
  let isChanged = false;
  claimed.clear();
  deletedIds.clear();
  let more = pendings.seekId(start, place);
  while (more && tries-- > 0 && left > 0) {
    const pending = pendings.value(place);
    current.read(arena, pending);
    const isThere = findEntry(arena, rootAt, current) !== undefined;
    if (isThere && !isIdle(cursor, pending, idleMs, nowMs)) {
      more = pendings.next(place);
      continue;
    }
    if (!isChanged) cursor.change('xautoclaim');
    isChanged = true;
    left--;
    if (isThere) {
      const count = deliveriesOf(arena, pending) + (justIds ? 0n : 1n);
      claim(cursor, pending, consumer, nowMs, count, nowMs);
      claimed.add().set(current);
      more = pendings.next(place);
      continue;
    }
    removePending(arena, group, pending);
    deletedIds.add().set(current);
    more = pendings.seekId(current, place);
  }
  if (more) start.read(arena, pendings.value(place));
  else start.setMin();
}

const xAutoClaim = command({
  name: 'xautoclaim',
  since: '6.2.0',
  group: 'stream',
  complexity: 'O(1) if COUNT is small.',
  summary:
    'Changes, or acquires, ownership of messages in a consumer group, as if the messages were delivered to as consumer group member.',
  flags: ['write', 'fast'],
  tips: ['nondeterministic_output'],
  args: [
    key('key', 'RW', 'delete'),
    bytes('group'),
    bytes('consumer'),
    bytes('min-idle-time', 'integer'),
    bytes('start'),
  ],
  options: { count: option('COUNT', bytes('count', 'integer')), justId: flag('JUSTID') },
  reply: ['array'],
  history: [
    [
      '7.0.0',
      'Added an element to the reply array, containing deleted entries the command cleared from the PEL',
    ],
  ],
  manual: true,
  run(context) {
    const { database, keyspace, reply, request, services } = context;
    const idleMs = Math.max(integerAt(context, 4), 0);
    if (Number.isNaN(idleMs)) return reply.error(invalidIdle('XAUTOCLAIM'));
    const problem = parseStart(request.into(5, text), start) ?? readLimits(context);
    if (problem !== undefined) return reply.error(problem);
    const cursor = database.write(request.into(1, keyName));
    const group = groupOrReply(context, cursor, keyName, request.into(2, groupName));
    if (group === 0) return;
    const { nowMs } = keyspace;
    const { effects } = services;
    const consumer = meetAndRecord(effects, cursor, group, request.into(3, text), nowMs);
    claimIdle(cursor, group, consumer, idleMs, nowMs);
    recordOutcome(effects, cursor, group);
    reply.array(3);
    replyId(reply, start);
    replyClaimed(context, cursor, limits.justIds);
    reply.array(deletedIds.length);
    for (let i = 0; i < deletedIds.length; i++) replyId(reply, deletedIds.at(i));
  },
});

export const streamClaimCommands = [xClaim, xAutoClaim];
