/** Sending messages, and asking who listens. */
import { Slice } from '#memory/slice.ts';
import { globMatch } from '#types/glob.ts';
import { command, container, subcommand } from '../command.ts';
import type { Context } from '../context.ts';
import { anyNumber, bytes, type Groups, key, optional } from '../grammar.ts';
import { subcommandSyntax } from '../server/shared.ts';
import type { SubscriptionKind } from '../subscriptions.ts';

const flags = ['pubsub', 'loading', 'stale', 'fast'] as const;

const publish = command({
  name: 'publish',
  since: '2.0.0',
  group: 'pubsub',
  complexity:
    'O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of subscribed patterns (by any client).',
  summary: 'Posts a message to a channel.',
  flags,
  args: [bytes('channel'), bytes('message')],
  reply: ['integer'],
  run({ reply, services }, channel, message) {
    reply.integer(services.pubsub.publish(channel, message));
  },
});

const sPublish = command({
  name: 'spublish',
  since: '7.0.0',
  group: 'pubsub',
  complexity: 'O(N) where N is the number of clients subscribed to the receiving shard channel.',
  summary: 'Post a message to a shard channel',
  flags,
  args: [key('shardchannel', 'not_key'), bytes('message')],
  onlyNamesKeys: true,
  reply: ['integer'],
  run({ reply, services }, channel, message) {
    reply.integer(services.pubsub.publishSharded(channel, message));
  },
});

const shared = {
  group: 'pubsub',
  flags: ['pubsub', 'loading', 'stale'],
  reply: ['array'],
} as const;

const channels = subcommand('pubsub', {
  ...shared,
  name: 'channels',
  since: '2.8.0',
  complexity:
    'O(N) where N is the number of active channels, and assuming constant time pattern matching (relatively short channels and patterns)',
  summary: 'Returns the active channels.',
  args: [optional(bytes('pattern'))],
  unknownOption: (_word, request) => subcommandSyntax('pubsub', request.latin1(1)),
  run: (context, pattern) => replyNames(context, 'channel', pattern),
});

const shardChannels = subcommand('pubsub', {
  ...shared,
  name: 'shardchannels',
  since: '7.0.0',
  complexity:
    'O(N) where N is the number of active shard channels, and assuming constant time pattern matching (relatively short shard channels).',
  summary: 'Returns the active shard channels.',
  args: [optional(bytes('pattern'))],
  unknownOption: (_word, request) => subcommandSyntax('pubsub', request.latin1(1)),
  run: (context, pattern) => replyNames(context, 'shard', pattern),
});

const numSub = subcommand('pubsub', {
  ...shared,
  name: 'numsub',
  since: '2.8.0',
  complexity: 'O(N) for the NUMSUB subcommand, where N is the number of requested channels',
  summary: 'Returns a count of subscribers to channels.',
  rest: anyNumber(bytes('channel')),
  run: (context, names) => replyCounts(context, 'channel', names),
});

const shardNumSub = subcommand('pubsub', {
  ...shared,
  name: 'shardnumsub',
  since: '7.0.0',
  complexity:
    'O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels',
  summary: 'Returns the count of subscribers of shard channels.',
  rest: anyNumber(bytes('shardchannel')),
  run: (context, names) => replyCounts(context, 'shard', names),
});

const numPat = subcommand('pubsub', {
  ...shared,
  name: 'numpat',
  since: '2.8.0',
  complexity: 'O(1)',
  summary: 'Returns a count of unique pattern subscriptions.',
  reply: ['integer'],
  run({ reply, services }) {
    reply.integer(services.pubsub.count('pattern'));
  },
});

function replyNames(
  { reply, services }: Context,
  kind: SubscriptionKind,
  pattern: Slice | undefined,
): void {
  const found: Buffer[] = [];
  for (const name of services.pubsub.names(kind)) {
    const text = Buffer.from(name, 'latin1');
    const isWanted =
      pattern === undefined ||
      globMatch(pattern.bytes, pattern.at, pattern.length, text, 0, text.length, false);
    if (isWanted) found.push(text);
  }
  reply.array(found.length);
  for (const name of found) reply.bulk(name, 0, name.length);
}

function replyCounts({ reply, services }: Context, kind: SubscriptionKind, names: Groups): void {
  reply.array(names.length * 2);
  for (let i = 0; i < names.length; i++) {
    const { bytes, at, length } = names.into(i, 0, argument);
    reply.bulk(bytes, at, length);
    reply.integer(services.pubsub.subscribers(kind, argument.latin1()));
  }
}

const argument = new Slice();

const help = [
  'CHANNELS [<pattern>]',
  "    Return the currently active channels matching a <pattern> (default: '*').",
  'NUMPAT',
  '    Return number of subscriptions to patterns.',
  'NUMSUB [<channel> ...]',
  '    Return the number of subscribers for the specified channels, excluding',
  '    pattern subscriptions(default: no channels).',
  'SHARDCHANNELS [<pattern>]',
  "    Return the currently active shard level channels matching a <pattern> (default: '*').",
  'SHARDNUMSUB [<shardchannel> ...]',
  '    Return the number of subscribers for the specified shard level channel(s)',
];

const pubsub = container(
  {
    name: 'pubsub',
    since: '2.8.0',
    group: 'pubsub',
    complexity: 'Depends on subcommand.',
    summary: 'A container for Pub/Sub commands.',
    flags: [],
  },
  help,
  [channels, numPat, numSub, shardChannels, shardNumSub],
);

export const publishCommands = [publish, sPublish, pubsub];
