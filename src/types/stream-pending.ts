/** Entries that were delivered to a consumer and wait for its acknowledgement. */
import { allocate, free } from '#memory/allocator.ts';
import { type Arena, nullRef, type Ref } from '#memory/arena.ts';
import type { StreamId } from '#structures/stream-id.ts';
import {
  pendingBytes,
  pendingConsumerAt,
  pendingCountAt,
  pendingDeliveredAt,
} from './stream-group-layout.ts';
import { consumerOf, pendingOfConsumer, pendingOfGroup } from './stream-groups.ts';
import { int64At, setInt64At } from './stream-root.ts';

/** A new pending entry of a group, of no consumer yet. It is not pending yet. Throws ArenaFullError. */
export function addPending(arena: Arena, group: Ref, id: StreamId): Ref {
  const pending = allocate(arena, pendingBytes);
  id.write(arena, pending);
  arena.setWord(pending + pendingConsumerAt, 0);
  try {
    pendingOfGroup(arena, group).add(pending);
  } catch (error) {
    free(arena, pending);
    throw error;
  }
  return pending;
}

/** Gives a pending entry to a consumer, or to nobody. */
export function assignPending(arena: Arena, pending: Ref, consumer: Ref): void {
  const before = consumerOf(arena, pending);
  if (before === consumer) return;
  if (consumer !== 0) pendingOfConsumer(arena, consumer).add(pending);
  if (before !== 0) pendingOfConsumer(arena, before).take(pending);
  arena.setWord(pending + pendingConsumerAt, consumer);
}

/** Notes when a pending entry was delivered, and how often by now. */
export function setDelivery(arena: Arena, pending: Ref, atMs: number, count: bigint): void {
  arena.setWide(pending + pendingDeliveredAt, atMs);
  setInt64At(arena, pending + pendingCountAt, count);
}

/** When it was delivered last, ms since the epoch. */
export function deliveredAtMs(arena: Arena, pending: Ref): number {
  return arena.wide(pending + pendingDeliveredAt);
}

/** How often it was delivered. */
export function deliveriesOf(arena: Arena, pending: Ref): bigint {
  return int64At(arena, pending + pendingCountAt);
}

/** Acknowledges a pending entry of a group. */
export function removePending(arena: Arena, group: Ref, pending: Ref): void {
  pendingOfGroup(arena, group).take(pending);
  assignPending(arena, pending, nullRef);
  free(arena, pending);
}
