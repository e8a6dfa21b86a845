/** Reading and writing fields together with when they expire. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { beginChange, expireField, findField, putField, removeField } from '#types/hashes.ts';
import { Field, isNoHash, keepExpiry } from '#types/hashes-form.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import type { Effects } from '../effects.ts';
import { errors } from '../errors.ts';
import { bytes, countedAfter, key, oneOf } from '../grammar.ts';
import { expirationTokens } from '../string/expiration.ts';
import { ChangedFields } from './changed-fields.ts';
import { ExpiringArguments } from './expiring-arguments.ts';
import { hashLimits } from './limits.ts';

const name = new Slice();
const value = new Slice();
const found = new Field();
const changedFields = new ChangedFields();

const getArguments = new ExpiringArguments('hgetex');
const setArguments = new ExpiringArguments('hsetex');

const shared = {
  since: '8.0.0',
  group: 'hash',
  complexity: 'O(N) where N is the number of specified fields',
  manual: true,
} as const;

const hGetEx = command({
  ...shared,
  name: 'hgetex',
  summary:
    'Get the value of one or more fields of a given hash key, and optionally set their expiration.',
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'access', 'update')],
  options: { expiration: oneOf({ ...expirationTokens, PERSIST: [] }) },
  rest: countedAfter('FIELDS', 'numfields', bytes('field')),
  reply: ['array'],
  run({ database, keyspace, reply, request, services }) {
    const cursor = database.read(request.into(1, name));
    if (isNoHash(cursor)) return reply.error(errors.wrongType);
    const problem = getArguments.take(request, keyspace.nowMs);
    if (problem !== undefined) return reply.error(problem);
    const { atMs, isPast, names } = getArguments;
    changedFields.begin(services.effects);
    // What may find no memory comes before the reply begins, what takes the values away after they are told.
    if (atMs !== keepExpiry && !isPast) expireAll(cursor, atMs);
    reply.array(names.count);
    let removed = 0;
    for (let i = 0; i < names.count; i++) {
      if (!findField(cursor, names.into(i, name), found)) {
        reply.nil();
        continue;
      }
      reply.stored(cursor.arena, found.valueAt, found.valueLength);
      if (!isPast) continue;
      if (removed++ === 0) cursor.change('hdel');
      changedFields.add(name);
      removeField(cursor, found);
    }
    changedFields.record(services.effects, cursor, atMs);
  },
});

function expireAll(cursor: KeyCursor, atMs: number): void {
  const { names } = getArguments;
  let changed = 0;
  for (let i = 0; i < names.count; i++) {
    const isThere = findField(cursor, names.into(i, name), found);
    if (!isThere || found.expireAtMs === atMs) continue;
    if (changed++ === 0) cursor.change(atMs === 0 ? 'hpersist' : 'hexpire');
    changedFields.add(name);
    expireField(cursor, name, atMs);
  }
}

const hSetEx = command({
  ...shared,
  name: 'hsetex',
  complexity: 'O(N) where N is the number of fields being set.',
  summary:
    'Set the value of one or more fields of a given hash key, and optionally set their expiration.',
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'update')],
  options: {
    condition: oneOf({ FNX: [], FXX: [] }),
    expiration: oneOf({ ...expirationTokens, KEEPTTL: [] }),
  },
  rest: countedAfter('FIELDS', 'numfields', bytes('field'), bytes('value')),
  reply: ['integer'],
  run(context) {
    const { database, keyspace, reply, request } = context;
    const problem = setArguments.take(request, keyspace.nowMs);
    if (problem !== undefined) return reply.error(problem);
    const cursor = database.write(request.into(1, name));
    if (isNoHash(cursor)) return reply.error(errors.wrongType);
    if (!conditionHolds(cursor)) return reply.integer(0);
    if (setArguments.isPast) removeAll(context, cursor);
    else putAll(context, cursor);
    reply.integer(1);
  },
});

/** Whether none of the fields is there (FNX), or all are (FXX). */
function conditionHolds(cursor: KeyCursor): boolean {
  const { condition, names } = setArguments;
  if (condition === undefined) return true;
  for (let i = 0; i < names.count; i++) {
    if (findField(cursor, names.into(i, name), found) === (condition === 'FNX')) return false;
  }
  return true;
}

function putAll({ services }: Context, cursor: KeyCursor): void {
  const { atMs, names } = setArguments;
  const limits = hashLimits(services);
  beginChange(cursor, 'hset');
  for (let i = 0; i < names.count; i++) {
    names.into(i, name);
    putField(cursor, name, names.into(i, value, 1), atMs, limits, 'hset');
  }
  if (atMs > 0) cursor.change('hexpire');
  if (services.effects.isWanted && atMs > 0) recordAll(services.effects, cursor);
}

/** Says what was set and when it expires, in place of how long it was to live. */
function recordAll(effects: Effects, cursor: KeyCursor): void {
  const { atMs, names } = setArguments;
  const words: Buffer[] = [];
  for (let i = 0; i < names.count; i++) {
    words.push(names.into(i, name).copy(), names.into(i, value, 1).copy());
  }
  effects.record('HSETEX', cursor.key, 'PXAT', atMs, 'FIELDS', names.count, ...words);
}

/** Fields that would be set only to expire at once are not there. */
function removeAll({ services }: Context, cursor: KeyCursor): void {
  const { atMs, names } = setArguments;
  changedFields.begin(services.effects);
  let removed = 0;
  for (let i = 0; i < names.count; i++) {
    if (!findField(cursor, names.into(i, name), found)) continue;
    if (removed++ === 0) cursor.change('hdel');
    changedFields.add(name);
    removeField(cursor, found);
  }
  changedFields.record(services.effects, cursor, atMs);
}

export const hashExpiringCommands = [hGetEx, hSetEx];
