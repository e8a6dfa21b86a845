/** Consumer groups and their consumers; stream-group-layout.ts draws their blocks. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { free } from '#memory/allocator.ts';
import { type Arena, nullRef, type Ref } from '#memory/arena.ts';
import type { Slice } from '#memory/slice.ts';
import { IdTree } from '#structures/id-tree.ts';
import { NameTree } from '#structures/name-tree.ts';
import { RefList } from '#structures/ref-list.ts';
import type { StreamId } from '#structures/stream-id.ts';
import {
  consumerActiveAt,
  consumerNameAt,
  consumerPendingAt,
  consumerSeenAt,
  groupConsumersAt,
  groupLastIdAt,
  groupNameAt,
  groupPendingAt,
  groupReadAt,
  pendingConsumerAt,
} from './stream-group-layout.ts';
import { groupsOf, setInt64At } from './stream-root.ts';

/** What `read` is where it is not known. */
export const readUnknown = -1n;

const groupPending = new IdTree();
const consumerPending = new IdTree();
const consumers = new NameTree(consumerNameAt);
const freed = new RefList();

/** A view of a group's pending entries, good until that of another group is asked for. */
export function pendingOfGroup(arena: Arena, group: Ref): IdTree {
  return groupPending.point(arena, group + groupPendingAt);
}

/** A view of a consumer's pending entries, good until that of another consumer is asked for. */
export function pendingOfConsumer(arena: Arena, consumer: Ref): IdTree {
  return consumerPending.point(arena, consumer + consumerPendingAt);
}

/** A view of a group's consumers, good until those of another group are asked for. */
export function consumersOf(arena: Arena, group: Ref): NameTree {
  return consumers.point(arena, group + groupConsumersAt);
}

/** The group of this name, or null. */
export function findGroup(cursor: KeyCursor, name: Slice): Ref {
  return groupsOf(cursor.arena, cursor.rootAt).find(name);
}

/** Adds a group, which does not exist, to the stream. The change is announced. */
export function createGroup(cursor: KeyCursor, name: Slice, lastId: StreamId, read: bigint): Ref {
  return addGroup(cursor.arena, cursor.rootAt, name, lastId, read);
}

export function addGroup(
  arena: Arena,
  root: number,
  name: Slice,
  lastId: StreamId,
  read: bigint,
): Ref {
  const group = groupsOf(arena, root).create(name);
  lastId.write(arena, group + groupLastIdAt);
  setInt64At(arena, group + groupReadAt, read);
  pendingOfGroup(arena, group).format();
  consumersOf(arena, group).format();
  try {
    groupsOf(arena, root).add(group);
  } catch (error) {
    free(arena, group);
    throw error;
  }
  return group;
}

/** Removes a group with all it has. O(its pending entries). */
export function destroyGroup(cursor: KeyCursor, group: Ref): void {
  const { arena, rootAt: root } = cursor;
  groupsOf(arena, root).take(group);
  while (disposeGroup(arena, group));
}

/** Frees some of what a group has, which no tree knows any more, and with the last of it the group. Returns whether any is left. */
export function disposeGroup(arena: Arena, group: Ref): boolean {
  if (dismantle(pendingOfGroup(arena, group), freed)) {
    for (let i = 0; i < freed.length; i++) free(arena, freed.at(i));
    return true;
  }
  const tree = consumersOf(arena, group);
  if (tree.count === 0) {
    free(arena, group);
    return false;
  }
  const consumer = tree.firstValue();
  // What it refers to went with the group's.
  if (dismantle(pendingOfConsumer(arena, consumer), freed)) return true;
  tree.removeFirst();
  free(arena, consumer);
  return true;
}

/** Takes a tree's first values out, into `into`. Returns whether there were any. */
function dismantle(tree: IdTree, into: RefList): boolean {
  into.clear();
  return tree.dismantle(into);
}

/** The consumer of this name, or null. */
export function findConsumer(arena: Arena, group: Ref, name: Slice): Ref {
  return consumersOf(arena, group).find(name);
}

/** Adds a consumer, which does not exist, to a group. The change is announced. */
export function createConsumer(arena: Arena, group: Ref, name: Slice, nowMs: number): Ref {
  const tree = consumersOf(arena, group);
  const consumer = tree.create(name);
  arena.setWide(consumer + consumerSeenAt, nowMs);
  arena.setWide(consumer + consumerActiveAt, -1);
  pendingOfConsumer(arena, consumer).format();
  try {
    tree.add(consumer);
  } catch (error) {
    free(arena, consumer);
    throw error;
  }
  return consumer;
}

/** Removes a consumer and what is pending at it. Returns how many entries that were. The change is announced. */
export function deleteConsumer(arena: Arena, group: Ref, consumer: Ref): number {
  const own = pendingOfConsumer(arena, consumer);
  const { count } = own;
  const all = pendingOfGroup(arena, group);
  while (dismantle(own, freed)) {
    for (let i = 0; i < freed.length; i++) {
      all.take(freed.at(i));
      free(arena, freed.at(i));
    }
  }
  consumersOf(arena, group).take(consumer);
  free(arena, consumer);
  return count;
}

/** The consumer of a pending entry, or null. */
export function consumerOf(arena: Arena, pending: Ref): Ref {
  return pending === 0 ? nullRef : arena.ref(pending + pendingConsumerAt);
}

/** Points `slice` at a group's or a consumer's name; that of nobody is empty. */
export function groupName(arena: Arena, group: Ref, slice: Slice): Slice {
  return groupsView.point(arena, 0).nameOf(group, slice);
}

export function consumerName(arena: Arena, consumer: Ref, slice: Slice): Slice {
  if (consumer === 0) return slice.point(arena.bytes, 0, 0);
  return consumersView.point(arena, 0).nameOf(consumer, slice);
}

const groupsView = new NameTree(groupNameAt);
const consumersView = new NameTree(consumerNameAt);
