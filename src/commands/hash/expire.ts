/** Setting when fields expire. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import type { TimeUnitMs } from '#types/expiry-time.ts';
import { expireField, findField, removeField } from '#types/hashes.ts';
import { Field, isNoHash } from '#types/hashes-form.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, error, errors } from '../errors.ts';
import { bytes, countedAfter, integer, key, oneOf } from '../grammar.ts';
import type { Request } from '../request.ts';
import { ChangedFields } from './changed-fields.ts';
import { FieldNames, FieldOutcomes } from './field-names.ts';
import { fieldTimeAt } from './field-time.ts';

/** What HEXPIRE answers for a field. */
const outcome = { missing: -2, conditionNotMet: 0, set: 1, removed: 2 } as const;

const conditions = ['NX', 'XX', 'GT', 'LT'] as const;
type Condition = (typeof conditions)[number];

const name = new Slice();
const found = new Field();
const names = new FieldNames();
const changedFields = new ChangedFields();
const outcomes = new FieldOutcomes();

const shared = {
  since: '7.4.0',
  group: 'hash',
  complexity: 'O(N) where N is the number of specified fields',
  flags: ['write', 'denyoom', 'fast'],
  options: { condition: oneOf({ NX: [], XX: [], GT: [], LT: [] }) },
  rest: countedAfter('FIELDS', 'numfields', bytes('field')),
  manual: true,
  reply: ['array'],
} as const;

const hExpire = command({
  ...shared,
  name: 'hexpire',
  summary: 'Sets the expiry time of a hash field in seconds.',
  args: [key('key', 'RW', 'update'), integer('seconds')],
  run: (context) => expireFields(context, 'hexpire', 1000, context.keyspace.nowMs),
});

const hpExpire = command({
  ...shared,
  name: 'hpexpire',
  summary: 'Sets the expiry time of a hash field in milliseconds.',
  args: [key('key', 'RW', 'update'), integer('milliseconds')],
  run: (context) => expireFields(context, 'hpexpire', 1, context.keyspace.nowMs),
});

const hExpireAt = command({
  ...shared,
  name: 'hexpireat',
  summary: 'Sets the expiry time of a hash field to a Unix timestamp in seconds.',
  args: [key('key', 'RW', 'update'), integer('unix-time-seconds')],
  run: (context) => expireFields(context, 'hexpireat', 1000, 0),
});

const hpExpireAt = command({
  ...shared,
  name: 'hpexpireat',
  summary: 'Sets the expiry time of a hash field to a Unix timestamp in milliseconds.',
  args: [key('key', 'RW', 'update'), integer('unix-time-milliseconds')],
  run: (context) => expireFields(context, 'hpexpireat', 1, 0),
});

function expireFields(
  { database, reply, request, services }: Context,
  command: string,
  unitMs: TimeUnitMs,
  sinceMs: number,
): void {
  const cursor = database.write(request.into(1, name));
  if (isNoHash(cursor)) return reply.error(errors.wrongType);
  const atMs = fieldTimeAt(request, 2, unitMs, sinceMs, command);
  if (typeof atMs !== 'number') return reply.error(atMs);
  const condition = takeOptions(request);
  if (typeof condition === 'object') return reply.error(condition);
  outcomes.clear();
  changedFields.begin(services.effects);
  let changed = 0;
  const announce = (event: string) => {
    if (changed++ === 0) cursor.change(event);
  };
  for (let i = 0; i < names.count; i++) {
    outcomes.add(expireOne(cursor, names.into(i, name), atMs, condition, announce));
  }
  changedFields.record(services.effects, cursor, Math.max(1, atMs));
  outcomes.write(reply);
}

/** Takes the condition, if any, and the fields, in any order. Returns what is wrong, if anything is. */
function takeOptions(request: Request): Condition | undefined | ErrorReply {
  let condition: Condition | undefined;
  let isAmbiguous = false;
  names.clear();
  for (let at = 3; at < request.count; at++) {
    const text = request.latin1(at);
    const word = text.toUpperCase();
    const given = conditions.find((each) => each === word);
    if (given !== undefined) {
      isAmbiguous ||= condition !== undefined && condition !== given;
      condition = given;
      continue;
    }
    if (word !== 'FIELDS') return error(`unknown argument: ${text}`);
    if (names.count > 0) return errors.fieldsTwice;
    if (at >= request.count - 2) return errors.fieldsIncomplete;
    const problem = names.takeFrom(request, at, 1, errors.fieldCountZero);
    if (problem !== undefined) return problem;
    at = names.end - 1;
  }
  if (isAmbiguous) return errors.expiryConditions;
  return names.count === 0 ? errors.fieldsMissing : condition;
}

function expireOne(
  cursor: KeyCursor,
  field: Slice,
  atMs: number,
  condition: Condition | undefined,
  announce: (event: string) => void,
): number {
  if (!findField(cursor, field, found)) return outcome.missing;
  if (!holds(condition, found.expireAtMs, atMs)) return outcome.conditionNotMet;
  if (atMs <= cursor.database.keyspace.nowMs) {
    announce('hdel');
    changedFields.add(field);
    removeField(cursor, found);
    return outcome.removed;
  }
  announce('hexpire');
  changedFields.add(field);
  expireField(cursor, field, atMs);
  return outcome.set;
}

/** Whether a field that expires at `before` (0: never) may expire at `atMs` instead. */
function holds(condition: Condition | undefined, before: number, atMs: number): boolean {
  switch (condition) {
    case 'NX':
      return before === 0;
    case 'XX':
      return before !== 0;
    case 'GT':
      return before !== 0 && before < atMs;
    case 'LT':
      return before === 0 || before > atMs;
    default:
      return true;
  }
}

export const hashExpireCommands = [hExpire, hpExpire, hExpireAt, hpExpireAt];
