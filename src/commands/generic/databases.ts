/** Whole databases: counting, emptying and exchanging them. */
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { type Choice, integer, oneOf } from '../grammar.ts';
import { isInt32 } from './database-index.ts';

const dbSize = command({
  name: 'dbsize',
  since: '1.0.0',
  group: 'server',
  complexity: 'O(1)',
  summary: 'Returns the number of keys in the database.',
  flags: ['readonly', 'fast'],
  tips: ['request_policy:all_shards', 'response_policy:agg_sum'],
  categories: ['keyspace'],
  reaches: { of: 'database', does: 'reads' },
  reply: ['integer'],
  run: ({ database, reply }) => reply.integer(database.count),
});

const flushing = {
  group: 'server',
  flags: ['write'],
  categories: ['keyspace', 'dangerous'],
  options: { mode: oneOf({ ASYNC: [], SYNC: [] }) },
  repeatsOptions: false,
  reply: ['ok'],
  history: [
    ['4.0.0', 'Added the `ASYNC` flushing mode modifier.'],
    ['6.2.0', 'Added the `SYNC` flushing mode modifier.'],
  ],
} as const;

const flushDb = command({
  ...flushing,
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  name: 'flushdb',
  since: '1.0.0',
  complexity: 'O(N) where N is the number of keys in the selected database',
  summary: 'Removes all keys from the current database.',
  reaches: { of: 'database', does: 'changes' },
  run(context, { mode }) {
    const { database, keyspace, reply } = context;
    keyspace.flush(database, isAsync(context, mode));
    reply.ok();
  },
});

const flushAll = command({
  ...flushing,
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  name: 'flushall',
  since: '1.0.0',
  complexity: 'O(N) where N is the number of databases and shards',
  summary: 'Removes all keys from all databases.',
  reaches: { of: 'keyspace', does: 'changes' },
  run({ keyspace, reply }) {
    keyspace.flushAll();
    reply.ok();
  },
});

function isAsync({ services }: Context, mode: Choice<'ASYNC' | 'SYNC'>): boolean {
  if (mode.token === null) return services.config.get('lazyfree-lazy-user-flush');
  return mode.token === 'ASYNC';
}

const swapDb = command({
  name: 'swapdb',
  since: '4.0.0',
  group: 'server',
  complexity:
    'O(N) where N is the count of clients watching or blocking on keys from both databases.',
  summary: 'Swaps two Redis databases.',
  reaches: { of: 'keyspace', does: 'changes' },
  flags: ['write', 'fast'],
  categories: ['keyspace', 'dangerous'],
  args: [
    integer('index1', errors.invalidFirstDatabase, (index) =>
      isInt32(index) ? undefined : errors.invalidFirstDatabase,
    ),
    integer('index2', errors.invalidSecondDatabase, (index) =>
      isInt32(index) ? undefined : errors.invalidSecondDatabase,
    ),
  ],
  reply: ['ok'],
  run({ keyspace, reply }, index1, index2) {
    const first = keyspace.database(index1);
    const second = keyspace.database(index2);
    if (first === undefined || second === undefined) return reply.error(errors.databaseOutOfRange);
    keyspace.swap(first, second);
    reply.ok();
  },
});

export const databaseCommands = [dbSize, flushDb, flushAll, swapDb];
