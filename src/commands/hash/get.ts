/** Reading fields by their names. */
import { Slice } from '#memory/slice.ts';
import { countFields, findField } from '#types/hashes.ts';
import { Field, isNoHash } from '#types/hashes-form.ts';
import { command } from '../command.ts';
import { errors } from '../errors.ts';
import { bytes, key, repeat } from '../grammar.ts';

const name = new Slice();
const found = new Field();

/** What the commands that look at a single field share. */
const shared = { group: 'hash', complexity: 'O(1)', flags: ['readonly', 'fast'] } as const;

const hGet = command({
  ...shared,
  name: 'hget',
  since: '2.0.0',
  summary: 'Returns the value of a field in a hash.',
  args: [key('key', 'RO', 'access'), bytes('field')],
  reply: ['bulk', 'nil'],
  run({ database, reply }, key, field) {
    const cursor = database.read(key);
    if (isNoHash(cursor)) reply.error(errors.wrongType);
    else if (!findField(cursor, field, found)) reply.nil();
    else reply.stored(cursor.arena, found.valueAt, found.valueLength);
  },
});

const hmGet = command({
  ...shared,
  name: 'hmget',
  since: '2.0.0',
  complexity: 'O(N) where N is the number of fields being requested.',
  constantWords: 12,
  summary: 'Returns the values of all fields in a hash.',
  args: [key('key', 'RO', 'access')],
  rest: repeat(bytes('field')),
  reply: ['array'],
  run({ database, reply }, key, fields) {
    const cursor = database.read(key);
    if (isNoHash(cursor)) return reply.error(errors.wrongType);
    reply.array(fields.length);
    for (let i = 0; i < fields.length; i++) {
      if (!findField(cursor, fields.into(i, 0, name), found)) reply.nil();
      else reply.stored(cursor.arena, found.valueAt, found.valueLength);
    }
  },
});

const hExists = command({
  ...shared,
  name: 'hexists',
  since: '2.0.0',
  summary: 'Determines whether a field exists in a hash.',
  args: [key('key', 'RO'), bytes('field')],
  reply: ['integer'],
  run({ database, reply }, key, field) {
    const cursor = database.read(key);
    if (isNoHash(cursor)) reply.error(errors.wrongType);
    else reply.integer(findField(cursor, field, found) ? 1 : 0);
  },
});

const hStrLen = command({
  ...shared,
  name: 'hstrlen',
  since: '3.2.0',
  summary: 'Returns the length of the value of a field.',
  args: [key('key', 'RO'), bytes('field')],
  reply: ['integer'],
  run({ database, reply }, key, field) {
    const cursor = database.read(key);
    if (isNoHash(cursor)) reply.error(errors.wrongType);
    else reply.integer(findField(cursor, field, found) ? found.valueLength : 0);
  },
});

const hLen = command({
  ...shared,
  name: 'hlen',
  since: '2.0.0',
  summary: 'Returns the number of fields in a hash.',
  args: [key('key', 'RO')],
  reply: ['integer'],
  run({ database, reply }, key) {
    const cursor = database.read(key);
    if (isNoHash(cursor)) reply.error(errors.wrongType);
    else reply.integer(countFields(cursor));
  },
});

export const hashGetCommands = [hGet, hmGet, hExists, hStrLen, hLen];
