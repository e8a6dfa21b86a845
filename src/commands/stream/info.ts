/** XINFO: what there is to know of streams, their groups and consumers. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Arena, Ref } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import { StreamId } from '#structures/stream-id.ts';
import { TreeCursor } from '#structures/tree.ts';
import { parseInt64 } from '#types/int64.ts';
import {
  consumerActiveAt,
  consumerSeenAt,
  groupLastIdAt,
  groupReadAt,
} from '#types/stream-group-layout.ts';
import {
  consumerName,
  consumerOf,
  consumersOf,
  findGroup,
  groupName,
  pendingOfConsumer,
  pendingOfGroup,
  readUnknown,
} from '#types/stream-groups.ts';
import { deliveredAtMs, deliveriesOf } from '#types/stream-pending.ts';
import { trackingOf } from '#types/stream-producers.ts';
import { lagOf } from '#types/stream-progress.ts';
import {
  addedAt,
  firstIdAt,
  groupsOf,
  int64At,
  isOtherType,
  lastIdAt,
  lengthOf,
  maxDeletedIdAt,
  nodesOf,
} from '#types/stream-root.ts';
import { StreamWalk } from '#types/stream-walk.ts';
import { container, subcommand } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, errors } from '../errors.ts';
import { bytes, key, option } from '../grammar.ts';
import type { Reply } from '../reply.ts';
import { subcommandSyntax } from '../server/shared.ts';
import { isWord, noGroupInKey, replyEntry, replyId, replyInt64 } from './shared.ts';

const countDefault = 10;
const id = new StreamId();
const minId = new StreamId().setMin();
const maxId = new StreamId().setMax();
const name = new Slice();
const keyName = new Slice();
const walk = new StreamWalk();
const groupPlace = new TreeCursor();
const consumerPlace = new TreeCursor();
const pendingPlace = new TreeCursor();

/** Opens a stream to tell of it; replies with an error where there is none. */
function openOrReply({ database, reply }: Context, keyText: Slice): KeyCursor | undefined {
  const cursor = database.read(keyText);
  if (!cursor.exists) reply.error(errors.noSuchKey);
  else if (isOtherType(cursor)) reply.error(errors.wrongType);
  else return cursor;
  return undefined;
}

function replyName(reply: Reply, arena: Arena, { at, length }: Slice): void {
  reply.text('name');
  reply.stored(arena, at, length);
}

function replyIdAs(reply: Reply, label: string, arena: Arena, at: number): void {
  reply.text(label);
  replyId(reply, id.read(arena, at));
}

function replyCount(reply: Reply, label: string, count: number): void {
  reply.text(label);
  reply.integer(count);
}

/** How far a group has come. */
function replyProgress(reply: Reply, arena: Arena, root: number, group: Ref): void {
  replyIdAs(reply, 'last-delivered-id', arena, group + groupLastIdAt);
  reply.text('entries-read');
  const read = int64At(arena, group + groupReadAt);
  if (read === readUnknown) reply.nil();
  else replyInt64(reply, read);
  reply.text('lag');
  const lag = lagOf(arena, root, group);
  if (lag === undefined) reply.nil();
  else replyInt64(reply, lag);
}

/** What is said of a stream in either form. */
function replyStream(reply: Reply, cursor: KeyCursor, length: number): void {
  const { arena, rootAt } = cursor;
  replyCount(reply, 'length', length);
  const nodes = nodesOf(arena, rootAt).count;
  replyCount(reply, 'radix-tree-keys', nodes);
  // Redis counts the nodes of its radix tree, which has one more than keys in most streams.
  replyCount(reply, 'radix-tree-nodes', nodes + 1);
  replyIdAs(reply, 'last-generated-id', arena, rootAt + lastIdAt);
  replyIdAs(reply, 'max-deleted-entry-id', arena, rootAt + maxDeletedIdAt);
  reply.text('entries-added');
  replyInt64(reply, int64At(arena, rootAt + addedAt));
  replyIdAs(reply, 'recorded-first-entry-id', arena, rootAt + firstIdAt);
  replyTracking(reply, cursor);
}

function replyTracking(reply: Reply, cursor: KeyCursor): void {
  const { durationS, size, producers, tracked, added, duplicates } = trackingOf(cursor);
  replyCount(reply, 'idmp-duration', durationS);
  replyCount(reply, 'idmp-maxsize', size);
  replyCount(reply, 'pids-tracked', producers);
  replyCount(reply, 'iids-tracked', tracked);
  reply.text('iids-added');
  replyInt64(reply, added);
  reply.text('iids-duplicates');
  replyInt64(reply, duplicates);
}

function replyBriefly(reply: Reply, cursor: KeyCursor): void {
  const { arena, rootAt } = cursor;
  reply.map(16);
  replyStream(reply, cursor, lengthOf(cursor));
  replyCount(reply, 'groups', groupsOf(arena, rootAt).count);
  reply.text('first-entry');
  walk.start(arena, rootAt, minId, maxId);
  if (walk.next()) replyEntry(reply, walk.entry);
  else reply.nil();
  reply.text('last-entry');
  walk.startBackward(arena, rootAt, minId, maxId);
  if (walk.next()) replyEntry(reply, walk.entry);
  else reply.nil();
}

function replyFully(reply: Reply, cursor: KeyCursor, countMax: number): void {
  const { arena, rootAt } = cursor;
  const length = lengthOf(cursor);
  reply.map(15);
  replyStream(reply, cursor, length);
  reply.text('entries');
  let left = Math.min(length, countMax);
  reply.array(left);
  walk.start(arena, rootAt, minId, maxId);
  for (; left > 0 && walk.next(); left--) replyEntry(reply, walk.entry);
  const groups = groupsOf(arena, rootAt);
  reply.text('groups');
  reply.array(groups.count);
  for (let more = groups.first(groupPlace); more; more = groups.next(groupPlace)) {
    replyGroupFully(reply, arena, rootAt, groups.value(groupPlace), countMax);
  }
}

function replyGroupFully(
  reply: Reply,
  arena: Arena,
  root: number,
  group: Ref,
  countMax: number,
): void {
  reply.map(7);
  replyName(reply, arena, groupName(arena, group, name));
  replyProgress(reply, arena, root, group);
  const pendings = pendingOfGroup(arena, group);
  replyCount(reply, 'pel-count', pendings.count);
  reply.text('pending');
  let left = Math.min(pendings.count, countMax);
  reply.array(left);
  pendings.first(pendingPlace);
  for (; left > 0; left--, pendings.next(pendingPlace)) {
    const pending = pendings.value(pendingPlace);
    reply.array(4);
    replyId(reply, id.read(arena, pending));
    const { at, length } = consumerName(arena, consumerOf(arena, pending), name);
    reply.stored(arena, at, length);
    replyDelivery(reply, arena, pending);
  }
  const consumers = consumersOf(arena, group);
  reply.text('consumers');
  reply.array(consumers.count);
  for (let more = consumers.first(consumerPlace); more; more = consumers.next(consumerPlace)) {
    replyConsumerFully(reply, arena, consumers.value(consumerPlace), countMax);
  }
}

function replyConsumerFully(reply: Reply, arena: Arena, consumer: Ref, countMax: number): void {
  reply.map(5);
  replyName(reply, arena, consumerName(arena, consumer, name));
  replyCount(reply, 'seen-time', arena.wide(consumer + consumerSeenAt));
  replyCount(reply, 'active-time', arena.wide(consumer + consumerActiveAt));
  const pendings = pendingOfConsumer(arena, consumer);
  replyCount(reply, 'pel-count', pendings.count);
  reply.text('pending');
  let left = Math.min(pendings.count, countMax);
  reply.array(left);
  pendings.first(pendingPlace);
  for (; left > 0; left--, pendings.next(pendingPlace)) {
    const pending = pendings.value(pendingPlace);
    reply.array(3);
    replyId(reply, id.read(arena, pending));
    replyDelivery(reply, arena, pending);
  }
}

function replyDelivery(reply: Reply, arena: Arena, pending: Ref): void {
  reply.integer(deliveredAtMs(arena, pending));
  replyInt64(reply, deliveriesOf(arena, pending));
}

/** Reads FULL and COUNT: 0 for the brief form, else how many of each list are told. */
function readFull(context: Context): number | ErrorReply {
  const { request } = context;
  const { count } = request;
  if (count === 3) return 0;
  const isRight =
    (count === 4 || count === 6) &&
    isWord(context, 3, 'FULL') &&
    (count === 4 || isWord(context, 4, 'COUNT'));
  if (!isRight) return subcommandSyntax('xinfo', request.latin1(1));
  if (count === 4) return countDefault;
  const given = parseInt64(request.bytes, request.at(5), request.length(5));
  if (given === undefined) return errors.notInteger;
  if (given < 0n) return countDefault;
  return given === 0n ? Number.POSITIVE_INFINITY : Number(given);
}

const shared = { group: 'stream', flags: ['readonly'] } as const;

const stream = subcommand('xinfo', {
  ...shared,
  name: 'stream',
  since: '5.0.0',
  complexity: 'O(1)',
  summary: 'Returns information about a stream.',
  args: [key('key', 'RO', 'access')],
  options: { full: option('FULL') },
  manual: true,
  reply: ['map', 'array'],
  history: [
    ['6.0.0', 'Added the `FULL` modifier.'],
    [
      '7.0.0',
      'Added the `max-deleted-entry-id`, `entries-added`, `recorded-first-entry-id`, `entries-read` and `lag` fields',
    ],
    ['8.6.0', 'Added the fields about idempotent messages.'],
    ['7.2.0', 'Added the `active-time` field, and changed the meaning of `seen-time`.'],
  ],
  run(context) {
    const { reply, request } = context;
    const cursor = openOrReply(context, request.into(2, keyName));
    if (cursor === undefined) return;
    const countMax = readFull(context);
    if (typeof countMax !== 'number') return reply.error(countMax);
    if (countMax === 0) replyBriefly(reply, cursor);
    else replyFully(reply, cursor, countMax);
  },
});

const groups = subcommand('xinfo', {
  ...shared,
  name: 'groups',
  since: '5.0.0',
  complexity: 'O(1)',
  summary: 'Returns a list of the consumer groups of a stream.',
  args: [key('key', 'RO', 'access')],
  reply: ['array'],
  history: [['7.0.0', 'Added the `entries-read` and `lag` fields']],
  run(context, keyText) {
    const { reply } = context;
    const cursor = openOrReply(context, keyText);
    if (cursor === undefined) return;
    const { arena, rootAt } = cursor;
    const tree = groupsOf(arena, rootAt);
    reply.array(tree.count);
    for (let more = tree.first(groupPlace); more; more = tree.next(groupPlace)) {
      const group = tree.value(groupPlace);
      reply.map(6);
      replyName(reply, arena, groupName(arena, group, name));
      replyCount(reply, 'consumers', consumersOf(arena, group).count);
      replyCount(reply, 'pending', pendingOfGroup(arena, group).count);
      replyProgress(reply, arena, rootAt, group);
    }
  },
});

const consumers = subcommand('xinfo', {
  ...shared,
  name: 'consumers',
  since: '5.0.0',
  complexity: 'O(1)',
  summary: 'Returns a list of the consumers in a consumer group.',
  args: [key('key', 'RO', 'access'), bytes('group')],
  tips: ['nondeterministic_output'],
  reply: ['array'],
  history: [['7.2.0', 'Added the `inactive` field, and changed the meaning of `idle`.']],
  run(context, keyText, groupText) {
    const { keyspace, reply } = context;
    const cursor = openOrReply(context, keyText);
    if (cursor === undefined) return;
    const group = findGroup(cursor, groupText);
    if (group === 0) return reply.error(noGroupInKey(keyText, groupText));
    const { arena } = cursor;
    const tree = consumersOf(arena, group);
    reply.array(tree.count);
    for (let more = tree.first(consumerPlace); more; more = tree.next(consumerPlace)) {
      const consumer = tree.value(consumerPlace);
      const active = arena.wide(consumer + consumerActiveAt);
      reply.map(4);
      replyName(reply, arena, consumerName(arena, consumer, name));
      replyCount(reply, 'pending', pendingOfConsumer(arena, consumer).count);
      replyCount(
        reply,
        'idle',
        Math.max(keyspace.nowMs - arena.wide(consumer + consumerSeenAt), 0),
      );
      replyCount(reply, 'inactive', active < 0 ? active : keyspace.nowMs - active);
    }
  },
});

const help = [
  'CONSUMERS <key> <groupname>',
  '    Show consumers of <groupname>.',
  'GROUPS <key>',
  '    Show the stream consumer groups.',
  'STREAM <key> [FULL [COUNT <count>]',
  '    Show information about the stream.',
];

const xInfo = container(
  {
    name: 'xinfo',
    since: '5.0.0',
    group: 'stream',
    complexity: 'Depends on subcommand.',
    summary: 'A container for stream introspection commands.',
    flags: [],
  },
  help,
  [consumers, groups, stream],
);

export const streamInfoCommands = [xInfo];
