/** What commands of different clients, and of one client at different times, have to do with each other. */
import type { Keyspace } from '#keyspace/keyspace.ts';
import { Blocking } from './blocking.ts';
import { EffectFeed } from './effect-feed.ts';
import { Interactive } from './interactive/interactive.ts';
import { Notifications } from './notifications.ts';
import { PubSub } from './pubsub.ts';
import { SaveWaits } from './save-waits.ts';
import type { LuaSource } from './scripting/scripting.ts';
import { Scripting } from './scripting/scripting.ts';
import { Suspension } from './suspension.ts';
import { Tracking } from './tracking.ts';
import { Transactions } from './transactions.ts';
import { Turn } from './turn.ts';

export interface Coordination {
  readonly effects: EffectFeed;
  readonly blocking: Blocking;
  readonly transactions: Transactions;
  readonly interactive: Interactive;
  readonly saveWaits: SaveWaits;
  readonly pubsub: PubSub;
  readonly scripting: Scripting;
  readonly suspension: Suspension;
  readonly notifications: Notifications;
  readonly tracking: Tracking;
  readonly turn: Turn;
}

export function createCoordination(keyspace: Keyspace, lua: LuaSource): Coordination {
  const effects = new EffectFeed(keyspace);
  const pubsub = new PubSub();
  const blocking = new Blocking(keyspace, effects);
  const suspension = new Suspension(keyspace);
  return {
    effects,
    blocking,
    interactive: new Interactive(keyspace, effects, blocking, suspension),
    transactions: new Transactions(keyspace, effects, suspension),
    saveWaits: new SaveWaits(keyspace),
    pubsub,
    scripting: new Scripting(effects, suspension, lua),
    suspension,
    notifications: new Notifications(keyspace, pubsub),
    tracking: new Tracking(keyspace),
    turn: new Turn(effects),
  };
}
