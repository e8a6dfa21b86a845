/** Commands that run as one: queued from MULTI on, run by EXEC if nothing that was watched has changed meanwhile. */
import { Slice } from '#memory/slice.ts';
import { command } from '../command.ts';
import { errors } from '../errors.ts';
import { key, repeat } from '../grammar.ts';

const shared = { group: 'transactions', duringMulti: 'runs' } as const;
const flags = ['noscript', 'loading', 'stale'] as const;

const multi = command({
  ...shared,
  name: 'multi',
  since: '1.2.0',
  complexity: 'O(1)',
  summary: 'Starts a transaction.',
  flags: [...flags, 'fast', 'allow_busy'],
  reply: ['ok'],
  run({ client, reply, services }) {
    if (client.transaction.queue !== undefined) return reply.error(errors.nestedMulti);
    services.transactions.begin(client);
    reply.ok();
  },
});

const exec = command({
  ...shared,
  name: 'exec',
  since: '1.2.0',
  complexity: 'Depends on commands in the transaction',
  summary: 'Executes all commands in a transaction.',
  flags: [...flags, 'skip_slowlog'],
  reply: ['array', 'nil'],
  run(context) {
    if (context.client.transaction.queue === undefined) {
      return context.reply.error(errors.execWithoutMulti);
    }
    context.services.transactions.execute(context);
  },
});

const discard = command({
  ...shared,
  name: 'discard',
  since: '2.0.0',
  complexity: 'O(N), when N is the number of queued commands',
  summary: 'Discards a transaction.',
  flags: [...flags, 'fast', 'allow_busy'],
  reply: ['ok'],
  run({ client, reply, services }) {
    if (client.transaction.queue === undefined) return reply.error(errors.discardWithoutMulti);
    client.transaction.end();
    services.transactions.unwatch(client);
    reply.ok();
  },
});

const watched = new Slice();

const watch = command({
  ...shared,
  name: 'watch',
  since: '2.2.0',
  complexity: 'O(1) for every key.',
  summary: 'Monitors changes to keys to determine the execution of a transaction.',
  flags: [...flags, 'fast', 'allow_busy'],
  onlyNamesKeys: true,
  rest: repeat(key('key', 'RO')),
  reply: ['ok'],
  run(context, keys) {
    const { client, reply, services } = context;
    if (client.transaction.queue !== undefined) return reply.error(errors.watchInMulti);
    for (let i = 0; i < keys.length; i++) {
      services.transactions.watch(context, keys.into(i, 0, watched).copy());
    }
    reply.ok();
  },
});

const unwatch = command({
  name: 'unwatch',
  group: 'transactions',
  since: '2.2.0',
  complexity: 'O(1)',
  summary: 'Forgets about watched keys of a transaction.',
  flags: [...flags, 'fast', 'allow_busy'],
  reply: ['ok'],
  run({ client, reply, services }) {
    services.transactions.unwatch(client);
    reply.ok();
  },
});

export const transactionCommands = [multi, exec, discard, watch, unwatch];
