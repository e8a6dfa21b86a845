/** INCREX: counting within bounds and with an expiry, what rate limiters are made of. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';
import {
  addBounded,
  addBoundedFloat,
  type Bounds,
  int64Bounds,
  longDoubleBounds,
} from '#types/bounded-counters.ts';
import {
  parseFloatArgument,
  readFloat,
  readInteger,
  storeFloatText,
  storeInteger,
} from '#types/counters.ts';
import { parseInt64 } from '#types/int64.ts';
import {
  compareLongDouble,
  formatLongDouble,
  isFiniteLongDouble,
  type LongDouble,
} from '#types/long-double.ts';
import { isOtherType } from '#types/strings.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, error, errors, invalidExpire } from '../errors.ts';
import { bytes, flag, key, oneOf, option } from '../grammar.ts';
import { recordString } from '../key-effects.ts';
import type { Reply } from '../reply.ts';
import { expirationTokens, expireAtMsOfOption } from './expiration.ts';

/** The numbers of a call, read as the increment is to be added: as int64 or as long doubles. */
interface Amounts<Value> {
  readonly by: Value;
  readonly bounds: Bounds<Value>;
}

/** What is to be counted, and then done with the expiry: `at` in ms, 0 = nothing. */
interface Plan {
  readonly saturates: boolean;
  readonly persists: boolean;
  readonly expireAtMs: number;
  readonly onlyIfNoExpiry: boolean;
}

/** An option's argument, undefined if the option was not given. */
interface Given {
  readonly token: string | null;
  readonly bytes: Slice;
}

const incrEx = command({
  name: 'increx',
  since: '8.8.0',
  group: 'string',
  complexity: 'O(1)',
  summary:
    "Increments the numeric value of a key by a number and sets its expiration time. Uses 0 as initial value if the key doesn't exist.",
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'access', 'update')],
  options: {
    increment: oneOf({
      BYFLOAT: [bytes('increment', 'double')],
      BYINT: [bytes('increment', 'integer')],
    }),
    lower: option('LBOUND', bytes('lowerbound')),
    upper: option('UBOUND', bytes('upperbound')),
    saturate: flag('SATURATE'),
    expiration: oneOf({ ...expirationTokens, PERSIST: [] }),
    enx: flag('ENX'),
  },
  repeatsOptions: false,
  reply: ['array'],
  run(context, key, { increment, lower, upper, saturate, expiration, enx }) {
    const { keyspace, reply } = context;
    const { token } = expiration;
    const persists = token === 'PERSIST';
    if (enx && persists) return reply.error(errors.syntax);
    if (enx && token === null) return reply.error(errors.enxWithoutExpiration);
    const isFloat = increment.token === 'BYFLOAT';
    const amounts = isFloat
      ? floatAmounts(increment, lower, upper)
      : int64Amounts(increment, lower, upper);
    if ('code' in amounts) return reply.error(amounts);
    const expireAtMs = expireAtMsOfOption(token, expiration.integer, keyspace.nowMs);
    if (Number.isNaN(expireAtMs)) return reply.error(invalidExpire('increx'));
    const plan = { saturates: saturate, persists, expireAtMs, onlyIfNoExpiry: enx };
    if ('isFloat' in amounts) countFloat(context, key, amounts, plan);
    else count(context, key, amounts, plan);
  },
});

function int64Amounts(by: Given, lower: Given, upper: Given): Amounts<bigint> | ErrorReply {
  const increment = by.token === null ? 1n : int64Of(by.bytes);
  if (increment === undefined) return notInteger('Increment');
  const least = lower.token === null ? int64Bounds.lower : int64Of(lower.bytes);
  if (least === undefined) return notInteger('LBOUND');
  const most = upper.token === null ? int64Bounds.upper : int64Of(upper.bytes);
  if (most === undefined) return notInteger('UBOUND');
  if (least > most) return errors.boundsCrossed;
  return { by: increment, bounds: { lower: least, upper: most } };
}

function floatAmounts(
  by: Given,
  lower: Given,
  upper: Given,
): (Amounts<LongDouble> & { readonly isFloat: true }) | ErrorReply {
  const increment = parseFloatArgument(by.bytes);
  if (increment === undefined) return notFloat('Increment');
  if (!isFiniteLongDouble(increment)) return errors.incrementInfinity;
  const least = lower.token === null ? longDoubleBounds.lower : parseFloatArgument(lower.bytes);
  if (least === undefined) return notFloat('LBOUND');
  const most = upper.token === null ? longDoubleBounds.upper : parseFloatArgument(upper.bytes);
  if (most === undefined) return notFloat('UBOUND');
  if (compareLongDouble(least, most) > 0) return errors.boundsCrossed;
  return { isFloat: true, by: increment, bounds: { lower: least, upper: most } };
}

function count(context: Context, key: Slice, { by, bounds }: Amounts<bigint>, plan: Plan): void {
  const { database, reply } = context;
  const cursor = database.write(key);
  if (isOtherType(cursor)) return reply.error(errors.wrongType);
  const before = readInteger(cursor);
  if (before === undefined) return reply.error(errors.notInteger);
  const sum = addBounded(BigInt(before), by, bounds, plan.saturates);
  if (sum === 'overflow') return reply.error(errors.appliedOverflow);
  reply.array(2);
  if (sum === 'rejected') {
    replyInt64(reply, BigInt(before));
    return reply.integer(0);
  }
  if (!removeIfPast(context, cursor, plan)) {
    storeInteger(cursor, sum.value);
    changeExpiry(cursor, plan);
  }
  recordString(context, cursor);
  replyInt64(reply, sum.value);
  replyInt64(reply, sum.applied);
}

function countFloat(
  context: Context,
  key: Slice,
  { by, bounds }: Amounts<LongDouble>,
  plan: Plan,
): void {
  const { database, reply } = context;
  const cursor = database.write(key);
  if (isOtherType(cursor)) return reply.error(errors.wrongType);
  const before = readFloat(cursor);
  if (before === undefined) return reply.error(errors.notFloat);
  if (!isFiniteLongDouble(before)) return reply.error(errors.valueInfinity);
  const sum = addBoundedFloat(before, by, bounds, plan.saturates);
  if (sum === 'overflow') return reply.error(errors.appliedInfinity);
  reply.array(2);
  if (sum === 'rejected') {
    replyFloat(context, formatLongDouble(before));
    return replyFloat(context, '0');
  }
  const text = formatLongDouble(sum.value);
  if (!removeIfPast(context, cursor, plan)) {
    storeFloatText(cursor, text);
    changeExpiry(cursor, plan);
  }
  recordString(context, cursor);
  replyFloat(context, text);
  replyFloat(context, formatLongDouble(sum.applied));
}

/** Removes the key instead of counting where its new expiry is already past. */
function removeIfPast({ keyspace }: Context, cursor: KeyCursor, plan: Plan): boolean {
  if (plan.expireAtMs === 0 || plan.expireAtMs > keyspace.nowMs) return false;
  if (!cursor.exists) return true;
  if (plan.onlyIfNoExpiry && cursor.expireAtMs !== 0) return false;
  cursor.remove('del');
  return true;
}

function changeExpiry(cursor: KeyCursor, plan: Plan): void {
  const has = cursor.expireAtMs !== 0;
  if (plan.persists) {
    if (has) cursor.changeExpiry('persist', 0);
  } else if (plan.expireAtMs !== 0 && !(plan.onlyIfNoExpiry && has)) {
    cursor.changeExpiry('expire', plan.expireAtMs);
  }
}

function replyInt64(reply: Reply, value: bigint): void {
  const rounded = Number(value);
  if (Number.isSafeInteger(rounded)) reply.integer(rounded);
  else reply.bigInteger(value);
}

/** RESP2 shows a long double with all its digits; RESP3 has a type for doubles. */
function replyFloat({ reply }: Context, text: string): void {
  if (reply.protocol === 2) reply.text(text);
  else reply.double(Number(text));
}

function int64Of({ bytes, at, length }: Slice): bigint | undefined {
  return parseInt64(bytes, at, length);
}

function notInteger(what: string): ErrorReply {
  return error(`${what} is not an integer or out of range`);
}

function notFloat(what: string): ErrorReply {
  return error(`${what} is not a valid float`);
}

export const incrExCommands = [incrEx];
