/** Writing several strings at once. */
import { Slice } from '#memory/slice.ts';
import { store } from '#types/strings.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors, invalidExpire } from '../errors.ts';
import { bytes, countedOr, type Groups, key, oneOf, repeat } from '../grammar.ts';
import { recordString } from '../key-effects.ts';
import { expirationTokens, expireAtMsOfOption } from './expiration.ts';
import { expireStored } from './set.ts';

const argument = new Slice();
const value = new Slice();

const mSet = command({
  name: 'mset',
  since: '1.0.1',
  group: 'string',
  complexity: 'O(N) where N is the number of keys to set.',
  constantWords: 21,
  summary: 'Atomically creates or modifies the string values of one or more keys.',
  flags: ['write', 'denyoom'],
  tips: ['request_policy:multi_shard', 'response_policy:all_succeeded'],
  rest: repeat(key('key', 'OW', 'update'), bytes('value')),
  reply: ['ok'],
  run({ database, reply }, pairs) {
    for (let i = 0; i < pairs.length; i++) {
      const cursor = database.write(pairs.into(i, 0, argument));
      store(cursor, pairs.into(i, 1, value));
      cursor.setExpiry(0);
    }
    reply.ok();
  },
});

const mSetNx = command({
  name: 'msetnx',
  since: '1.0.1',
  group: 'string',
  complexity: 'O(N) where N is the number of keys to set.',
  summary:
    "Atomically modifies the string values of one or more keys only when all keys don't exist.",
  flags: ['write', 'denyoom'],
  tips: ['request_policy:multi_shard', 'response_policy:agg_min'],
  rest: repeat(key('key', 'OW', 'insert'), bytes('value')),
  reply: ['integer'],
  run(context, pairs) {
    if (countExisting(context, pairs) > 0) return context.reply.integer(0);
    for (let i = 0; i < pairs.length; i++) {
      store(context.database.write(pairs.into(i, 0, argument)), pairs.into(i, 1, value));
    }
    context.reply.integer(1);
  },
});

const mSetEx = command({
  name: 'msetex',
  since: '8.4.0',
  group: 'string',
  complexity: 'O(N) where N is the number of keys to set.',
  summary: 'Atomically sets multiple string keys with a shared expiration in a single operation.',
  flags: ['write', 'denyoom'],
  rest: countedOr(
    { invalid: errors.invalidNumkeys, tooMany: errors.wrongPairs },
    'numkeys',
    key('key', 'OW', 'update'),
    bytes('value'),
  ),
  options: {
    condition: oneOf({ NX: [], XX: [] }),
    expiration: oneOf({ ...expirationTokens, KEEPTTL: [] }),
  },
  reply: ['integer'],
  run(context, { condition, expiration }, pairs) {
    const { token } = expiration;
    const expireAtMs = expireAtMsOfOption(token, expiration.integer, context.keyspace.nowMs);
    if (Number.isNaN(expireAtMs)) return context.reply.error(invalidExpire('msetex'));
    if (condition.token !== null) {
      const wanted = condition.token === 'XX' ? pairs.length : 0;
      if (countExisting(context, pairs) !== wanted) return context.reply.integer(0);
    }
    for (let i = 0; i < pairs.length; i++) {
      const cursor = context.database.write(pairs.into(i, 0, argument));
      store(cursor, pairs.into(i, 1, value), expireAtMs !== 0);
      if (token !== 'KEEPTTL') expireStored(cursor, expireAtMs);
      if (expireAtMs !== 0) recordString(context, cursor);
    }
    context.reply.integer(1);
  },
});

/** How many of the keys exist, one named twice counting twice. */
function countExisting({ database }: Context, pairs: Groups): number {
  let existing = 0;
  for (let i = 0; i < pairs.length; i++) {
    if (database.write(pairs.into(i, 0, argument)).exists) existing++;
  }
  return existing;
}

export const multiCommands = [mSet, mSetNx, mSetEx];
