/** Strings as integers and floats. */
import type { Slice } from '#memory/slice.ts';
import { increment, incrementFloat } from '#types/counters.ts';
import { isOtherType } from '#types/strings.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { bytes, int64, key } from '../grammar.ts';
import { recordString } from '../key-effects.ts';

const int64Min = -(2n ** 63n);

const incr = command({
  name: 'incr',
  since: '1.0.0',
  group: 'string',
  complexity: 'O(1)',
  summary:
    "Increments the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.",
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'access', 'update')],
  reply: ['integer'],
  run: (context, key) => addTo(context, key, 1),
});

const incrBy = command({
  name: 'incrby',
  since: '1.0.0',
  group: 'string',
  complexity: 'O(1)',
  summary:
    "Increments the integer value of a key by a number. Uses 0 as initial value if the key doesn't exist.",
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'access', 'update'), int64('increment')],
  reply: ['integer'],
  run: addTo,
});

const decr = command({
  name: 'decr',
  since: '1.0.0',
  group: 'string',
  complexity: 'O(1)',
  summary:
    "Decrements the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.",
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'access', 'update')],
  reply: ['integer'],
  run: (context, key) => addTo(context, key, -1),
});

const decrBy = command({
  name: 'decrby',
  since: '1.0.0',
  group: 'string',
  complexity: 'O(1)',
  summary:
    "Decrements a number from the integer value of a key. Uses 0 as initial value if the key doesn't exist.",
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'access', 'update'), int64('decrement')],
  reply: ['integer'],
  run(context, key, decrement) {
    if (decrement === int64Min) return context.reply.error(errors.decrementOverflow);
    addTo(context, key, -decrement);
  },
});

const incrByFloat = command({
  name: 'incrbyfloat',
  since: '2.6.0',
  group: 'string',
  complexity: 'O(1)',
  summary:
    "Increments the floating point value of a key by a number. Uses 0 as initial value if the key doesn't exist.",
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'access', 'update'), bytes('increment', 'double')],
  reply: ['bulk'],
  run(context, key, by) {
    const { database, reply } = context;
    const cursor = database.write(key);
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    const sum = incrementFloat(cursor, by);
    if (sum === 'not a float') return reply.error(errors.notFloat);
    if (sum === 'not finite') return reply.error(errors.nanOrInfinity);
    recordString(context, cursor);
    reply.text(sum.text);
  },
});

function addTo({ database, reply }: Context, key: Slice, by: number | bigint): void {
  const cursor = database.write(key);
  if (isOtherType(cursor)) return reply.error(errors.wrongType);
  const sum = increment(cursor, by);
  if (typeof sum === 'number') reply.integer(sum);
  else if (typeof sum === 'bigint') reply.bigInteger(sum);
  else reply.error(sum === 'overflow' ? errors.overflow : errors.notInteger);
}

export const counterCommands = [incr, incrBy, decr, decrBy, incrByFloat];
