/** Writing a whole string. */
import { isOtherType, store } from '#types/strings.ts';
import { command } from '../command.ts';
import { errors, invalidExpire } from '../errors.ts';
import { bytes, flag, integer, key, oneOf } from '../grammar.ts';

const set = command({
  name: 'set',
  since: '1.0.0',
  group: 'string',
  complexity: 'O(1)',
  summary:
    'Sets the string value of a key, ignoring its type. The key is created if it does not exist.',
  flags: ['write', 'denyoom'],
  args: [key('key', 'RW', 'access', 'update'), bytes('value')],
  options: {
    condition: oneOf({ NX: [], XX: [] }),
    get: flag('GET'),
    expiration: oneOf({
      EX: [integer('seconds')],
      PX: [integer('milliseconds')],
      EXAT: [integer('unix-time-seconds')],
      PXAT: [integer('unix-time-milliseconds')],
      KEEPTTL: [],
    }),
  },
  reply: ['ok', 'nil', 'bulk'],
  run({ database, reply }, key, value, { condition, get, expiration }) {
    const cursor = database.write(key);
    if (expiration.token === 'EX' && expiration.integer <= 0)
      return reply.error(invalidExpire('set'));
    if (get) {
      if (isOtherType(cursor)) return reply.error(errors.wrongType);
      if (cursor.exists) reply.bulk(cursor.bytes, cursor.valueAt, cursor.valueLength);
      else reply.nil();
    }
    if (condition.token !== null && (condition.token === 'NX') === cursor.exists) {
      if (!get) reply.nil();
      return;
    }
    const keeps = expiration.token === 'KEEPTTL';
    store(cursor, value, expiration.token !== null && !keeps);
    if (!keeps)
      cursor.setExpiry(
        expiration.token === 'EX' ? database.keyspace.nowMs + expiration.integer * 1000 : 0,
      );
    if (!get) reply.ok();
  },
});

export const setCommands = [set];
