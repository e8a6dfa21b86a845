/** Values as portable bytes: DUMP and RESTORE, in Redis's own format, so that keys can travel between the two. */
import type { Database } from '#keyspace/database.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { ConfiguredBuilders, wholeValue } from '#persistence/rdb/adapters/all.ts';
import { draftPayload, dumpValue, forgetDump, isPayload } from '#persistence/rdb/payload.ts';
import type { RdbError } from '#persistence/rdb/rdb-error.ts';
import { expireAtMsMax } from '#types/expiry-time.ts';
import { parseInt64 } from '#types/int64.ts';
import { command } from '../command.ts';
import { type ErrorReply, error, errors } from '../errors.ts';
import { bytes, type Choice, flag, integer, key, oneOf } from '../grammar.ts';
import type { Services } from '../services.ts';

const frequencyMax = 255;

const dump = command({
  name: 'dump',
  since: '2.6.0',
  group: 'generic',
  complexity:
    'O(1) to access the key and additional O(N*M) to serialize it, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1).',
  summary: 'Returns a serialized representation of the value stored at a key.',
  flags: ['readonly'],
  args: [key('key', 'RO', 'access')],
  reply: ['bulk', 'nil'],
  tips: ['nondeterministic_output'],
  run({ database, reply, services }, key) {
    const cursor = database.read(key);
    if (!cursor.exists) return reply.nil();
    const compresses = services.config.get('rdbcompression');
    const { bytes, at, length } = dumpValue(cursor, wholeValue, compresses);
    reply.bulk(bytes, at, length);
    forgetDump();
  },
});

const restore = command({
  name: 'restore',
  since: '2.6.0',
  group: 'generic',
  complexity:
    'O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).',
  summary: 'Creates a key from the serialized representation of a value.',
  flags: ['write', 'denyoom'],
  categories: ['dangerous'],
  args: [key('key', 'OW', 'update'), bytes('ttl', 'integer'), bytes('serialized-value')],
  options: {
    replace: flag('REPLACE'),
    absttl: flag('ABSTTL'),
    use: oneOf({
      IDLETIME: [integer('seconds', undefined, checkIdleTime)],
      FREQ: [integer('frequency', undefined, checkFrequency)],
    }),
  },
  readsOptionsInOrder: true,
  reply: ['ok'],
  history: [
    ['3.0.0', 'Added the `REPLACE` modifier.'],
    ['5.0.0', 'Added the `ABSTTL` modifier.'],
    ['5.0.0', 'Added the `IDLETIME` and `FREQ` options.'],
  ],
  run({ database, keyspace, reply, services }, key, ttl, payload, { replace, absttl, use }) {
    const cursor = database.write(key);
    if (cursor.exists && !replace) return reply.error(errors.busyKey);
    const ttlMs = Number(parseInt64(ttl.bytes, ttl.at, ttl.length) ?? Number.NaN);
    if (Number.isNaN(ttlMs)) return reply.error(errors.notInteger);
    if (ttlMs < 0) return reply.error(errors.invalidTtl);
    if (!isPayload(payload)) return reply.error(errors.dumpPayload);
    const problem = draftPayload(payload, cursor, new ConfiguredBuilders(services.config));
    if (problem !== undefined) return reply.error(replyTo(problem));
    const sinceMs = absttl ? 0 : keyspace.nowMs;
    const expireAtMs = ttlMs === 0 ? 0 : Math.min(ttlMs + sinceMs, expireAtMsMax);
    if (expireAtMs !== 0 && expireAtMs <= keyspace.nowMs) forgo(cursor, services);
    else {
      cursor.publish('restore');
      cursor.setExpiry(expireAtMs);
      setUse(database, cursor, use);
      // How long from now is no effect that repeats.
      if (expireAtMs !== 0 && !absttl && services.effects.isWanted) {
        services.effects.record('RESTORE', key, expireAtMs, payload, 'REPLACE', 'ABSTTL');
      }
    }
    reply.ok();
  },
});

/** Drops a draft whose time has come, and what was to make way for it. */
function forgo(cursor: KeyCursor, { effects }: Services): void {
  cursor.abandon();
  if (!cursor.exists) return;
  cursor.remove('del');
  if (effects.isWanted) effects.record('DEL', cursor.key);
}

function checkIdleTime(seconds: number): ErrorReply | undefined {
  return seconds < 0 ? errors.invalidIdleTime : undefined;
}

function checkFrequency(frequency: number): ErrorReply | undefined {
  return frequency < 0 || frequency > frequencyMax ? errors.invalidFrequency : undefined;
}

/** Redis has one answer for all; what another server could read gets a reason. */
function replyTo({ kind, message }: RdbError): ErrorReply {
  return kind === 'unsupported' ? error(`${errors.badData.text}: ${message}`) : errors.badData;
}

/** What is said of the key's use counts only where the policy keeps account of it. */
function setUse(
  { access }: Database,
  cursor: KeyCursor,
  { token, integer }: Choice<'IDLETIME' | 'FREQ'>,
): void {
  if (token === 'FREQ' && access.mode === 'frequency') {
    cursor.access = access.atFrequency(integer);
  } else if (token === 'IDLETIME' && access.mode !== 'frequency') {
    cursor.access = access.atIdle(integer * 1000);
  }
}

export const serializeCommands = [dump, restore];
