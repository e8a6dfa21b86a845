/** Deleting entries by their ids, and what a stream remembers of those it had. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { StreamId } from '#structures/stream-id.ts';
import { parseInt64 } from '#types/int64.ts';
import { parseStrictId } from '#types/stream-ids.ts';
import { dropReferences, isReferenced, type ReferencePolicy } from '#types/stream-references.ts';
import {
  addedAt,
  isOtherType,
  lastIdAt,
  lengthOf,
  maxDeletedIdAt,
  setInt64At,
} from '#types/stream-root.ts';
import { findEntry, readTopId } from '#types/stream-walk.ts';
import { deleteEntry, noteDeleted, refreshFirstId } from '#types/streams.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, error, errors } from '../errors.ts';
import { bytes, key, option, repeat } from '../grammar.ts';
import { IdList, isWord, streamErrors } from './shared.ts';

const ids = new IdList();
const current = new StreamId();

/** Deletes the entry `id`, without an announcement of its own. Returns whether it was there. */
function deleteById(cursor: KeyCursor, id: StreamId): boolean {
  if (!deleteEntry(cursor, id)) return false;
  noteDeleted(cursor, id);
  return true;
}

/** What XDELEX and XACKDEL say of an entry. */
export const deletion = { none: -1, deleted: 1, kept: 2 } as const;

/** Deletes the entry `id` if the policy allows, and answers what became of it. */
export function deleteUnder(cursor: KeyCursor, id: StreamId, policy: ReferencePolicy): number {
  const { arena, rootAt } = cursor;
  const isThere = findEntry(arena, rootAt, id) !== undefined;
  if (policy === 'DELREF') dropReferences(arena, rootAt, id);
  if (!isThere) return deletion.none;
  if (policy === 'ACKED' && isReferenced(arena, rootAt, id)) return deletion.kept;
  deleteById(cursor, id);
  return deletion.deleted;
}

/** Whether {@link deleteUnder} would change anything. */
export function touchesUnder(cursor: KeyCursor, id: StreamId, policy: ReferencePolicy): boolean {
  const { arena, rootAt } = cursor;
  const isThere = findEntry(arena, rootAt, id) !== undefined;
  if (policy === 'KEEPREF') return isThere;
  const isPending = isReferenced(arena, rootAt, id);
  return policy === 'ACKED' ? isThere && !isPending : isThere || isPending;
}

const xDel = command({
  name: 'xdel',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(1) for each single item to delete in the stream, regardless of the stream size.',
  summary: 'Returns the number of messages after removing them from a stream.',
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'delete')],
  rest: repeat(bytes('id')),
  reply: ['integer'],
  run(context, keyName) {
    const { database, reply, request } = context;
    const cursor = database.write(keyName);
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    if (!cursor.exists) return reply.integer(0);
    if (!ids.read(context, 2, request.count)) return reply.error(streamErrors.invalidId);
    let deleted = 0;
    for (let i = 0; i < ids.length; i++) {
      const { arena, rootAt } = cursor;
      if (findEntry(arena, rootAt, ids.at(i)) === undefined) continue;
      if (deleted++ === 0) cursor.change('xdel');
      deleteById(cursor, ids.at(i));
    }
    if (deleted > 0) refreshFirstId(cursor);
    reply.integer(deleted);
  },
});

const problems = {
  negativeAdded: error('entries_added must be positive'),
  belowGivenDeleted: error(
    'The ID specified in XSETID is smaller than the provided max_deleted_entry_id',
  ),
  belowDeleted: error(
    'The ID specified in XSETID is smaller than current max_deleted_entry_id',
    'failed-precondition',
  ),
  belowTop: error(
    'The ID specified in XSETID is smaller than the target stream top item',
    'failed-precondition',
  ),
  belowLength: error(
    'The entries_added specified in XSETID is smaller than the target stream length',
    'failed-precondition',
  ),
} as const;

const text = new Slice();
const last = new StreamId();
const maxDeleted = new StreamId();

/** -1 if it is not given. */
let added = -1n;

/** Reads what XSETID is told, word by word as Redis does. */
function readSetId(context: Context): ErrorReply | undefined {
  const { request } = context;
  if (!parseStrictId(request.into(2, text), last, 'first')) return streamErrors.invalidId;
  added = -1n;
  maxDeleted.setMin();
  for (let at = 3; at < request.count; at += 2) {
    if (at + 1 === request.count) return errors.syntax;
    const { bytes: given, at: from, length } = request.into(at + 1, text);
    if (isWord(context, at, 'ENTRIESADDED')) {
      const count = parseInt64(given, from, length);
      if (count === undefined) return errors.notInteger;
      if (count < 0n) return problems.negativeAdded;
      added = count;
    } else if (isWord(context, at, 'MAXDELETEDID')) {
      if (!parseStrictId(text, maxDeleted, 'first')) return streamErrors.invalidId;
      if (last.compare(maxDeleted) < 0) return problems.belowGivenDeleted;
    } else return errors.syntax;
  }
  return undefined;
}

/** What keeps XSETID from setting `last`. */
function objectionTo(cursor: KeyCursor): ErrorReply | undefined {
  const { arena, rootAt } = cursor;
  if (last.compare(current.read(arena, rootAt + maxDeletedIdAt)) < 0) return problems.belowDeleted;
  if (lengthOf(cursor) === 0) return undefined;
  if (last.compare(readTopId(arena, rootAt, current)) < 0) return problems.belowTop;
  return added >= 0n && BigInt(lengthOf(cursor)) > added ? problems.belowLength : undefined;
}

const xSetId = command({
  name: 'xsetid',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(1)',
  summary: 'An internal command for replicating stream values.',
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'update'), bytes('last-id')],
  options: {
    added: option('ENTRIESADDED', bytes('entries-added', 'integer')),
    deleted: option('MAXDELETEDID', bytes('max-deleted-id')),
  },
  reply: ['ok'],
  history: [['7.0.0', 'Added the `entries_added` and `max_deleted_entry_id` arguments.']],
  manual: true,
  run(context) {
    const { database, reply, request } = context;
    const problem = readSetId(context);
    if (problem !== undefined) return reply.error(problem);
    const cursor = database.write(request.into(1, text));
    if (!cursor.exists) return reply.error(errors.noSuchKey);
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    const objection = objectionTo(cursor);
    if (objection !== undefined) return reply.error(objection);
    cursor.change('xsetid');
    const { arena, rootAt } = cursor;
    last.write(arena, rootAt + lastIdAt);
    if (added >= 0n) setInt64At(arena, rootAt + addedAt, added);
    if (!maxDeleted.isZero) maxDeleted.write(arena, rootAt + maxDeletedIdAt);
    reply.ok();
  },
});

export const streamDeleteCommands = [xDel, xSetId];
