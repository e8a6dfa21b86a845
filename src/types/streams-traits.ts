/** What streams are to whoever works on keys of any type. */
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { free, payloadBytes } from '#memory/allocator.ts';
import type { Arena, Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import { Slice } from '#memory/slice.ts';
import { IdTree } from '#structures/id-tree.ts';
import { RefList } from '#structures/ref-list.ts';
import { EntryCursor } from '#structures/stream-entry.ts';
import { StreamId } from '#structures/stream-id.ts';
import { copyNode, freeNode, liveIn } from '#structures/stream-node.ts';
import { TreeCursor } from '#structures/tree.ts';
import {
  consumerActiveAt,
  consumerSeenAt,
  groupLastIdAt,
  groupReadAt,
  pendingBytes,
} from './stream-group-layout.ts';
import {
  addGroup,
  consumerName,
  consumerOf,
  consumersOf,
  createConsumer,
  disposeGroup,
  findConsumer,
  groupName,
  pendingOfConsumer,
  pendingOfGroup,
} from './stream-groups.ts';
import {
  addPending,
  assignPending,
  deliveredAtMs,
  deliveriesOf,
  setDelivery,
} from './stream-pending.ts';
import { copyTracking, disposeTracking } from './stream-producers.ts';
import {
  firstIdAt,
  formatRoot,
  groupsOf,
  int64At,
  lastIdAt,
  lengthAt,
  nodesAt,
  nodesOf,
  refreshLastNode,
  rootOfEntry,
  streamForm,
  streamRootBytes,
} from './stream-root.ts';
import type { ValueTraits } from './value-traits.ts';

const freed = new RefList();
const place = new TreeCursor();
const inner = new TreeCursor();
const id = new StreamId();
const name = new Slice();
const sourceNodes = new IdTree();
/** What an element of a tree takes, about. */
const treeElementBytes = 13;

export const streamTraits: ValueTraits = {
  name: 'stream',
  encoding: () => 'stream',
  copy,
  dispose,
  bytesBeside,
  verify,
};

function copy(source: KeyCursor, target: KeyCursor): void {
  target.draft(valueType.stream, streamForm, streamRootBytes);
  const { arena: to, rootAt: root } = target;
  formatRoot(to, root);
  const { arena: from, rootAt: sourceRoot } = source;
  sourceNodes.point(from, sourceRoot + nodesAt);
  for (let more = sourceNodes.first(place); more; more = sourceNodes.next(place)) {
    const node = copyNode(from, sourceNodes.value(place), to);
    try {
      nodesOf(to, root).add(node);
    } catch (error) {
      free(to, node);
      throw error;
    }
  }
  // The ids and counts, up to where the nodes are referred to.
  for (let at = lastIdAt; at <= lengthAt; at += 4)
    to.setWord(root + at, from.word(sourceRoot + at));
  refreshLastNode(to, root);
  copyGroups(from, sourceRoot, to, root);
  copyTracking(source, target);
}

function copyGroups(from: Arena, sourceRoot: number, to: Arena, root: number): void {
  for (const group of valuesOf(groupsOf(from, sourceRoot))) {
    id.read(from, group + groupLastIdAt);
    const read = int64At(from, group + groupReadAt);
    const copied = addGroup(to, root, groupName(from, group, name), id, read);
    for (const consumer of valuesOf(consumersOf(from, group))) {
      const seenAtMs = from.wide(consumer + consumerSeenAt);
      const added = createConsumer(to, copied, consumerName(from, consumer, name), seenAtMs);
      to.setWide(added + consumerActiveAt, from.wide(consumer + consumerActiveAt));
    }
    for (const pending of valuesOf(pendingOfGroup(from, group))) {
      const added = addPending(to, copied, id.read(from, pending));
      setDelivery(to, added, deliveredAtMs(from, pending), deliveriesOf(from, pending));
      const consumer = consumerOf(from, pending);
      if (consumer === 0) continue;
      assignPending(to, added, findConsumer(to, copied, consumerName(from, consumer, name)));
    }
  }
}

function dispose(arena: Arena, entry: Ref): boolean {
  const root = rootOfEntry(arena, entry);
  freed.clear();
  if (nodesOf(arena, root).dismantle(freed)) {
    for (let i = 0; i < freed.length; i++) freeNode(arena, freed.at(i));
    return true;
  }
  if (disposeTracking(arena, root)) return true;
  const groups = groupsOf(arena, root);
  if (groups.count === 0) return false;
  const group = groups.firstValue();
  if (!disposeGroup(arena, group)) groupsOf(arena, root).removeFirst();
  return groupsOf(arena, root).count > 0;
}

function bytesBeside(cursor: KeyCursor, samples: number): number {
  const { arena, rootAt: root } = cursor;
  const nodes = nodesOf(arena, root);
  let [bytes, seen] = [0, 0];
  for (let more = nodes.first(place); more; more = nodes.next(place)) {
    bytes += payloadBytes(arena, nodes.value(place)) + treeElementBytes;
    if (++seen === samples) break;
  }
  if (seen > 0) bytes = Math.round((bytes / seen) * nodes.count);
  for (const group of valuesOf(groupsOf(arena, root))) {
    bytes += payloadBytes(arena, group);
    bytes += pendingOfGroup(arena, group).count * (pendingBytes + 2 * treeElementBytes);
    for (const consumer of valuesOf(consumersOf(arena, group)))
      bytes += payloadBytes(arena, consumer);
  }
  return bytes;
}

/** A tree's values. */
function valuesOf(tree: {
  first(at: TreeCursor): boolean;
  next(at: TreeCursor): boolean;
  value(at: TreeCursor): Ref;
}): Ref[] {
  const values: Ref[] = [];
  for (let more = tree.first(inner); more; more = tree.next(inner)) values.push(tree.value(inner));
  return values;
}

function verify(cursor: KeyCursor): void {
  const { arena, rootAt: root } = cursor;
  const nodes = nodesOf(arena, root);
  nodes.verify();
  const entry = new EntryCursor();
  const last = new StreamId();
  let length = 0;
  for (const node of valuesOf(nodes)) {
    let live = 0;
    entry.pointBefore(arena, node);
    while (entry.next()) {
      assert(entry.id.compare(last) > 0, 'stream: ids ascend');
      if (length + live === 0) {
        assert(
          id.read(arena, root + firstIdAt).compare(entry.id) === 0,
          'stream: its first id is known',
        );
      }
      last.set(entry.id);
      live++;
    }
    assert(live > 0 && live === liveIn(arena, node), 'stream: a node counts its entries');
    length += live;
  }
  assert(length === arena.word(root + lengthAt), 'stream: it counts its entries');
  assert(
    last.compare(id.read(arena, root + lastIdAt)) <= 0,
    'stream: no entry is above the last id',
  );
  groupsOf(arena, root).verify();
  for (const group of valuesOf(groupsOf(arena, root))) verifyGroup(arena, group);
}

function verifyGroup(arena: Arena, group: Ref): void {
  pendingOfGroup(arena, group).verify();
  consumersOf(arena, group).verify();
  const all = valuesOf(pendingOfGroup(arena, group));
  let owned = 0;
  for (const consumer of valuesOf(consumersOf(arena, group))) {
    pendingOfConsumer(arena, consumer).verify();
    for (const pending of valuesOf(pendingOfConsumer(arena, consumer))) {
      assert(consumerOf(arena, pending) === consumer, 'stream: a pending entry knows its consumer');
      assert(all.includes(pending), 'stream: what a consumer has pending, its group has');
      owned++;
    }
  }
  const unowned = all.filter((pending) => consumerOf(arena, pending) === 0).length;
  assert(
    owned + unowned === all.length,
    'stream: what a group has pending, a consumer has, or nobody',
  );
}
