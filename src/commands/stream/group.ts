/** XGROUP: consumer groups come, go and are set. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { StreamId } from '#structures/stream-id.ts';
import { parseInt64 } from '#types/int64.ts';
import { groupLastIdAt, groupReadAt } from '#types/stream-group-layout.ts';
import {
  createConsumer,
  createGroup,
  deleteConsumer,
  destroyGroup,
  findConsumer,
  findGroup,
  readUnknown,
} from '#types/stream-groups.ts';
import { parseBoundId, parseStrictId } from '#types/stream-ids.ts';
import { createStream, isOtherType, readLastId, setInt64At } from '#types/stream-root.ts';
import { container, subcommand } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, error, errors } from '../errors.ts';
import { bytes, flag, key, option } from '../grammar.ts';
import { subcommandSyntax } from '../server/shared.ts';
import { isWord, noGroupInKey, streamErrors } from './shared.ts';

const problems = {
  noKey: error(
    'The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.',
    'not-found',
  ),
  busy: error('Consumer Group name already exists', 'already-exists', 'BUSYGROUP'),
  negativeRead: error('value for ENTRIESREAD must be positive or -1'),
} as const;

const id = new StreamId();
const text = new Slice();
const keyName = new Slice();
const groupName = new Slice();

/** What CREATE and SETID take after the id. */
let createsStream = false;
let read = readUnknown;

/** Reads the options from word 5 on. */
function readOptions(context: Context, allowsMkstream: boolean): ErrorReply | undefined {
  const { request } = context;
  createsStream = false;
  read = readUnknown;
  for (let at = 5; at < request.count; at++) {
    if (allowsMkstream && isWord(context, at, 'MKSTREAM')) createsStream = true;
    else if (isWord(context, at, 'ENTRIESREAD') && at + 1 < request.count) {
      at++;
      const given = parseInt64(request.bytes, request.at(at), request.length(at));
      if (given === undefined) return errors.notInteger;
      if (given < 0n && given !== readUnknown) return problems.negativeRead;
      read = given;
    } else return subcommandSyntax('xgroup', request.latin1(1));
  }
  return undefined;
}

/** Reads the id at word 4, where `$` is the stream's last. */
function readId({ request }: Context, cursor: KeyCursor, isStrict: boolean): boolean {
  request.into(4, text);
  if (text.length === 1 && text.latin1() === '$') {
    if (cursor.exists) readLastId(cursor, id);
    else id.setMin();
    return true;
  }
  return isStrict ? parseStrictId(text, id, 'first') : parseBoundId(text, id, 'first');
}

/** Opens the key at word 2; replies with an error where it is of another type, or not there. */
function openOrReply(context: Context, mustExist: boolean): KeyCursor | undefined {
  const { database, reply, request } = context;
  const cursor = database.write(request.into(2, keyName));
  request.into(3, groupName);
  if (isOtherType(cursor)) reply.error(errors.wrongType);
  else if (mustExist && !cursor.exists) reply.error(problems.noKey);
  else return cursor;
  return undefined;
}

const shared = { group: 'stream', flags: ['write'] } as const;

const create = subcommand('xgroup', {
  ...shared,
  name: 'create',
  since: '5.0.0',
  complexity: 'O(1)',
  summary: 'Creates a consumer group.',
  flags: ['write', 'denyoom'],
  args: [key('key', 'RW', 'insert'), bytes('group'), bytes('id')],
  options: {
    mkstream: flag('MKSTREAM'),
    read: option('ENTRIESREAD', bytes('entries-read', 'integer')),
  },
  manual: true,
  reply: ['ok'],
  history: [['7.0.0', 'Added the `entries_read` named argument.']],
  run(context) {
    const { reply } = context;
    const problem = readOptions(context, true);
    if (problem !== undefined) return reply.error(problem);
    const cursor = openOrReply(context, !createsStream);
    if (cursor === undefined) return;
    if (!readId(context, cursor, true)) return reply.error(streamErrors.invalidId);
    if (cursor.exists && findGroup(cursor, groupName) !== 0) return reply.error(problems.busy);
    if (cursor.exists) cursor.change('xgroup-create');
    else createStream(cursor, 'xgroup-create');
    createGroup(cursor, groupName, id, read);
    reply.ok();
  },
});

const setId = subcommand('xgroup', {
  ...shared,
  name: 'setid',
  since: '5.0.0',
  complexity: 'O(1)',
  summary: 'Sets the last-delivered ID of a consumer group.',
  args: [key('key', 'RW', 'update'), bytes('group'), bytes('id')],
  options: { read: option('ENTRIESREAD', bytes('entries-read', 'integer')) },
  manual: true,
  reply: ['ok'],
  history: [['7.0.0', 'Added the optional `entries_read` argument.']],
  run(context) {
    const { reply, request } = context;
    const problem = readOptions(context, false);
    if (problem !== undefined) return reply.error(problem);
    const cursor = openOrReply(context, true);
    if (cursor === undefined) return;
    const group = findGroup(cursor, groupName);
    if (group === 0) return reply.error(noGroupInKey(keyName, groupName));
    if (request.count > 7) return reply.error(subcommandSyntax('xgroup', request.latin1(1)));
    if (!readId(context, cursor, false)) return reply.error(streamErrors.invalidId);
    cursor.change('xgroup-setid');
    id.write(cursor.arena, group + groupLastIdAt);
    setInt64At(cursor.arena, group + groupReadAt, read);
    reply.ok();
  },
});

const destroy = subcommand('xgroup', {
  ...shared,
  name: 'destroy',
  since: '5.0.0',
  complexity: "O(N) where N is the number of entries in the group's pending entries list (PEL).",
  summary: 'Destroys a consumer group.',
  args: [key('key', 'RW', 'delete'), bytes('group')],
  manual: true,
  reply: ['integer'],
  run(context) {
    const cursor = openOrReply(context, true);
    if (cursor === undefined) return;
    const group = findGroup(cursor, groupName);
    if (group !== 0) {
      cursor.change('xgroup-destroy');
      destroyGroup(cursor, group);
    }
    context.reply.integer(group === 0 ? 0 : 1);
  },
});

const createConsumerCommand = subcommand('xgroup', {
  ...shared,
  name: 'createconsumer',
  since: '6.2.0',
  complexity: 'O(1)',
  summary: 'Creates a consumer in a consumer group.',
  flags: ['write', 'denyoom'],
  args: [key('key', 'RW', 'insert'), bytes('group'), bytes('consumer')],
  manual: true,
  reply: ['integer'],
  run(context) {
    const { keyspace, reply, request } = context;
    const cursor = openOrReply(context, true);
    if (cursor === undefined) return;
    const group = findGroup(cursor, groupName);
    if (group === 0) return reply.error(noGroupInKey(keyName, groupName));
    const { arena } = cursor;
    if (findConsumer(arena, group, request.into(4, text)) !== 0) return reply.integer(0);
    cursor.change('xgroup-createconsumer');
    createConsumer(arena, group, text, keyspace.nowMs);
    reply.integer(1);
  },
});

const delConsumer = subcommand('xgroup', {
  ...shared,
  name: 'delconsumer',
  since: '5.0.0',
  complexity: 'O(1)',
  summary: 'Deletes a consumer from a consumer group.',
  args: [key('key', 'RW', 'delete'), bytes('group'), bytes('consumer')],
  manual: true,
  reply: ['integer'],
  run(context) {
    const { reply, request } = context;
    const cursor = openOrReply(context, true);
    if (cursor === undefined) return;
    const group = findGroup(cursor, groupName);
    if (group === 0) return reply.error(noGroupInKey(keyName, groupName));
    const consumer = findConsumer(cursor.arena, group, request.into(4, text));
    if (consumer === 0) return reply.integer(0);
    cursor.change('xgroup-delconsumer');
    reply.integer(deleteConsumer(cursor.arena, group, consumer));
  },
});

const help = [
  'CREATE <key> <groupname> <id|$> [option]',
  '    Create a new consumer group. Options are:',
  '    * MKSTREAM',
  '      Create the empty stream if it does not exist.',
  '    * ENTRIESREAD entries_read',
  "      Set the group's entries_read counter (internal use).",
  'CREATECONSUMER <key> <groupname> <consumer>',
  '    Create a new consumer in the specified group.',
  'DELCONSUMER <key> <groupname> <consumer>',
  '    Remove the specified consumer.',
  'DESTROY <key> <groupname>',
  '    Remove the specified group.',
  'SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]',
  '    Set the current group ID and entries_read counter.',
];

const xGroup = container(
  {
    name: 'xgroup',
    since: '5.0.0',
    group: 'stream',
    complexity: 'Depends on subcommand.',
    summary: 'A container for consumer groups commands.',
    flags: [],
  },
  help,
  [create, setId, destroy, createConsumerCommand, delConsumer],
);

export const streamGroupCommands = [xGroup];
