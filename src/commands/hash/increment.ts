/** Fields as integers and floats. */
import { hasFieldExpiry } from '#keyspace/entry.ts';
import { parseFloatArgument } from '#types/counters.ts';
import { isNoHash } from '#types/hashes-form.ts';
import { incrementField, incrementFieldFloat } from '#types/hashes-numbers.ts';
import { isFiniteLongDouble } from '#types/long-double.ts';
import { command } from '../command.ts';
import { errors } from '../errors.ts';
import { bytes, int64, key } from '../grammar.ts';
import { hashLimits } from './limits.ts';

const hIncrBy = command({
  name: 'hincrby',
  since: '2.0.0',
  group: 'hash',
  complexity: 'O(1)',
  summary:
    "Increments the integer value of a field in a hash by a number. Uses 0 as initial value if the field doesn't exist.",
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'access', 'update'), bytes('field'), int64('increment')],
  reply: ['integer'],
  run({ database, reply, services }, key, field, increment) {
    const cursor = database.write(key);
    if (isNoHash(cursor)) return reply.error(errors.wrongType);
    const sum = incrementField(cursor, field, increment, hashLimits(services));
    if (typeof sum === 'number') reply.integer(sum);
    else if (typeof sum === 'bigint') reply.bigInteger(sum);
    else reply.error(sum === 'overflow' ? errors.overflow : errors.hashNotInteger);
  },
});

const hIncrByFloat = command({
  name: 'hincrbyfloat',
  since: '2.6.0',
  group: 'hash',
  complexity: 'O(1)',
  summary:
    "Increments the floating point value of a field by a number. Uses 0 as initial value if the field doesn't exist.",
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'access', 'update'), bytes('field'), bytes('increment', 'double')],
  reply: ['bulk'],
  run({ database, reply, services }, key, field, increment) {
    const by = parseFloatArgument(increment);
    if (by === undefined) return reply.error(errors.notFloat);
    if (!isFiniteLongDouble(by)) return reply.error(errors.incrementNotFinite);
    const cursor = database.write(key);
    if (isNoHash(cursor)) return reply.error(errors.wrongType);
    const sum = incrementFieldFloat(cursor, field, by, hashLimits(services));
    if (sum === 'not a float') return reply.error(errors.hashNotFloat);
    if (sum === 'not finite') return reply.error(errors.nanOrInfinity);
    const { effects } = services;
    if (effects.isWanted) {
      // What any Redis understands, unless a field's time has to be kept.
      if (!hasFieldExpiry(cursor.arena, cursor.entry)) {
        effects.record('HSET', key, field, sum.text);
      } else effects.record('HSETEX', key, 'KEEPTTL', 'FIELDS', 1, field, sum.text);
    }
    reply.text(sum.text);
  },
});

export const hashIncrementCommands = [hIncrBy, hIncrByFloat];
