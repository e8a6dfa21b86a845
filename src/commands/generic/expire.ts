/** Setting and taking away the time at which a key expires. */
import type { Slice } from '#memory/slice.ts';
import { expireAtMsOf, type TimeUnitMs } from '#types/expiry-time.ts';
import { type ExpiryConditions, expireKey, persistKey } from '#types/keys-expiry.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, error, errors, invalidExpire } from '../errors.ts';
import { flag, integer, key } from '../grammar.ts';
import { recordExpiry } from '../key-effects.ts';

/** What EXPIRE and its three variants share. */
const shared = {
  group: 'generic',
  complexity: 'O(1)',
  flags: ['write', 'fast'],
  options: { nx: flag('NX'), xx: flag('XX'), gt: flag('GT'), lt: flag('LT') },
  unknownOption: (word: string) => error(`Unsupported option ${word}`),
  checkOptions: clashOf,
  reply: ['integer'],
  history: [['7.0.0', 'Added options: `NX`, `XX`, `GT` and `LT`.']],
} as const;

function clashOf({ nx, xx, gt, lt }: ExpiryConditions): ErrorReply | undefined {
  if (nx && (xx || gt || lt)) return errors.expiryConditionConflict;
  return gt && lt ? errors.expiryOrderConflict : undefined;
}

const expire = command({
  ...shared,
  name: 'expire',
  since: '1.0.0',
  summary: 'Sets the expiration time of a key in seconds.',
  args: [key('key', 'RW', 'update'), integer('seconds')],
  run(context, key, seconds, conditions) {
    expireAfter(context, 'expire', key, seconds, 1000, context.keyspace.nowMs, conditions);
  },
});

const pexpire = command({
  ...shared,
  name: 'pexpire',
  since: '2.6.0',
  summary: 'Sets the expiration time of a key in milliseconds.',
  args: [key('key', 'RW', 'update'), integer('milliseconds')],
  run(context, key, milliseconds, conditions) {
    expireAfter(context, 'pexpire', key, milliseconds, 1, context.keyspace.nowMs, conditions);
  },
});

const expireAt = command({
  ...shared,
  name: 'expireat',
  since: '1.2.0',
  summary: 'Sets the expiration time of a key to a Unix timestamp.',
  args: [key('key', 'RW', 'update'), integer('unix-time-seconds')],
  run(context, key, seconds, conditions) {
    expireAfter(context, 'expireat', key, seconds, 1000, 0, conditions);
  },
});

const pexpireAt = command({
  ...shared,
  name: 'pexpireat',
  since: '2.6.0',
  summary: 'Sets the expiration time of a key to a Unix milliseconds timestamp.',
  args: [key('key', 'RW', 'update'), integer('unix-time-milliseconds')],
  run(context, key, milliseconds, conditions) {
    expireAfter(context, 'pexpireat', key, milliseconds, 1, 0, conditions);
  },
});

function expireAfter(
  context: Context,
  name: string,
  key: Slice,
  time: number,
  unitMs: TimeUnitMs,
  sinceMs: number,
  conditions: ExpiryConditions,
): void {
  const { database, reply } = context;
  const atMs = expireAtMsOf(time, unitMs, sinceMs);
  if (Number.isNaN(atMs)) return reply.error(invalidExpire(name));
  const cursor = database.write(key);
  const isChanged = cursor.exists && expireKey(cursor, atMs, conditions);
  if (isChanged) recordExpiry(context, cursor);
  reply.integer(isChanged ? 1 : 0);
}

const persist = command({
  name: 'persist',
  since: '2.2.0',
  group: 'generic',
  complexity: 'O(1)',
  summary: 'Removes the expiration time of a key.',
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'update')],
  reply: ['integer'],
  run({ database, reply }, key) {
    const cursor = database.write(key);
    reply.integer(cursor.exists && persistKey(cursor) ? 1 : 0);
  },
});

export const expireCommands = [expire, pexpire, expireAt, pexpireAt, persist];
