/** Commands about the append-only log. */
import { command } from '../command.ts';
import { errors } from '../errors.ts';

const rewrite = command({
  name: 'bgrewriteaof',
  since: '1.0.0',
  group: 'server',
  complexity: 'O(1)',
  summary: 'Asynchronously rewrites the append-only file to disk.',
  flags: ['admin', 'noscript', 'no_async_loading'],
  reply: ['status'],
  run({ reply, services: { appendLog } }) {
    const outcome = appendLog.requestRewrite();
    if (outcome === 'running') return reply.error(errors.rewriteRunning);
    reply.status(`Background append only file rewriting ${outcome}`);
  },
});

export const appendLogCommands = [rewrite];
