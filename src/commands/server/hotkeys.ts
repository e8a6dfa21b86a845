/** Hot keys: which keys cost most processor time and network (Redis 8.6). */
import type { HotKeyMetric, HotKeyOptions, HotKeySession } from '#observe/hot-keys.ts';
import { type Command, container, subcommand } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, error, errors } from '../errors.ts';
import { flag, integer, option } from '../grammar.ts';
import type { Reply } from '../reply.ts';
import { latin1, wordsFrom } from './shared.ts';

const shared = { group: 'server', flags: ['admin', 'noscript'], since: '8.6.0' } as const;
const keysDefault = 10;
const keysMax = 64;
const durationSecondsMax = 1_000_000;
const metricsMax = 2;
const lastSlot = 16_383;

const problems = {
  inProgress: error('hotkey tracking session already in progress'),
  metricsRequired: error('METRICS parameter is required'),
  metricsCount: error(`METRICS count must be > 0 and <= ${metricsMax}`),
  metricsMismatch: error('METRICS count does not match number of metric types provided'),
  metricsUnknown: error('METRICS no valid metrics passed. Supported: CPU|NET'),
  count: error(`COUNT must be between 1 and ${keysMax}`),
  duration: error(`DURATION must be between 1 and ${durationSecondsMax}`),
  sample: error('SAMPLE ratio must be positive'),
  slots: error('SLOTS parameter cannot be used in non-cluster mode'),
  stopFirst: error('hotkey tracking session in progress, stop tracking first'),
} as const;

/** An integer in range, or undefined. */
function integerIn(word: string | undefined, min: number, max: number): number | undefined {
  if (word === undefined || !/^-?\d{1,15}$/.test(word)) return undefined;
  const value = Number(word);
  return value >= min && value <= max ? value : undefined;
}

/** The metrics that METRICS and its count name; words that mean none count and are passed over. */
function readMetrics(words: readonly string[]): ReadonlySet<HotKeyMetric> | ErrorReply {
  const count = integerIn(words[1], 1, metricsMax);
  if (count === undefined) return problems.metricsCount;
  const named = words.slice(2, 2 + count).map((word) => word.toLowerCase());
  const metrics = new Set<HotKeyMetric>();
  for (const name of named) {
    if (name !== 'cpu' && name !== 'net') continue;
    if (metrics.has(name)) return error(`METRICS ${name.toUpperCase()} defined more than once!`);
    metrics.add(name);
  }
  if (named.length < count) return problems.metricsMismatch;
  return metrics.size === 0 ? problems.metricsUnknown : metrics;
}

/** What the words after START ask for. */
function readOptions(words: readonly string[]): HotKeyOptions | ErrorReply {
  if (words.length < 2 || words[0]?.toLowerCase() !== 'metrics') return problems.metricsRequired;
  const metrics = readMetrics(words);
  if ('code' in metrics) return metrics;
  let count = keysDefault;
  let durationMs = 0;
  let sampleRatio = 1;
  for (let at = 2 + Number(words[1]); at < words.length; at += 2) {
    const name = words[at]?.toLowerCase();
    const value = words[at + 1];
    if (name === 'slots') return problems.slots;
    if (value === undefined) return errors.syntax;
    if (name === 'count') {
      const given = integerIn(value, 1, keysMax);
      if (given === undefined) return problems.count;
      count = given;
    } else if (name === 'duration') {
      const seconds = integerIn(value, 1, durationSecondsMax);
      if (seconds === undefined) return problems.duration;
      durationMs = seconds * 1000;
    } else if (name === 'sample') {
      const given = integerIn(value, 1, Number.MAX_SAFE_INTEGER);
      if (given === undefined) return problems.sample;
      sampleRatio = given;
    } else return errors.syntax;
  }
  return { metrics, count, durationMs, sampleRatio };
}

function sessionOf({ services: { hotKeys, clock, host } }: Context): HotKeySession | undefined {
  return hotKeys.session(clock.nowMs(), host.processorUsage);
}

const start = subcommand('hotkeys', {
  ...shared,
  name: 'start',
  complexity: 'O(1)',
  summary: 'Starts hotkeys tracking.',
  options: {
    metrics: option('METRICS', integer('count')),
    cpu: flag('CPU'),
    net: flag('NET'),
    count: option('COUNT', integer('k')),
    duration: option('DURATION', integer('seconds')),
    sample: option('SAMPLE', integer('ratio')),
    slots: option('SLOTS', integer('count'), integer('slot')),
  },
  manual: true,
  reply: ['ok'],
  run(context) {
    const { reply, services } = context;
    if (sessionOf(context)?.isActive === true) return reply.error(problems.inProgress);
    const options = readOptions(wordsFrom(context, 2));
    if ('code' in options) return reply.error(options);
    services.hotKeys.start(options, services.clock.nowMs(), services.host.processorUsage());
    reply.ok();
  },
});

const stop = subcommand('hotkeys', {
  ...shared,
  name: 'stop',
  complexity: 'O(1)',
  summary: 'Stops hotkeys tracking.',
  reply: ['ok', 'nil'],
  run(context) {
    const { reply, services } = context;
    if (sessionOf(context)?.isActive !== true) return reply.nil();
    services.hotKeys.stop(services.clock.nowMs(), services.host.processorUsage());
    reply.ok();
  },
});

const reset = subcommand('hotkeys', {
  ...shared,
  name: 'reset',
  complexity: 'O(1)',
  summary: 'Release the resources used for hotkey tracking.',
  reply: ['ok'],
  run(context) {
    const { reply, services } = context;
    if (sessionOf(context)?.isActive === true) return reply.error(problems.stopFirst);
    services.hotKeys.reset();
    reply.ok();
  },
});

function replyTop(reply: Reply, session: HotKeySession, metric: HotKeyMetric): void {
  const top = session.top(metric);
  reply.array(top.length * 2);
  for (const { key, total } of top) {
    latin1(reply, key);
    reply.integer(total);
  }
}

/** The fields of a session's report, in Redis's order. */
function reportFields(context: Context, session: HotKeySession): [string, () => void][] {
  const { reply, services } = context;
  const { metrics, sampleRatio } = session.options;
  const nowMs = services.clock.nowMs();
  const spent = session.processorTime(services.host.processorUsage());
  const number = (value: number) => () => reply.integer(Math.floor(value));
  const fields: [string, () => void][] = [
    ['tracking-active', number(session.isActive ? 1 : 0)],
    ['sample-ratio', number(sampleRatio)],
    ['selected-slots', () => replyAllSlots(reply)],
    ['all-commands-all-slots-us', number(session.totalUsec)],
    ['net-bytes-all-commands-all-slots', number(session.totalBytes)],
    ['collection-start-time-unix-ms', number(session.startedAtMs)],
    ['collection-duration-ms', number(session.durationMs(nowMs))],
  ];
  if (metrics.has('cpu')) {
    fields.push(['total-cpu-time-user-ms', number(spent.userUsec / 1000)]);
    fields.push(['total-cpu-time-sys-ms', number(spent.systemUsec / 1000)]);
  }
  if (metrics.has('net')) fields.push(['total-net-bytes', number(session.totalBytes)]);
  if (metrics.has('cpu')) fields.push(['by-cpu-time-us', () => replyTop(reply, session, 'cpu')]);
  if (metrics.has('net')) fields.push(['by-net-bytes', () => replyTop(reply, session, 'net')]);
  return fields;
}

/** Outside a cluster, every slot. */
function replyAllSlots(reply: Reply): void {
  reply.array(1);
  reply.array(2);
  reply.integer(0);
  reply.integer(lastSlot);
}

const get = subcommand('hotkeys', {
  ...shared,
  name: 'get',
  complexity: 'O(K) where K is the number of hotkeys returned.',
  summary: 'Returns lists of top K hotkeys depending on metrics chosen in HOTKEYS START command.',
  reply: ['array', 'nil'],
  run(context) {
    const { reply } = context;
    const session = sessionOf(context);
    if (session === undefined) return reply.nil();
    const fields = reportFields(context, session);
    reply.array(1);
    reply.map(fields.length);
    for (const [name, write] of fields) {
      reply.text(name);
      write();
    }
  },
});

export const hotKeysCommands: readonly Command[] = [
  container(
    {
      name: 'hotkeys',
      since: '8.6.0',
      group: 'server',
      complexity: 'Depends on subcommand.',
      summary: 'A container for hotkeys tracking commands.',
      flags: [],
    },
    [
      'START METRICS count [CPU] [NET] [COUNT k] [DURATION seconds] [SAMPLE ratio]',
      '    Start to track the keys that cost most: of processor time, of network bytes, or both.',
      '    COUNT is how many keys to tell of (default: 10), DURATION when to stop by itself',
      '    (default: never), SAMPLE to look at one in so many commands (default: at all).',
      'STOP',
      '    Stop tracking. Results are still available by GET.',
      'GET',
      '    Return what was found.',
      'RESET',
      '    Forget what was found. Tracking must have been stopped.',
    ],
    [start, stop, get, reset],
  ),
];
