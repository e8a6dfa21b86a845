/** Publish and subscribe, as commands see it: who listens to which channels, and how a message reaches them. */
import type { Slice } from '#memory/slice.ts';
import type { Client } from './client.ts';

/**
 * A way of subscribing. Channels and patterns hear the same messages; sharded channels are a world of their own, as they
 * are bound to a slot in a cluster.
 */
export type SubscriptionKind = 'channel' | 'pattern' | 'shard';

/** What a client listens to, by kind: names as byte strings, in the order in which they were asked for. */
export class Subscriptions {
  readonly channel = new Set<string>();
  readonly pattern = new Set<string>();
  readonly shard = new Set<string>();

  /** What SUBSCRIBE and its like count: sharded channels apart from the others. */
  countWith(kind: SubscriptionKind): number {
    return kind === 'shard' ? this.shard.size : this.channel.size + this.pattern.size;
  }

  /** Kept by whoever adds and removes, because every command asks. */
  isEmpty = true;

  updateEmptiness(): void {
    this.isEmpty = this.channel.size + this.pattern.size + this.shard.size === 0;
  }
}

export interface PubSub {
  /** Both return whether that changed anything. */
  subscribe(client: Client, kind: SubscriptionKind, name: string): boolean;
  unsubscribe(client: Client, kind: SubscriptionKind, name: string): boolean;
  /** Ends all subscriptions of a client that is gone, or starts over. */
  forget(client: Client): void;
  /** Sends a message to everybody who listens to the channel, or to a pattern that it matches. Returns to how many. */
  publish(channel: Slice, message: Slice): number;
  publishSharded(channel: Slice, message: Slice): number;
  /** Names that somebody subscribed to. */
  names(kind: SubscriptionKind): IterableIterator<string>;
  /** How many subscribed to a name. */
  subscribers(kind: SubscriptionKind, name: string): number;
  /** How many names of the kind are subscribed to. */
  count(kind: SubscriptionKind): number;
}
