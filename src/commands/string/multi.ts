/** Several strings at once. */
import { Slice } from '#memory/slice.ts';
import { store } from '#types/strings.ts';
import { command } from '../command.ts';
import { bytes, key, repeat } from '../grammar.ts';

const argument = new Slice();
const value = new Slice();

const mset = command({
  name: 'mset',
  since: '1.0.1',
  group: 'string',
  complexity: 'O(N) where N is the number of keys to set.',
  summary: 'Atomically creates or modifies the string values of one or more keys.',
  flags: ['write', 'denyoom'],
  rest: repeat(key('key', 'OW', 'update'), bytes('value')),
  reply: ['ok'],
  run({ database, reply }, pairs) {
    for (let i = 0; i < pairs.length; i++) {
      const cursor = database.write(pairs.into(i, 0, argument));
      store(cursor, pairs.into(i, 1, value));
      cursor.setExpiry(0);
    }
    reply.ok();
  },
});

export const multiCommands = [mset];
