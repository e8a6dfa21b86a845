/**
 * Publish and subscribe: messages to whoever listens at the moment. Nothing is kept.
 *
 * A message is handed to each subscriber's connection and sent when the publisher's batch is done, so that a pipeline of
 * messages is one write for each subscriber, most often of bytes that all share. A subscriber who does not read is cut off by its output limit; the
 * publisher never waits. Publishing costs the subscribers of the channel, and a match for each pattern there is.
 */
import type { Client } from '#commands/client.ts';
import { Message } from '#commands/message.ts';
import type { PubSub as PubSubOfCommands, SubscriptionKind } from '#commands/subscriptions.ts';
import type { Slice } from '#memory/slice.ts';
import { globMatch } from '#types/glob.ts';

/** Names and who subscribed to them. */
type Subscribers = Map<string, Set<Client>>;

export class PubSub implements PubSubOfCommands {
  private readonly byKind: Readonly<Record<SubscriptionKind, Subscribers>> = {
    channel: new Map(),
    pattern: new Map(),
    shard: new Map(),
  };
  /** The patterns' bytes, for matching. */
  private readonly patterns = new Map<string, Buffer>();
  private readonly message = new Message('message');
  private readonly matched = new Message('pmessage');
  private readonly sharded = new Message('smessage');

  subscribe(client: Client, kind: SubscriptionKind, name: string): boolean {
    const own = client.subscriptions[kind];
    if (own.has(name)) return false;
    own.add(name);
    client.subscriptions.updateEmptiness();
    const names = this.byKind[kind];
    const clients = names.get(name) ?? new Set();
    clients.add(client);
    names.set(name, clients);
    if (kind === 'pattern') this.patterns.set(name, Buffer.from(name, 'latin1'));
    return true;
  }

  unsubscribe(client: Client, kind: SubscriptionKind, name: string): boolean {
    if (!client.subscriptions[kind].delete(name)) return false;
    client.subscriptions.updateEmptiness();
    const names = this.byKind[kind];
    const clients = names.get(name);
    clients?.delete(client);
    if (clients?.size === 0) {
      names.delete(name);
      if (kind === 'pattern') this.patterns.delete(name);
    }
    return true;
  }

  forget(client: Client): void {
    const { subscriptions } = client;
    if (subscriptions.isEmpty) return;
    for (const kind of ['channel', 'pattern', 'shard'] as const) {
      for (const name of [...subscriptions[kind]]) this.unsubscribe(client, kind, name);
    }
  }

  publish(channel: Slice, message: Slice): number {
    const { byKind } = this;
    if (byKind.channel.size + byKind.pattern.size === 0) return 0;
    const subscribers = byKind.channel.get(channel.latin1());
    const receivers = sendAll(this.message.begin(channel, message), subscribers);
    return receivers + this.publishToPatterns(channel, message);
  }

  publishSharded(channel: Slice, message: Slice): number {
    const { shard } = this.byKind;
    if (shard.size === 0) return 0;
    return sendAll(this.sharded.begin(channel, message), shard.get(channel.latin1()));
  }

  names(kind: SubscriptionKind): IterableIterator<string> {
    return this.byKind[kind].keys();
  }

  subscribers(kind: SubscriptionKind, name: string): number {
    return this.byKind[kind].get(name)?.size ?? 0;
  }

  count(kind: SubscriptionKind): number {
    return this.byKind[kind].size;
  }

  private publishToPatterns(channel: Slice, message: Slice): number {
    let receivers = 0;
    const { bytes, at, length } = channel;
    for (const [name, pattern] of this.patterns) {
      if (!globMatch(pattern, 0, pattern.length, bytes, at, length, false)) continue;
      const subscribers = this.byKind.pattern.get(name);
      receivers += sendAll(this.matched.begin(channel, message, pattern), subscribers);
    }
    return receivers;
  }
}

/** Sends a message to each of the clients, and returns to how many. */
function sendAll(message: Message, clients: Set<Client> | undefined): number {
  if (clients === undefined) return 0;
  for (const { connection } of clients) {
    if (connection.sendMessage !== undefined) connection.sendMessage(message);
    else {
      message.writeTo(connection.outOfBand);
      connection.flushLater();
    }
  }
  return clients.size;
}
