/** The slow log: which commands took longer than slowlog-log-slower-than. */
import { type Command, container, subcommand } from '../command.ts';
import { error } from '../errors.ts';
import { integer, optional } from '../grammar.ts';
import { integerAt, latin1, subcommandSyntax } from './shared.ts';

const shared = { group: 'server', flags: ['admin', 'loading', 'stale'] } as const;
const allNodes = 'request_policy:all_nodes';
const entriesDefault = 10;
const badCount = error('count should be greater than or equal to -1');

const get = subcommand('slowlog', {
  ...shared,
  name: 'get',
  since: '2.2.12',
  complexity: 'O(N) where N is the number of entries returned',
  summary: "Returns the slow log's entries.",
  tips: [allNodes, 'nondeterministic_output'],
  history: [['4.0.0', 'Added client IP address, port and name to the reply.']],
  args: [optional(integer('count'))],
  manual: true,
  reply: ['array'],
  run(context) {
    const { reply, request, services } = context;
    const { slowLog } = services;
    if (request.count > 3) return reply.error(subcommandSyntax('slowlog', request.latin1(1)));
    const count = request.count < 3 ? entriesDefault : integerAt(context, 2);
    if (!(count >= -1)) return reply.error(badCount);
    const entries = slowLog.newest(count === -1 ? slowLog.length : count);
    reply.array(entries.length);
    for (const entry of entries) {
      reply.array(6);
      reply.integer(entry.id);
      reply.integer(entry.at);
      reply.integer(entry.durationUsec);
      reply.array(entry.words.length);
      for (const word of entry.words) latin1(reply, word);
      latin1(reply, entry.address);
      latin1(reply, entry.clientName);
    }
  },
});

const length = subcommand('slowlog', {
  ...shared,
  name: 'len',
  since: '2.2.12',
  complexity: 'O(1)',
  summary: 'Returns the number of entries in the slow log.',
  tips: [allNodes, 'response_policy:agg_sum', 'nondeterministic_output'],
  reply: ['integer'],
  run: ({ reply, services }) => reply.integer(services.slowLog.length),
});

const reset = subcommand('slowlog', {
  ...shared,
  name: 'reset',
  since: '2.2.12',
  complexity: 'O(N) where N is the number of entries in the slowlog',
  summary: 'Clears all entries from the slow log.',
  tips: [allNodes, 'response_policy:all_succeeded'],
  reply: ['ok'],
  run({ reply, services }) {
    services.slowLog.reset();
    reply.ok();
  },
});

export const slowLogCommands: readonly Command[] = [
  container(
    {
      name: 'slowlog',
      since: '2.2.12',
      group: 'server',
      complexity: 'Depends on subcommand.',
      summary: 'A container for slow log commands.',
      flags: [],
    },
    [
      'GET [<count>]',
      '    Return top <count> entries from the slowlog (default: 10, -1 mean all).',
      '    Entries are made of:',
      '    id, timestamp, time in microseconds, arguments array, client IP and port,',
      '    client name',
      'LEN',
      '    Return the length of the slowlog.',
      'RESET',
      '    Reset the slowlog.',
    ],
    [get, length, reset],
  ),
];
