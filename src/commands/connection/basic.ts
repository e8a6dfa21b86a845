/** Whether the server is there, and which database it answers from. */
import { command } from '../command.ts';
import { errors } from '../errors.ts';
import { bytes, integer, optional } from '../grammar.ts';

const ping = command({
  name: 'ping',
  duringSubscription: 'runs',
  since: '1.0.0',
  group: 'connection',
  complexity: 'O(1)',
  summary: "Returns the server's liveliness response.",
  flags: ['fast'],
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  args: [optional(bytes('message'))],
  reply: ['status', 'bulk', 'array'],
  run({ client, reply }, message) {
    // In RESP2 a subscriber expects nothing but messages.
    if (!client.subscriptions.isEmpty && client.connection.protocol === 2) {
      reply.array(2);
      reply.text('pong');
      if (message === undefined) reply.text('');
      else reply.bulk(message.bytes, message.at, message.length);
    } else if (message === undefined) reply.status('PONG');
    else reply.bulk(message.bytes, message.at, message.length);
  },
});

const echo = command({
  name: 'echo',
  since: '1.0.0',
  group: 'connection',
  complexity: 'O(1)',
  summary: 'Returns the given string.',
  flags: ['loading', 'stale', 'fast'],
  args: [bytes('message')],
  reply: ['bulk'],
  run({ reply }, message) {
    reply.bulk(message.bytes, message.at, message.length);
  },
});

const select = command({
  name: 'select',
  since: '1.0.0',
  group: 'connection',
  complexity: 'O(1)',
  summary: 'Changes the selected database.',
  flags: ['loading', 'stale', 'fast'],
  args: [integer('index')],
  reply: ['ok'],
  run(context, index) {
    const { client, keyspace, reply } = context;
    if (index !== (index | 0)) return reply.error(errors.databaseNotInt32);
    const database = keyspace.database(index);
    if (database === undefined) return reply.error(errors.databaseOutOfRange);
    context.database = database;
    client.databaseIndex = index;
    reply.ok();
  },
});

const quit = command({
  name: 'quit',
  duringSubscription: 'runs',
  duringMulti: 'runs',
  since: '1.0.0',
  group: 'connection',
  complexity: 'O(1)',
  summary: 'Closes the connection.',
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  deprecated: { since: '7.2.0', replacedBy: 'just closing the connection' },
  reply: ['ok'],
  manual: true,
  run({ client, reply }) {
    reply.ok();
    client.connection.closeAfterReplies();
  },
});

export const connectionCommands = [ping, echo, select, quit];
