/** CLIENT subcommands that change how clients are served. */
import { parseInt64 } from '#types/int64.ts';
import { subcommand } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, error, errors, quoted } from '../errors.ts';
import { integer, optional, word } from '../grammar.ts';

const flags = ['noscript', 'loading', 'stale'] as const;
const group = 'connection';
const int64Max = 2n ** 63n - 1n;

const reply = subcommand('client', {
  name: 'reply',
  since: '3.2.0',
  group,
  complexity: 'O(1)',
  summary: 'Instructs the server whether to reply to commands.',
  flags,
  args: [word('action', 'ON', 'OFF', 'SKIP')],
  reply: ['ok', 'none'],
  run({ client, reply }, action) {
    if (action === 'ON') {
      client.replyMode = 'on';
      reply.ok();
    } else if (action === 'OFF') client.replyMode = 'off';
    else if (client.replyMode !== 'off') client.replyMode = 'skip-next';
  },
});

const pause = subcommand('client', {
  name: 'pause',
  since: '3.0.0',
  group,
  complexity: 'O(1)',
  summary: 'Suspends commands processing.',
  flags: ['admin', ...flags],
  args: [integer('timeout'), optional(word('mode', 'WRITE', 'ALL'))],
  history: [['6.2.0', '`CLIENT PAUSE WRITE` mode added along with the `mode` option.']],
  reply: ['ok'],
  manual: true,
  run({ keyspace, reply, request, services }) {
    if (request.count > 4) return reply.error(tooManyWords(request));
    const mode = request.count === 4 ? request.latin1(3).toLowerCase() : 'all';
    if (mode !== 'write' && mode !== 'all') return reply.error(errors.pauseMode);
    const timeout = parseInt64(request.bytes, request.at(2), request.length(2));
    if (timeout === undefined) return reply.error(errors.timeoutNotInteger);
    if (timeout < 0n) return reply.error(errors.timeoutNegative);
    if (timeout > int64Max - BigInt(keyspace.nowMs)) return reply.error(errors.timeoutOutOfRange);
    services.clients.pauseAll({ mode, untilMs: keyspace.nowMs + Number(timeout) });
    reply.ok();
  },
});

const unpause = subcommand('client', {
  name: 'unpause',
  since: '6.2.0',
  group,
  complexity: 'O(N) where N is the number of paused clients',
  summary: 'Resumes processing commands from paused clients.',
  flags: ['admin', ...flags],
  reply: ['ok'],
  run({ reply, services }) {
    services.clients.unpause();
    reply.ok();
  },
});

const unblock = subcommand('client', {
  name: 'unblock',
  since: '5.0.0',
  group,
  complexity: 'O(log N) where N is the number of client connections',
  summary: 'Unblocks a client blocked by a blocking command from a different connection.',
  flags: ['admin', ...flags],
  args: [integer('client-id'), optional(word('unblock-type', 'TIMEOUT', 'ERROR'))],
  reply: ['integer'],
  manual: true,
  run({ reply, request, services }) {
    if (request.count > 4) return reply.error(tooManyWords(request));
    const how = request.count === 4 ? request.latin1(3).toLowerCase() : 'timeout';
    if (how !== 'timeout' && how !== 'error') return reply.error(errors.unblockReason);
    const id = parseInt64(request.bytes, request.at(2), request.length(2));
    if (id === undefined) return reply.error(errors.notInteger);
    const client = services.clients.find(Number(id));
    const waited = client !== undefined && services.blocked.release(client, how);
    reply.integer(waited ? 1 : 0);
  },
});

const noEvict = subcommand('client', {
  name: 'no-evict',
  since: '7.0.0',
  group,
  complexity: 'O(1)',
  summary: 'Sets the client eviction mode of the connection.',
  flags: ['admin', ...flags],
  args: [word('enabled', 'ON', 'OFF')],
  reply: ['ok'],
  run({ client, reply }, enabled) {
    client.noEvict = enabled === 'ON';
    reply.ok();
  },
});

const noTouch = subcommand('client', {
  name: 'no-touch',
  since: '7.2.0',
  group,
  complexity: 'O(1)',
  summary: 'Controls whether commands sent by the client affect the LRU/LFU of accessed keys.',
  flags,
  args: [word('enabled', 'ON', 'OFF')],
  reply: ['ok'],
  run({ client, reply }, enabled) {
    client.noTouch = enabled === 'ON';
    reply.ok();
  },
});

function tooManyWords(request: Context['request']): ErrorReply {
  const name = quoted(request.latin1(1), 128);
  return error(`unknown subcommand or wrong number of arguments for '${name}'. Try CLIENT HELP.`);
}

export const clientControlCommands = [reply, pause, unpause, unblock, noEvict, noTouch];
