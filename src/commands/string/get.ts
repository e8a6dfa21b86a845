/** Reading a whole string. */
import { isOtherType } from '#types/strings.ts';
import { command } from '../command.ts';
import { errors } from '../errors.ts';
import { key } from '../grammar.ts';

const get = command({
  name: 'get',
  since: '1.0.0',
  group: 'string',
  complexity: 'O(1)',
  summary: 'Returns the string value of a key.',
  flags: ['readonly', 'fast'],
  args: [key('key', 'RO', 'access')],
  reply: ['bulk', 'nil'],
  run({ database, reply }, key) {
    const cursor = database.read(key);
    if (!cursor.exists) reply.nil();
    else if (isOtherType(cursor)) reply.error(errors.wrongType);
    else reply.stored(cursor.arena, cursor.valueAt, cursor.valueLength);
  },
});

export const getCommands = [get];
