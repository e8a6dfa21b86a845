/** What commands of different clients, and of one client at different times, have to do with each other. */
import type { Keyspace } from '#keyspace/keyspace.ts';
import { Blocking } from './blocking.ts';
import { EffectFeed } from './effect-feed.ts';
import { PubSub } from './pubsub.ts';
import { Tracking } from './tracking.ts';
import { Transactions } from './transactions.ts';

export interface Coordination {
  readonly effects: EffectFeed;
  readonly blocking: Blocking;
  readonly transactions: Transactions;
  readonly pubsub: PubSub;
  readonly tracking: Tracking;
}

export function createCoordination(keyspace: Keyspace): Coordination {
  const effects = new EffectFeed(keyspace);
  return {
    effects,
    blocking: new Blocking(keyspace, effects),
    transactions: new Transactions(keyspace, effects),
    pubsub: new PubSub(),
    tracking: new Tracking(keyspace),
  };
}
