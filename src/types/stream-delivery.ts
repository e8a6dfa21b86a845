/** Giving entries to consumers: new ones, and those that another one left. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Ref } from '#memory/arena.ts';
import type { Slice } from '#memory/slice.ts';
import type { StreamId } from '#structures/stream-id.ts';
import { consumerActiveAt, consumerSeenAt } from './stream-group-layout.ts';
import { createConsumer, findConsumer, pendingOfGroup } from './stream-groups.ts';
import {
  addPending,
  assignPending,
  deliveriesOf,
  removePending,
  setDelivery,
} from './stream-pending.ts';

/** The consumer of this name, made if there is none, and seen now. The change is announced if one has to be made. */
export function meetConsumer(cursor: KeyCursor, group: Ref, name: Slice, nowMs: number): Ref {
  const { arena } = cursor;
  let consumer = findConsumer(arena, group, name);
  if (consumer === 0) {
    cursor.change('xgroup-createconsumer');
    consumer = createConsumer(arena, group, name, nowMs);
  }
  arena.setWide(consumer + consumerSeenAt, nowMs);
  return consumer;
}

/** Delivers a new entry to a consumer, who has to acknowledge it; whoever had it before, has it no more. */
export function deliverNew(
  cursor: KeyCursor,
  group: Ref,
  consumer: Ref,
  id: StreamId,
  nowMs: number,
): void {
  const { arena } = cursor;
  const known = pendingOfGroup(arena, group).find(id);
  const pending = known === 0 ? addPending(arena, group, id) : known;
  try {
    assignPending(arena, pending, consumer);
  } catch (error) {
    if (known === 0) removePending(arena, group, pending);
    throw error;
  }
  setDelivery(arena, pending, nowMs, 1n);
  arena.setWide(consumer + consumerActiveAt, nowMs);
}

/** Gives a pending entry to a consumer. `count` is how often it was delivered from now on. */
export function claim(
  cursor: KeyCursor,
  pending: Ref,
  consumer: Ref,
  deliveredAtMs: number,
  count: bigint,
  nowMs: number,
): void {
  const { arena } = cursor;
  assignPending(arena, pending, consumer);
  setDelivery(arena, pending, deliveredAtMs, count);
  arena.setWide(consumer + consumerActiveAt, nowMs);
}

/** Notes that a consumer got what is pending at it once more. */
export function deliverAgain(cursor: KeyCursor, pending: Ref, nowMs: number): void {
  const { arena } = cursor;
  setDelivery(arena, pending, nowMs, deliveriesOf(arena, pending) + 1n);
}
