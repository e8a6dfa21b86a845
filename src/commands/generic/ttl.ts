/** When a key expires: in how long, or at what time. */
import { lifetimeMs, toSeconds } from '#types/keys-expiry.ts';
import { command } from '../command.ts';
import { key } from '../grammar.ts';

const shared = {
  group: 'generic',
  complexity: 'O(1)',
  flags: ['readonly', 'fast'],
  args: [key('key', 'RO', 'access')],
  reply: ['integer'],
} as const;

const missingReply = [['2.8.0', 'Added the -2 reply.']] as const;

const ttl = command({
  ...shared,
  tips: ['nondeterministic_output'],
  name: 'ttl',
  since: '1.0.0',
  summary: 'Returns the expiration time in seconds of a key.',
  history: missingReply,
  run({ database, keyspace, reply }, key) {
    reply.integer(toSeconds(lifetimeMs(database.inspect(key), keyspace.nowMs)));
  },
});

const pttl = command({
  ...shared,
  tips: ['nondeterministic_output'],
  name: 'pttl',
  since: '2.6.0',
  summary: 'Returns the expiration time in milliseconds of a key.',
  history: missingReply,
  run({ database, keyspace, reply }, key) {
    reply.integer(lifetimeMs(database.inspect(key), keyspace.nowMs));
  },
});

const expireTime = command({
  ...shared,
  name: 'expiretime',
  since: '7.0.0',
  summary: 'Returns the expiration time of a key as a Unix timestamp.',
  run({ database, reply }, key) {
    reply.integer(toSeconds(lifetimeMs(database.inspect(key), 0)));
  },
});

const pexpireTime = command({
  ...shared,
  name: 'pexpiretime',
  since: '7.0.0',
  summary: 'Returns the expiration time of a key as a Unix milliseconds timestamp.',
  run({ database, reply }, key) {
    reply.integer(lifetimeMs(database.inspect(key), 0));
  },
});

export const ttlCommands = [ttl, pttl, expireTime, pexpireTime];
