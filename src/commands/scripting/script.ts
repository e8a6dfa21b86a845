/** SCRIPT: the scripts that EVALSHA knows. */
import { container, subcommand } from '../command.ts';
import { type ErrorReply, error } from '../errors.ts';
import { anyNumber, bytes, repeat } from '../grammar.ts';
import type { Reply } from '../reply.ts';

const shared = { group: 'scripting', flags: ['noscript'] } as const;
const load = subcommand('script', {
  ...shared,
  name: 'load',
  since: '2.6.0',
  complexity: 'O(N) with N being the length in bytes of the script body.',
  summary: 'Loads a server-side Lua script to the script cache.',
  flags: ['noscript', 'stale'],
  args: [bytes('script')],
  tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
  reply: ['bulk'],
  run({ reply, services }, source) {
    const loaded = services.scripts.loadScript(source.copy());
    if (typeof loaded === 'string') reply.text(loaded);
    else reply.error(loaded);
  },
});

const exists = subcommand('script', {
  ...shared,
  name: 'exists',
  since: '2.6.0',
  complexity:
    'O(N) with N being the number of scripts to check (so checking a single script is an O(1) operation).',
  summary: 'Determines whether server-side Lua scripts exist in the script cache.',
  rest: repeat(bytes('sha1')),
  tips: ['request_policy:all_shards', 'response_policy:agg_logical_and'],
  reply: ['array'],
  run({ reply, request, services }, shas) {
    reply.array(shas.length);
    for (let i = 0; i < shas.length; i++) {
      reply.integer(services.scripts.isKnown(request.latin1(i + 2)) ? 1 : 0);
    }
  },
});

const flush = subcommand('script', {
  ...shared,
  name: 'flush',
  since: '2.6.0',
  complexity: 'O(N) with N being the number of scripts in cache',
  summary: 'Removes all server-side Lua scripts from the script cache.',
  rest: anyNumber(bytes('flush-type')),
  tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
  reply: ['ok'],
  history: [['6.2.0', 'Added the `ASYNC` and `SYNC` flushing mode modifiers.']],
  run({ reply, request, services }, { length }) {
    if (length > 1 || (length === 1 && !/^(a?sync)$/i.test(request.latin1(2)))) {
      return reply.error(error('SCRIPT FLUSH only support SYNC|ASYNC option'));
    }
    services.scripts.flushScripts();
    reply.ok();
  },
});

const kill = subcommand('script', {
  ...shared,
  name: 'kill',
  since: '2.6.0',
  complexity: 'O(1)',
  summary: 'Terminates a server-side Lua script during execution.',
  flags: ['noscript', 'allow_busy'],
  tips: ['request_policy:all_shards', 'response_policy:one_succeeded'],
  reply: ['ok'],
  run: ({ reply, services }) => replyToKill(reply, services.scripts.kill('script')),
});

export function replyToKill(reply: Reply, refusal: ErrorReply | undefined): void {
  if (refusal === undefined) reply.ok();
  else reply.error(refusal);
}

const debug = subcommand('script', {
  ...shared,
  name: 'debug',
  since: '3.2.0',
  complexity: 'O(1)',
  summary: 'Sets the debug mode of server-side Lua scripts.',
  args: [bytes('mode')],
  reply: ['ok'],
  run: ({ reply }) =>
    reply.error(error('the debugger of scripts is not supported', 'unimplemented')),
});

const help = [
  'DEBUG (YES|SYNC|NO)',
  '    Set the debug mode for subsequent scripts executed.',
  'EXISTS <sha1> [<sha1> ...]',
  '    Return information about the existence of the scripts in the script cache.',
  'FLUSH [ASYNC|SYNC]',
  '    Flush the Lua scripts cache. Very dangerous on replicas.',
  '    When called without the optional mode argument, the behavior is determined by the',
  '    lazyfree-lazy-user-flush configuration directive. Valid modes are:',
  '    * ASYNC: Asynchronously flush the scripts cache.',
  '    * SYNC: Synchronously flush the scripts cache.',
  'KILL',
  '    Kill the currently executing Lua script.',
  'LOAD <script>',
  '    Load a script into the scripts cache without executing it.',
];

export const scriptCommands = [
  container(
    {
      name: 'script',
      since: '2.6.0',
      group: 'scripting',
      complexity: 'Depends on subcommand.',
      summary: 'A container for Lua scripts management commands.',
      flags: [],
    },
    help,
    [load, exists, flush, kill, debug],
  ),
];
