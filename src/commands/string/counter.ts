/** Strings as integers. */
import type { Slice } from '#memory/slice.ts';
import { increment, isOtherType } from '#types/strings.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { int64, key } from '../grammar.ts';

const incr = command({
  name: 'incr',
  since: '1.0.0',
  group: 'string',
  complexity: 'O(1)',
  summary:
    'Increments the integer value of a key by one. Uses 0 as initial value if the key does not exist.',
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
    'Increments the integer value of a key by a number. Uses 0 as initial value if the key does not exist.',
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'access', 'update'), int64('increment')],
  reply: ['integer'],
  run: addTo,
});

function addTo({ database, reply }: Context, key: Slice, by: number | bigint): void {
  const cursor = database.write(key);
  if (isOtherType(cursor)) return reply.error(errors.wrongType);
  const sum = increment(cursor, by);
  if (sum === 'not an integer') reply.error(errors.notInteger);
  else if (sum === 'overflow') reply.error(errors.overflow);
  else if (typeof sum === 'bigint') reply.bigInteger(sum);
  else reply.integer(sum);
}

export const counterCommands = [incr, incrBy];
