/** Latency: which events were slow, and how long each command takes. */
import type { Histogram } from '#observe/histogram.ts';
import { type Command, container, subcommand } from '../command.ts';
import type { Context } from '../context.ts';
import { error } from '../errors.ts';
import { anyNumber, bytes } from '../grammar.ts';
import type { Reply } from '../reply.ts';
import { everyCommand } from './info/commands.ts';
import { latencyGraph, latencyReport } from './latency-report.ts';
import { adminFlags, latin1, wordsOf } from './shared.ts';

const shared = { group: 'server', flags: adminFlags } as const;
const perNode = [
  'nondeterministic_output',
  'request_policy:all_nodes',
  'response_policy:special',
] as const;

function nowSeconds({ services }: Context): number {
  return Math.floor(services.clock.nowMs() / 1000);
}

const latest = subcommand('latency', {
  ...shared,
  name: 'latest',
  since: '2.8.13',
  complexity: 'O(1)',
  summary: 'Returns the latest latency samples for all events.',
  tips: perNode,
  reply: ['array'],
  run({ reply, services }) {
    const events = services.latency.events();
    reply.array(events.length);
    for (const { name, samples, maxMs } of events) {
      const last = samples.at(-1);
      reply.array(4);
      latin1(reply, name);
      reply.integer(last?.at ?? 0);
      reply.integer(last?.latencyMs ?? 0);
      reply.integer(maxMs);
    }
  },
});

const history = subcommand('latency', {
  ...shared,
  name: 'history',
  since: '2.8.13',
  complexity: 'O(1)',
  summary: 'Returns timestamp-latency samples for an event.',
  tips: perNode,
  args: [bytes('event')],
  reply: ['array'],
  run({ reply, services }, name) {
    const samples = services.latency.event(name.latin1())?.samples ?? [];
    reply.array(samples.length);
    for (const { at, latencyMs } of samples) {
      reply.array(2);
      reply.integer(at);
      reply.integer(latencyMs);
    }
  },
});

const reset = subcommand('latency', {
  ...shared,
  name: 'reset',
  since: '2.8.13',
  complexity: 'O(1)',
  summary: 'Resets the latency data for one or more events.',
  tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
  rest: anyNumber(bytes('event')),
  reply: ['integer'],
  run: ({ reply, services }, events) => reply.integer(services.latency.reset(wordsOf(events))),
});

const graph = subcommand('latency', {
  ...shared,
  name: 'graph',
  since: '2.8.13',
  complexity: 'O(1)',
  summary: 'Returns a latency graph for an event.',
  tips: perNode,
  args: [bytes('event')],
  reply: ['verbatim'],
  run(context, name) {
    const { reply, services } = context;
    const event = services.latency.event(name.latin1());
    if (event === undefined) {
      return reply.error(error(`No samples available for event '${name.latin1()}'`));
    }
    reply.verbatim(latencyGraph(event, nowSeconds(context)));
  },
});

const doctor = subcommand('latency', {
  ...shared,
  name: 'doctor',
  since: '2.8.13',
  complexity: 'O(1)',
  summary: 'Returns a human-readable latency analysis report.',
  tips: perNode,
  reply: ['verbatim'],
  run(context) {
    const { reply, services } = context;
    const thresholdMs = Number(services.config.get('latency-monitor-threshold'));
    const events = services.latency.events();
    reply.verbatim(latencyReport(events, nowSeconds(context), thresholdMs));
  },
});

function replyHistogram(reply: Reply, command: Command, histogram: Histogram): void {
  const pairs = histogram.cumulativeByPowerUsec();
  reply.text(command.fullName);
  reply.map(2);
  reply.text('calls');
  reply.integer(histogram.count);
  reply.text('histogram_usec');
  reply.map(pairs.length);
  for (const [upToUsec, count] of pairs) {
    reply.integer(upToUsec);
    reply.integer(count);
  }
}

const histogram = subcommand('latency', {
  ...shared,
  name: 'histogram',
  since: '7.0.0',
  complexity: 'O(N) where N is the number of commands with latency information being retrieved.',
  summary: 'Returns the cumulative distribution of latencies of a subset or all commands.',
  tips: perNode,
  rest: anyNumber(bytes('command')),
  reply: ['map'],
  run({ reply, services: { commands, histograms } }, names) {
    const named = wordsOf(names).flatMap((name) => {
      const found = commands.named(name);
      return found === undefined ? [] : [found, ...found.subcommands.values()];
    });
    const asked = names.length === 0 ? [...everyCommand(commands)] : named;
    const known = asked.flatMap((each) => {
      const found = histograms.get(each);
      return found === undefined ? [] : [[each, found] as const];
    });
    reply.map(known.length);
    for (const [each, found] of known) replyHistogram(reply, each, found);
  },
});

export const latencyCommands: readonly Command[] = [
  container(
    {
      name: 'latency',
      since: '2.8.13',
      group: 'server',
      complexity: 'Depends on subcommand.',
      summary: 'A container for latency diagnostics commands.',
      flags: [],
    },
    [
      'DOCTOR',
      '    Return a human readable latency analysis report.',
      'GRAPH <event>',
      '    Return an ASCII latency graph for the <event> class.',
      'HISTORY <event>',
      '    Return time-latency samples for the <event> class.',
      'LATEST',
      '    Return the latest latency samples for all events.',
      'RESET [<event> ...]',
      '    Reset latency data of one or more <event> classes.',
      '    (default: reset all data for all event classes)',
      'HISTOGRAM [COMMAND ...]',
      '    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.',
      '    If no commands are specified then all histograms are replied.',
    ],
    [latest, history, reset, graph, doctor, histogram],
  ),
];
