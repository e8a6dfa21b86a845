/** When fields expire, and that they no longer shall. */
import { Slice } from '#memory/slice.ts';
import { expireField, findField } from '#types/hashes.ts';
import { Field, isNoHash } from '#types/hashes-form.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { bytes, countedAfter, key } from '../grammar.ts';
import { FieldNames, FieldOutcomes } from './field-names.ts';

/** What is answered for a field that is not there, and for one that never expires. */
const missing = -2;
const persistent = -1;
/** What HPERSIST answers for a field that was to expire. */
const persisted = 1;

const name = new Slice();
const found = new Field();
const names = new FieldNames();
const outcomes = new FieldOutcomes();

const shared = {
  since: '7.4.0',
  group: 'hash',
  complexity: 'O(N) where N is the number of specified fields',
  rest: countedAfter('FIELDS', 'numfields', bytes('field')),
  manual: true,
  reply: ['array'],
} as const;

const reading = {
  ...shared,
  flags: ['readonly', 'fast'],
  args: [key('key', 'RO', 'access')],
} as const;

const hTtl = command({
  ...reading,
  name: 'httl',
  summary: 'Returns the TTL in seconds of a hash field.',
  tips: ['nondeterministic_output'],
  run: (context) => tellTimes(context, 1000, context.keyspace.nowMs),
});

const hpTtl = command({
  ...reading,
  name: 'hpttl',
  summary: 'Returns the TTL in milliseconds of a hash field.',
  tips: ['nondeterministic_output'],
  run: (context) => tellTimes(context, 1, context.keyspace.nowMs),
});

const hExpireTime = command({
  ...reading,
  name: 'hexpiretime',
  summary: 'Returns the expiration time of a hash field as a Unix timestamp, in seconds.',
  run: (context) => tellTimes(context, 1000, 0),
});

const hpExpireTime = command({
  ...reading,
  name: 'hpexpiretime',
  summary: 'Returns the expiration time of a hash field as a Unix timestamp, in msec.',
  run: (context) => tellTimes(context, 1, 0),
});

/** Answers with the time of each field since `sinceMs`, rounded up to the unit. */
function tellTimes({ database, reply, request }: Context, unitMs: number, sinceMs: number): void {
  const cursor = database.read(request.into(1, name));
  if (isNoHash(cursor)) return reply.error(errors.wrongType);
  const problem = names.takeAt(request, 2);
  if (problem !== undefined) return reply.error(problem);
  reply.array(names.count);
  for (let i = 0; i < names.count; i++) {
    if (!findField(cursor, names.into(i, name), found)) reply.integer(missing);
    else if (found.expireAtMs === 0) reply.integer(persistent);
    else reply.integer(Math.ceil((found.expireAtMs - sinceMs) / unitMs));
  }
}

const hPersist = command({
  ...shared,
  name: 'hpersist',
  summary: 'Removes the expiration time for each specified field',
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'update')],
  run({ database, reply, request }) {
    const cursor = database.write(request.into(1, name));
    if (isNoHash(cursor)) return reply.error(errors.wrongType);
    const problem = names.takeAt(request, 2);
    if (problem !== undefined) return reply.error(problem);
    outcomes.clear();
    let changed = 0;
    for (let i = 0; i < names.count; i++) {
      if (!findField(cursor, names.into(i, name), found)) outcomes.add(missing);
      else if (found.expireAtMs === 0) outcomes.add(persistent);
      else {
        if (changed++ === 0) cursor.change('hpersist');
        expireField(cursor, name, 0);
        outcomes.add(persisted);
      }
    }
    outcomes.write(reply);
  },
});

export const hashTtlCommands = [hTtl, hpTtl, hExpireTime, hpExpireTime, hPersist];
