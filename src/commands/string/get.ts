/** Reading a whole string, some commands changing the key after it was read. */
import { Slice } from '#memory/slice.ts';
import { parseInt64, parseInteger } from '#types/int64.ts';
import { isOtherType } from '#types/strings.ts';
import { command } from '../command.ts';
import { errors, invalidExpire } from '../errors.ts';
import { bytes, key, oneOf, repeat } from '../grammar.ts';
import { recordExpiry } from '../key-effects.ts';
import { expireAtMsOfOption } from './expiration.ts';

const argument = new Slice();

const get = command({
  name: 'get',
  since: '1.0.0',
  group: 'string',
  complexity: 'O(1)',
  summary: 'Returns the string value of a key.',
  flags: ['readonly', 'fast'],
  args: [key('key', 'RO', 'access')],
  reply: ['bulk', 'nil'],
  run({ database, reply }, key) {
    const cursor = database.read(key);
    if (!cursor.exists) reply.nil();
    else if (isOtherType(cursor)) reply.error(errors.wrongType);
    else reply.stored(cursor.arena, cursor.valueAt, cursor.valueLength);
  },
});

const mGet = command({
  name: 'mget',
  since: '1.0.0',
  group: 'string',
  complexity: 'O(N) where N is the number of keys to retrieve.',
  constantWords: 11,
  summary: 'Atomically returns the string values of one or more keys.',
  flags: ['readonly', 'fast'],
  tips: ['request_policy:multi_shard'],
  rest: repeat(key('key', 'RO', 'access')),
  reply: ['array'],
  run({ database, reply }, keys) {
    reply.array(keys.length);
    for (let i = 0; i < keys.length; i++) {
      const cursor = database.read(keys.into(i, 0, argument));
      if (!cursor.exists || isOtherType(cursor)) reply.nil();
      else reply.stored(cursor.arena, cursor.valueAt, cursor.valueLength);
    }
  },
});

const strLen = command({
  name: 'strlen',
  since: '2.2.0',
  group: 'string',
  complexity: 'O(1)',
  summary: 'Returns the length of a string value.',
  flags: ['readonly', 'fast'],
  args: [key('key', 'RO')],
  reply: ['integer'],
  run({ database, reply }, key) {
    const cursor = database.read(key);
    if (!cursor.exists) reply.integer(0);
    else if (isOtherType(cursor)) reply.error(errors.wrongType);
    else reply.integer(cursor.valueLength);
  },
});

const getDel = command({
  name: 'getdel',
  since: '6.2.0',
  group: 'string',
  complexity: 'O(1)',
  summary: 'Returns the string value of a key after deleting the key.',
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'access', 'delete')],
  reply: ['bulk', 'nil'],
  run({ database, reply }, key) {
    const cursor = database.read(key);
    if (!cursor.exists) return reply.nil();
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    reply.stored(cursor.arena, cursor.valueAt, cursor.valueLength);
    cursor.remove('del');
  },
});

const getEx = command({
  name: 'getex',
  since: '6.2.0',
  group: 'string',
  complexity: 'O(1)',
  summary: 'Returns the string value of a key after setting its expiration time.',
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'access', 'update')],
  options: {
    // Read after the key was found to exist: on a missing key a malformed time is no error.
    expiration: oneOf({
      EX: [bytes('seconds', 'integer')],
      PX: [bytes('milliseconds', 'integer')],
      EXAT: [bytes('unix-time-seconds', 'unix-time')],
      PXAT: [bytes('unix-time-milliseconds', 'unix-time')],
      PERSIST: [],
    }),
  },
  reply: ['bulk', 'nil'],
  run(context, key, { expiration }) {
    const { database, keyspace, reply } = context;
    const { token } = expiration;
    const cursor = database.read(key);
    if (!cursor.exists) return reply.nil();
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    const isTimed = token !== null && token !== 'PERSIST';
    const time = isTimed ? integerOf(expiration.bytes) : 0;
    if (Number.isNaN(time)) return reply.error(errors.notInteger);
    const expireAtMs = expireAtMsOfOption(token, time, keyspace.nowMs);
    if (Number.isNaN(expireAtMs)) return reply.error(invalidExpire('getex'));
    reply.stored(cursor.arena, cursor.valueAt, cursor.valueLength);
    if (isTimed && expireAtMs <= keyspace.nowMs) cursor.remove('del');
    else if (isTimed) cursor.changeExpiry('expire', expireAtMs);
    else if (token === 'PERSIST' && cursor.expireAtMs !== 0) cursor.changeExpiry('persist', 0);
    recordExpiry(context, cursor);
  },
});

/** The int64 an argument is, rounded to a double; NaN where it is none. */
function integerOf({ bytes, at, length }: Slice): number {
  const safe = parseInteger(bytes, at, length);
  return Number.isNaN(safe) ? Number(parseInt64(bytes, at, length) ?? Number.NaN) : safe;
}

export const getCommands = [get, mGet, strLen, getDel, getEx];
