/** Whether keys are there, what they are, and taking them away. */
import { Slice } from '#memory/slice.ts';
import { traitsOf } from '#types/values.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { type Groups, key, repeat } from '../grammar.ts';

const name = new Slice();

const del = command({
  name: 'del',
  since: '1.0.0',
  group: 'generic',
  complexity:
    'O(N) where N is the number of keys that will be removed; what collections held is freed afterwards, in slices.',
  summary: 'Deletes one or more keys.',
  flags: ['write'],
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  rest: repeat(key('key', 'RM', 'delete')),
  reply: ['integer'],
  run: removeAll,
});

const unlink = command({
  name: 'unlink',
  since: '4.0.0',
  group: 'generic',
  complexity: 'O(1) for each key removed regardless of its size.',
  summary: 'Deletes one or more keys, and frees their values afterwards, in slices.',
  flags: ['write', 'fast'],
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  rest: repeat(key('key', 'RM', 'delete')),
  reply: ['integer'],
  run: removeAll,
});

function removeAll({ database, reply }: Context, keys: Groups): void {
  let removed = 0;
  for (let i = 0; i < keys.length; i++) {
    const cursor = database.peek(keys.into(i, 0, name));
    if (!cursor.exists) continue;
    cursor.remove('del');
    removed++;
  }
  reply.integer(removed);
}

const exists = command({
  name: 'exists',
  since: '1.0.0',
  group: 'generic',
  complexity: 'O(N) where N is the number of keys to check.',
  summary: 'Determines whether one or more keys exist.',
  flags: ['readonly', 'fast'],
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  rest: repeat(key('key', 'RO')),
  reply: ['integer'],
  history: [['3.0.3', 'Accepts multiple `key` arguments.']],
  run({ database, reply }, keys) {
    let found = 0;
    for (let i = 0; i < keys.length; i++) {
      if (database.inspect(keys.into(i, 0, name)).exists) found++;
    }
    reply.integer(found);
  },
});

const touch = command({
  name: 'touch',
  since: '3.2.1',
  group: 'generic',
  complexity: 'O(N) where N is the number of keys that will be touched.',
  summary:
    'Returns the number of existing keys out of those specified after updating the time they were last accessed.',
  flags: ['readonly', 'fast'],
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  rest: repeat(key('key', 'RO')),
  reply: ['integer'],
  run({ database, reply }, keys) {
    let touched = 0;
    for (let i = 0; i < keys.length; i++) {
      if (database.read(keys.into(i, 0, name)).exists) touched++;
    }
    reply.integer(touched);
  },
});

const type = command({
  name: 'type',
  since: '1.0.0',
  group: 'generic',
  complexity: 'O(1)',
  summary: 'Determines the type of value stored at a key.',
  flags: ['readonly', 'fast'],
  args: [key('key', 'RO')],
  reply: ['status'],
  run({ database, reply }, key) {
    const cursor = database.inspect(key);
    reply.status(cursor.exists ? traitsOf(cursor).name : 'none');
  },
});

export const presenceCommands = [del, unlink, exists, touch, type];
