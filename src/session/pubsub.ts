/**
 * Publish and subscribe: messages to whoever listens at the moment. Nothing is kept.
 *
 * A message is written to each subscriber's own output and sent when the publisher's batch is done, so that a pipeline of
 * messages is one write for each subscriber. A subscriber who does not read is cut off by its output limit; the
 * publisher never waits. Publishing costs the subscribers of the channel, and a match for each pattern there is.
 */
import type { Client } from '#commands/client.ts';
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
    const receivers = sendAll('message', byKind.channel.get(channel.latin1()), channel, message);
    return receivers + this.publishToPatterns(channel, message);
  }

  publishSharded(channel: Slice, message: Slice): number {
    const { shard } = this.byKind;
    if (shard.size === 0) return 0;
    return sendAll('smessage', shard.get(channel.latin1()), channel, message);
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
      for (const { connection } of this.byKind.pattern.get(name) ?? []) {
        const { outOfBand } = connection;
        outOfBand.push(4);
        outOfBand.bulk(pmessage, 0, pmessage.length);
        outOfBand.bulk(pattern, 0, pattern.length);
        outOfBand.bulk(bytes, at, length);
        outOfBand.bulk(message.bytes, message.at, message.length);
        connection.flushLater();
        receivers++;
      }
    }
    return receivers;
  }
}

const pmessage = Buffer.from('pmessage');
const kinds = { message: Buffer.from('message'), smessage: Buffer.from('smessage') };

function sendAll(
  kind: keyof typeof kinds,
  clients: Set<Client> | undefined,
  channel: Slice,
  message: Slice,
): number {
  if (clients === undefined) return 0;
  const word = kinds[kind];
  for (const { connection } of clients) {
    const { outOfBand } = connection;
    outOfBand.push(3);
    outOfBand.bulk(word, 0, word.length);
    outOfBand.bulk(channel.bytes, channel.at, channel.length);
    outOfBand.bulk(message.bytes, message.at, message.length);
    connection.flushLater();
  }
  return clients.size;
}
