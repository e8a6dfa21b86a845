/** Deleting entries by their ids, and what a stream remembers of those it had. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';
import { StreamId } from '#structures/stream-id.ts';
import { parseInt64 } from '#types/int64.ts';
import { parseStrictId } from '#types/stream-ids.ts';
import { dropReferences, isReferenced, type ReferencePolicy } from '#types/stream-references.ts';
import { isOtherType, setInt64At, addedAt, lastIdAt, lengthOf, maxDeletedIdAt } from '#types/stream-root.ts';
import { findEntry, readTopId } from '#types/stream-walk.ts';
import { deleteEntry, noteDeleted, refreshFirstId } from '#types/streams.ts';
import { command } from '../command.ts';
import { type ErrorReply, error, errors } from '../errors.ts';
import { bytes, key, option, repeat } from '../grammar.ts';
import { IdList, streamErrors } from './shared.ts';

const ids = new IdList();
const current = new StreamId();

/** Deletes the entry `id`, without an announcement of its own. Returns whether it was there. */
export function deleteById(cursor: KeyCursor, id: StreamId): boolean {
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

const xDel = command({
  name: 'xdel',
  since: '5.0.0',
  group: 'stream',
  complexity:
    'O(1) for each single item to delete in the stream, regardless of the stream size.',
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

const last = new StreamId();
const maxDeleted = new StreamId();

/** What keeps XSETID from setting `last`. */
function objection(cursor: KeyCursor, added: bigint | undefined): ErrorReply | undefined {
  const { arena, rootAt } = cursor;
  if (last.compare(current.read(arena, rootAt + maxDeletedIdAt)) < 0) return problems.belowDeleted;
  if (lengthOf(cursor) === 0) return undefined;
  if (last.compare(readTopId(arena, rootAt, current)) < 0) return problems.belowTop;
  return added !== undefined && BigInt(lengthOf(cursor)) > added ? problems.belowLength : undefined;
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
  run({ database, reply }, keyName, lastId, options) {
    if (!parseStrictId(lastId, last, 'first')) return reply.error(streamErrors.invalidId);
    const added = options.added.token === null ? undefined : int64Of(options.added.bytes);
    if (added === null) return reply.error(errors.notInteger);
    if (added !== undefined && added < 0n) return reply.error(problems.negativeAdded);
    maxDeleted.setMin();
    if (options.deleted.token !== null) {
      const isId = parseStrictId(options.deleted.bytes, maxDeleted, 'first');
      if (!isId) return reply.error(streamErrors.invalidId);
      if (last.compare(maxDeleted) < 0) return reply.error(problems.belowGivenDeleted);
    }
    const cursor = database.write(keyName);
    if (!cursor.exists) return reply.error(errors.noSuchKey);
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    const problem = objection(cursor, added);
    if (problem !== undefined) return reply.error(problem);
    cursor.change('xsetid');
    const { arena, rootAt } = cursor;
    last.write(arena, rootAt + lastIdAt);
    if (added !== undefined) setInt64At(arena, rootAt + addedAt, added);
    if (!maxDeleted.isZero) maxDeleted.write(arena, rootAt + maxDeletedIdAt);
    reply.ok();
  },
});

/** An int64, or null for what is none. */
function int64Of({ bytes: text, at, length }: Slice): bigint | null {
  return parseInt64(text, at, length) ?? null;
}

export const streamDeleteCommands = [xDel, xSetId];
