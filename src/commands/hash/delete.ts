/** Removing fields. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { findField, removeField } from '#types/hashes.ts';
import { Field, isNoHash } from '#types/hashes-form.ts';
import { command } from '../command.ts';
import { errors } from '../errors.ts';
import { bytes, countedAfter, key, repeat } from '../grammar.ts';
import { FieldNames } from './field-names.ts';

const name = new Slice();
const found = new Field();
const names = new FieldNames();

const hDel = command({
  name: 'hdel',
  since: '2.0.0',
  group: 'hash',
  complexity: 'O(N) where N is the number of fields to be removed.',
  constantWords: 3,
  summary:
    'Deletes one or more fields and their values from a hash. Deletes the hash if no fields remain.',
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'delete')],
  rest: repeat(bytes('field')),
  reply: ['integer'],
  history: [['2.4.0', 'Accepts multiple `field` arguments.']],
  run({ database, reply }, key, fields) {
    const cursor = database.write(key);
    if (isNoHash(cursor)) return reply.error(errors.wrongType);
    let removed = 0;
    for (let i = 0; i < fields.length; i++) {
      if (!findField(cursor, fields.into(i, 0, name), found)) continue;
      removeFound(cursor, removed++ === 0);
    }
    reply.integer(removed);
  },
});

const hGetDel = command({
  name: 'hgetdel',
  since: '8.0.0',
  group: 'hash',
  complexity: 'O(N) where N is the number of specified fields',
  summary: 'Returns the value of a field and deletes it from the hash.',
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'access', 'delete')],
  rest: countedAfter('FIELDS', 'numfields', bytes('field')),
  manual: true,
  reply: ['array'],
  run({ database, reply, request }) {
    const cursor = database.write(request.into(1, name));
    if (isNoHash(cursor)) return reply.error(errors.wrongType);
    const problem = names.takeAt(request, 2);
    if (problem !== undefined) return reply.error(problem);
    reply.array(names.count);
    let removed = 0;
    for (let i = 0; i < names.count; i++) {
      if (!findField(cursor, names.into(i, name), found)) {
        reply.nil();
        continue;
      }
      reply.stored(cursor.arena, found.valueAt, found.valueLength);
      removeFound(cursor, removed++ === 0);
    }
  },
});

function removeFound(cursor: KeyCursor, isFirst: boolean): void {
  if (isFirst) cursor.change('hdel');
  removeField(cursor, found);
}

export const hashDeleteCommands = [hDel, hGetDel];
