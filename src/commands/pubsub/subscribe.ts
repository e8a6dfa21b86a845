/** Listening to channels and patterns. A request has a reply for each name it gives, pushed like a message. */
import { Slice } from '#memory/slice.ts';
import { type Command, command } from '../command.ts';
import type { Context } from '../context.ts';
import { anyNumber, bytes, type Groups, key, repeat } from '../grammar.ts';
import type { SubscriptionKind } from '../subscriptions.ts';

const flags = ['pubsub', 'noscript', 'loading', 'stale'] as const;
const shared = { group: 'pubsub', flags, reply: ['push'], duringSubscription: 'runs' } as const;

const subscribe = command({
  ...shared,
  name: 'subscribe',
  since: '2.0.0',
  complexity: 'O(N) where N is the number of channels to subscribe to.',
  summary: 'Listens for messages published to channels.',
  rest: repeat(bytes('channel')),
  run: (context, names) => subscribeAll(context, 'channel', 'subscribe', names),
});

const pSubscribe = command({
  ...shared,
  name: 'psubscribe',
  since: '2.0.0',
  complexity: 'O(N) where N is the number of patterns to subscribe to.',
  summary: 'Listens for messages published to channels that match one or more patterns.',
  rest: repeat(bytes('pattern')),
  run: (context, names) => subscribeAll(context, 'pattern', 'psubscribe', names),
});

const sSubscribe = command({
  ...shared,
  name: 'ssubscribe',
  since: '7.0.0',
  complexity: 'O(N) where N is the number of shard channels to subscribe to.',
  summary: 'Listens for messages published to shard channels.',
  rest: repeat(key('shardchannel', 'not_key')),
  onlyNamesKeys: true,
  run: (context, names) => subscribeAll(context, 'shard', 'ssubscribe', names),
});

const unsubscribe = command({
  ...shared,
  name: 'unsubscribe',
  since: '2.0.0',
  complexity: 'O(N) where N is the number of channels to unsubscribe.',
  summary: 'Stops listening to messages posted to channels.',
  rest: anyNumber(bytes('channel')),
  run: (context, names) => unsubscribeAll(context, 'channel', 'unsubscribe', names),
});

const pUnsubscribe = command({
  ...shared,
  name: 'punsubscribe',
  since: '2.0.0',
  complexity: 'O(N) where N is the number of patterns to unsubscribe.',
  summary: 'Stops listening to messages published to channels that match one or more patterns.',
  rest: anyNumber(bytes('pattern')),
  run: (context, names) => unsubscribeAll(context, 'pattern', 'punsubscribe', names),
});

const sUnsubscribe = command({
  ...shared,
  name: 'sunsubscribe',
  since: '7.0.0',
  complexity: 'O(N) where N is the number of shard channels to unsubscribe.',
  summary: 'Stops listening to messages posted to shard channels.',
  rest: anyNumber(key('shardchannel', 'not_key')),
  onlyNamesKeys: true,
  run: (context, names) => unsubscribeAll(context, 'shard', 'sunsubscribe', names),
});

function subscribeAll(context: Context, kind: SubscriptionKind, verb: string, names: Groups): void {
  const { client, services } = context;
  for (let i = 0; i < names.length; i++) {
    const name = names.into(i, 0, argument).latin1();
    services.pubsub.subscribe(client, kind, name);
    answer(context, kind, verb, name);
  }
}

function unsubscribeAll(
  context: Context,
  kind: SubscriptionKind,
  verb: string,
  names: Groups,
): void {
  const { client, services } = context;
  const given: string[] = [];
  for (let i = 0; i < names.length; i++) given.push(names.into(i, 0, argument).latin1());
  const ended = given.length > 0 ? given : [...client.subscriptions[kind]];
  for (const name of ended) {
    services.pubsub.unsubscribe(client, kind, name);
    answer(context, kind, verb, name);
  }
  if (ended.length === 0) answer(context, kind, verb, undefined);
}

function answer(
  context: Context,
  kind: SubscriptionKind,
  verb: string,
  name: string | undefined,
): void {
  const { client } = context;
  // It is no reply to one who wants none.
  const reply = client.replyMode === 'on' ? context.reply : client.connection.outOfBand;
  reply.push(3);
  reply.text(verb);
  if (name === undefined) reply.nil();
  else {
    const bytes = Buffer.from(name, 'latin1');
    reply.bulk(bytes, 0, bytes.length);
  }
  reply.integer(client.subscriptions.countWith(kind));
}

const argument = new Slice();

export const subscribeCommands: readonly Command[] = [
  subscribe,
  pSubscribe,
  sSubscribe,
  unsubscribe,
  pUnsubscribe,
  sUnsubscribe,
];
