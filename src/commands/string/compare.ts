/** Strings compared by value or digest. */
import { isOtherType } from '#types/strings.ts';
import { command } from '../command.ts';
import { errors } from '../errors.ts';
import { key, oneOf } from '../grammar.ts';
import { comparisonTokens, satisfies } from './condition.ts';
import { hasher } from './hasher.ts';

const delEx = command({
  name: 'delex',
  since: '8.4.0',
  group: 'string',
  complexity: 'O(1) for IFEQ/IFNE, O(N) for IFDEQ/IFDNE where N is the length of the string value.',
  summary: 'Conditionally removes the specified key based on value or digest comparison.',
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'delete')],
  options: { condition: oneOf(comparisonTokens) },
  wordCounts: [2, 4],
  unknownOption: () => errors.invalidCondition,
  reply: ['integer'],
  run({ database, reply }, key, { condition }) {
    const cursor = database.write(key);
    if (!cursor.exists) return reply.integer(0);
    if (condition.token !== null) {
      if (isOtherType(cursor)) return reply.error(errors.conditionOnOtherType);
      const holds = satisfies(cursor, condition.token, condition.bytes);
      if (typeof holds === 'object') return reply.error(holds);
      if (!holds) return reply.integer(0);
    }
    cursor.remove('del');
    reply.integer(1);
  },
});

const digest = command({
  name: 'digest',
  since: '8.4.0',
  group: 'string',
  complexity: 'O(N) where N is the length of the string value.',
  summary: 'Returns the XXH3 hash of a string value.',
  flags: ['readonly', 'fast'],
  args: [key('key', 'RO', 'access')],
  reply: ['bulk', 'nil'],
  run({ database, reply }, key) {
    const cursor = database.read(key);
    if (!cursor.exists) return reply.nil();
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    const xxh3 = hasher();
    if (xxh3 === undefined) return reply.error(errors.loading);
    reply.text(xxh3.digestHex(cursor.bytes, cursor.valueAt, cursor.valueLength));
  },
});

export const compareCommands = [delEx, digest];
