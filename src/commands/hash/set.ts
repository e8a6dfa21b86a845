/** Writing fields. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { beginChange, findField, putField } from '#types/hashes.ts';
import { Field, isNoHash } from '#types/hashes-form.ts';
import { command } from '../command.ts';
import { errors } from '../errors.ts';
import { bytes, type Groups, key, repeat } from '../grammar.ts';
import type { Services } from '../services.ts';
import { hashLimits } from './limits.ts';

const field = new Slice();
const value = new Slice();
const found = new Field();

const hSet = command({
  name: 'hset',
  since: '2.0.0',
  group: 'hash',
  complexity:
    'O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with multiple field/value pairs.',
  summary: 'Creates or modifies the value of a field in a hash.',
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'update')],
  rest: repeat(bytes('field'), bytes('value')),
  reply: ['integer'],
  history: [['4.0.0', 'Accepts multiple `field` and `value` arguments.']],
  run({ database, reply, services }, key, pairs) {
    const cursor = database.write(key);
    if (isNoHash(cursor)) return reply.error(errors.wrongType);
    reply.integer(putAll(cursor, pairs, services));
  },
});

const hmSet = command({
  name: 'hmset',
  since: '2.0.0',
  group: 'hash',
  complexity: 'O(N) where N is the number of fields being set.',
  constantWords: 12,
  summary: 'Sets the values of multiple fields.',
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'update')],
  rest: repeat(bytes('field'), bytes('value')),
  reply: ['ok'],
  deprecated: { since: '4.0.0', replacedBy: '`HSET` with multiple field-value pairs' },
  run({ database, reply, services }, key, pairs) {
    const cursor = database.write(key);
    if (isNoHash(cursor)) return reply.error(errors.wrongType);
    putAll(cursor, pairs, services);
    reply.ok();
  },
});

/** Sets the fields, which then do not expire. Returns how many are new. */
function putAll(cursor: KeyCursor, pairs: Groups, services: Services): number {
  const limits = hashLimits(services);
  beginChange(cursor, 'hset');
  let created = 0;
  for (let i = 0; i < pairs.length; i++) {
    pairs.into(i, 0, field);
    pairs.into(i, 1, value);
    if (putField(cursor, field, value, 0, limits, 'hset')) created++;
  }
  return created;
}

const hSetNx = command({
  name: 'hsetnx',
  since: '2.0.0',
  group: 'hash',
  complexity: 'O(1)',
  summary: "Sets the value of a field in a hash only when the field doesn't exist.",
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'insert'), bytes('field'), bytes('value')],
  reply: ['integer'],
  run({ database, reply, services }, key, field, value) {
    const cursor = database.write(key);
    if (isNoHash(cursor)) return reply.error(errors.wrongType);
    if (findField(cursor, field, found)) return reply.integer(0);
    beginChange(cursor, 'hset');
    putField(cursor, field, value, 0, hashLimits(services), 'hset');
    reply.integer(1);
  },
});

export const hashSetCommands = [hSet, hmSet, hSetNx];
