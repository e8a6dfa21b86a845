/** Writing a whole string. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';
import { futureExpireAtMsOf, type TimeUnitMs } from '#types/expiry-time.ts';
import { isOtherType, store } from '#types/strings.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { setAccess } from '../derive/key-access.ts';
import { type ErrorReply, errors, invalidExpire } from '../errors.ts';
import { bytes, type Choice, flag, integer, key, oneOf } from '../grammar.ts';
import { recordString } from '../key-effects.ts';
import { type Comparison, comparisonTokens, satisfies } from './condition.ts';
import { expirationTokens, expireAtMsOfOption } from './expiration.ts';

type Condition = Choice<'NX' | 'XX' | Comparison>;

const set = command({
  name: 'set',
  since: '1.0.0',
  group: 'string',
  complexity: 'O(1)',
  summary:
    "Sets the string value of a key, ignoring its type. The key is created if it doesn't exist.",
  flags: ['write', 'denyoom'],
  args: [key('key', 'RW', 'access', 'update'), bytes('value')],
  keyAccess: setAccess,
  options: {
    condition: oneOf({ NX: [], XX: [], ...comparisonTokens }),
    get: flag('GET'),
    expiration: oneOf({ ...expirationTokens, KEEPTTL: [] }),
  },
  reply: ['ok', 'nil', 'bulk'],
  history: [
    ['2.6.12', 'Added the `EX`, `PX`, `NX` and `XX` options.'],
    ['6.0.0', 'Added the `KEEPTTL` option.'],
    ['6.2.0', 'Added the `GET`, `EXAT` and `PXAT` option.'],
    ['7.0.0', 'Allowed the `NX` and `GET` options to be used together.'],
    ['8.4.0', 'Added the `IFEQ`, `IFNE`, `IFDEQ` and `IFDNE` options.'],
  ],
  run(context, key, value, { condition, get, expiration }) {
    const { database, reply } = context;
    const { token } = expiration;
    const expireAtMs =
      token === null ? 0 : expireAtMsOfOption(token, expiration.integer, context.keyspace.nowMs);
    if (Number.isNaN(expireAtMs)) return reply.error(invalidExpire('set'));
    if (get && !replyWithOld(context, key)) return;
    const cursor = database.write(key);
    if (condition.token !== null) {
      const holds = conditionHolds(cursor, condition);
      if (typeof holds === 'object') return reply.error(holds);
      if (!holds) return get ? undefined : reply.nil();
    }
    store(cursor, value, expireAtMs !== 0);
    if (token !== 'KEEPTTL') expireStored(cursor, expireAtMs);
    if (expireAtMs !== 0) recordString(context, cursor);
    if (!get) reply.ok();
  },
});

const setNx = command({
  name: 'setnx',
  since: '1.0.0',
  group: 'string',
  complexity: 'O(1)',
  summary: "Sets the string value of a key only when the key doesn't exist.",
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'OW', 'insert'), bytes('value')],
  reply: ['integer'],
  deprecated: { since: '2.6.12', replacedBy: '`SET` with the `NX` argument' },
  run({ database, reply }, key, value) {
    const cursor = database.write(key);
    if (cursor.exists) return reply.integer(0);
    store(cursor, value);
    reply.integer(1);
  },
});

const setEx = command({
  name: 'setex',
  since: '2.0.0',
  group: 'string',
  complexity: 'O(1)',
  summary:
    "Sets the string value and expiration time of a key. Creates the key if it doesn't exist.",
  flags: ['write', 'denyoom'],
  args: [key('key', 'OW', 'update'), integer('seconds'), bytes('value')],
  reply: ['ok'],
  deprecated: { since: '2.6.12', replacedBy: '`SET` with the `EX` argument' },
  run: (context, key, seconds, value) => setExpiring(context, 'setex', key, seconds, 1000, value),
});

const pSetEx = command({
  name: 'psetex',
  since: '2.6.0',
  group: 'string',
  complexity: 'O(1)',
  summary:
    "Sets both string value and expiration time in milliseconds of a key. The key is created if it doesn't exist.",
  flags: ['write', 'denyoom'],
  args: [key('key', 'OW', 'update'), integer('milliseconds'), bytes('value')],
  reply: ['ok'],
  deprecated: { since: '2.6.12', replacedBy: '`SET` with the `PX` argument' },
  run: (context, key, time, value) => setExpiring(context, 'psetex', key, time, 1, value),
});

const getSet = command({
  name: 'getset',
  since: '1.0.0',
  group: 'string',
  complexity: 'O(1)',
  summary: 'Returns the previous string value of a key after setting it to a new value.',
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'access', 'update'), bytes('value')],
  reply: ['bulk', 'nil'],
  deprecated: { since: '6.2.0', replacedBy: '`SET` with the `GET` argument' },
  run(context, key, value) {
    if (!replyWithOld(context, key)) return;
    const cursor = context.database.write(key);
    store(cursor, value);
    cursor.setExpiry(0);
  },
});

/** Answers with the value so far, as a read of its own; false where that is an error. */
function replyWithOld({ database, reply }: Context, key: Slice): boolean {
  const cursor = database.read(key);
  if (isOtherType(cursor)) {
    reply.error(errors.wrongType);
    return false;
  }
  if (cursor.exists) reply.stored(cursor.arena, cursor.valueAt, cursor.valueLength);
  else reply.nil();
  return true;
}

function conditionHolds(cursor: KeyCursor, { token, bytes }: Condition): boolean | ErrorReply {
  if (token === 'NX') return !cursor.exists;
  if (token === 'XX' || token === null) return cursor.exists;
  return satisfies(cursor, token, bytes);
}

function setExpiring(
  context: Context,
  name: string,
  key: Slice,
  time: number,
  unitMs: TimeUnitMs,
  value: Slice,
): void {
  const { database, keyspace, reply } = context;
  const expireAtMs = futureExpireAtMsOf(time, unitMs, keyspace.nowMs);
  if (Number.isNaN(expireAtMs)) return reply.error(invalidExpire(name));
  const cursor = database.write(key);
  store(cursor, value, true);
  expireStored(cursor, expireAtMs);
  recordString(context, cursor);
  reply.ok();
}

/** Sets the expiry of a value just stored; 0 takes it away, which is part of storing. */
export function expireStored(cursor: KeyCursor, expireAtMs: number): void {
  if (expireAtMs === 0) cursor.setExpiry(0);
  else cursor.changeExpiry('expire', expireAtMs);
}

export const setCommands = [set, setNx, setEx, pSetEx, getSet];
