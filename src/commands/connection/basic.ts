/** Commands about the connection itself. */
import { command } from '../command.ts';
import { bytes, optional } from '../grammar.ts';

const ping = command({
  name: 'ping',
  since: '1.0.0',
  group: 'connection',
  complexity: 'O(1)',
  summary: "Returns the server's liveliness response.",
  flags: ['fast'],
  args: [optional(bytes('message'))],
  reply: ['status', 'bulk'],
  run({ reply }, message) {
    if (message === undefined) reply.status('PONG');
    else reply.bulk(message.bytes, message.at, message.length);
  },
});

export const connectionCommands = [ping];
