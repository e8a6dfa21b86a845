/** Changing a list inside. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';
import { ListCursor } from '#types/list-cursor.ts';
import { insert, removeEqual, replace, trim } from '#types/lists.ts';
import { isOtherType, lengthOf } from '#types/lists-form.ts';
import { command } from '../command.ts';
import { errors } from '../errors.ts';
import { bytes, integer, key, word } from '../grammar.ts';
import { indexOf, limitsFor } from './shared.ts';

const lSet = command({
  name: 'lset',
  since: '1.0.0',
  group: 'list',
  complexity:
    'O(N) where N is the length of the list. Setting either the first or the last element of the list is O(1).',
  constantWords: 4,
  summary: 'Sets the value of an element in a list by its index.',
  flags: ['write', 'denyoom'],
  // Read after the key was found to exist: on a missing key a malformed index is no error.
  args: [key('key', 'RW', 'update'), bytes('index', 'integer'), bytes('element')],
  reply: ['ok'],
  run(context, key, index, element) {
    const { database, reply } = context;
    const cursor = database.write(key);
    if (!cursor.exists) return reply.error(errors.noSuchKey);
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    const position = indexOf(index);
    if (Number.isNaN(position)) return reply.error(errors.notInteger);
    const length = lengthOf(cursor);
    const at = position < 0 ? position + length : position;
    if (at < 0 || at >= length) return reply.error(errors.indexOutOfRange);
    replace(cursor, at, element, limitsFor(context));
    reply.ok();
  },
});

const lInsert = command({
  name: 'linsert',
  since: '2.2.0',
  group: 'list',
  complexity:
    'O(N) where N is the number of elements to traverse before seeing the value pivot. This means that inserting somewhere on the left end on the list (head) can be considered O(1) and inserting somewhere on the right end (tail) is O(N).',
  summary: 'Inserts an element before or after another element in a list.',
  flags: ['write', 'denyoom'],
  args: [
    key('key', 'RW', 'insert'),
    word('where', 'BEFORE', 'AFTER'),
    bytes('pivot'),
    bytes('element'),
  ],
  reply: ['integer'],
  run(context, key, where, pivot, element) {
    const { database, reply } = context;
    const cursor = database.write(key);
    if (!cursor.exists) return reply.integer(0);
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    const index = positionOf(cursor, pivot);
    if (index < 0) return reply.integer(-1);
    insert(cursor, where === 'BEFORE' ? index : index + 1, element, limitsFor(context));
    reply.integer(lengthOf(cursor));
  },
});

const lRem = command({
  name: 'lrem',
  since: '1.0.0',
  group: 'list',
  complexity: 'O(N+M) where N is the length of the list and M is the number of elements removed.',
  summary: 'Removes elements from a list. Deletes the list if the last element was removed.',
  flags: ['write'],
  args: [key('key', 'RW', 'delete'), integer('count'), bytes('element')],
  reply: ['integer'],
  run(context, key, count, element) {
    const { database, reply } = context;
    const cursor = database.write(key);
    if (!cursor.exists) return reply.integer(0);
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    reply.integer(removeEqual(cursor, element, count, limitsFor(context)));
  },
});

const lTrim = command({
  name: 'ltrim',
  since: '1.0.0',
  group: 'list',
  complexity: 'O(N) where N is the number of elements to be removed by the operation.',
  summary: 'Removes elements from both ends a list. Deletes the list if all elements were trimmed.',
  flags: ['write'],
  args: [key('key', 'RW', 'delete'), integer('start'), integer('stop')],
  reply: ['ok'],
  run(context, key, start, stop) {
    const { database, reply } = context;
    const cursor = database.write(key);
    if (!cursor.exists) return reply.ok();
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    const length = lengthOf(cursor);
    const first = Math.max(0, start < 0 ? start + length : start);
    const last = Math.min(length - 1, stop < 0 ? stop + length : stop);
    trim(cursor, first, last, limitsFor(context));
    reply.ok();
  },
});

/** The index of the first element that equals `pivot`, or -1. O(n). */
function positionOf(cursor: KeyCursor, pivot: Slice): number {
  let index = 0;
  for (let more = walk.open(cursor, 0); more; more = walk.next()) {
    if (walk.equals(pivot)) return index;
    index++;
  }
  return -1;
}

const walk = new ListCursor();

export const editCommands = [lSet, lInsert, lRem, lTrim];
