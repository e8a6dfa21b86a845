/** Transactions that are opened, used and ended with replies in between. What is Zippy's own is since its own first version. */
import { store } from '#types/strings.ts';
import { command } from '../command.ts';
import { anyNumber, bytes, flag, integer, key, option, optional } from '../grammar.ts';
import { interactiveErrors, noTransaction } from '../interactive-errors.ts';

const shared = { group: 'transactions', since: '0.1.0' } as const;
const flags = ['noscript', 'no_multi'] as const;

const begin = command({
  ...shared,
  name: 'begin',
  complexity: 'O(1)',
  summary: 'Opens a transaction, attaches the connection to it and returns its id.',
  flags: [...flags, 'fast'],
  options: {
    readOnly: flag('READONLY'),
    timeout: option(
      'TIMEOUT',
      integer('milliseconds', undefined, (ms) =>
        ms < 0 ? interactiveErrors.badTimeout : undefined,
      ),
    ),
  },
  reply: ['integer'],
  run(context, { readOnly, timeout }) {
    const timeoutMs = timeout.token === null ? undefined : timeout.integer;
    context.services.interactive.begin(context, { isReadOnly: readOnly, timeoutMs });
  },
});

const commit = command({
  ...shared,
  name: 'commit',
  complexity: 'O(N), when N is the number of keys that the transaction has changed',
  summary: 'Makes what a transaction has changed the state of things, all at once, and ends it.',
  flags,
  args: [optional(integer('id'))],
  reply: ['ok'],
  run: (context, id) => context.services.interactive.commit(context, id),
});

const rollback = command({
  ...shared,
  name: 'rollback',
  complexity: 'O(N), when N is the number of keys that the transaction has changed',
  summary: 'Drops what a transaction has changed, and ends it.',
  flags,
  args: [optional(integer('id'))],
  reply: ['ok'],
  run: (context, id) => context.services.interactive.rollback(context, id),
});

const commitAll = command({
  ...shared,
  name: 'commitall',
  complexity: 'O(N), when N is the number of keys that the transactions have changed',
  summary: "Commits all open transactions that are the client's to commit, and returns how many.",
  flags,
  reply: ['integer'],
  run: (context) => context.services.interactive.commitAll(context),
});

// While a transaction is open, the executor takes these two apart before they come here.

const txn = command({
  ...shared,
  name: 'txn',
  complexity: 'That of the command',
  summary: 'Runs a command inside the open transaction that it names.',
  flags,
  args: [integer('id'), bytes('command')],
  rest: anyNumber(bytes('arg')),
  reply: ['none'],
  run: ({ reply }, id) => reply.error(noTransaction(id)),
});

const put = command({
  ...shared,
  name: 'put',
  complexity: 'O(1)',
  summary:
    'Sets the string value of a key, inside the open transaction with that id if one is named.',
  flags: ['write', 'denyoom'],
  args: [key('key', 'OW', 'update'), bytes('value'), optional(integer('id'))],
  reply: ['ok'],
  run({ database, reply, services: { effects } }, key, value, id) {
    if (id !== undefined) return reply.error(noTransaction(id));
    store(database.write(key), value);
    // The log is Redis's to read.
    if (effects.isWanted) effects.record('SET', key, value);
    reply.ok();
  },
});

const showAll = command({
  ...shared,
  name: 'showall',
  complexity: 'O(N), when N is the number of all elements of all values in the selected database',
  summary:
    'Returns the keys and values of the selected database, and the open transactions with what each has pending.',
  flags: ['readonly', 'noscript', 'no_multi'],
  categories: ['keyspace', 'dangerous'],
  reaches: { of: 'keyspace', does: 'looks' },
  reply: ['map'],
  run(context) {
    const { account } = context.client;
    if (!account.isUnlimited && !account.mayReadEveryKey(showAll)) {
      return context.reply.error(interactiveErrors.notYours);
    }
    context.services.interactive.showAll(context);
  },
});

export const interactiveCommands = [begin, commit, rollback, commitAll, txn, put, showAll];
