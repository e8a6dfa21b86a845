/**
 * Taking the oldest entries out of a stream: whole nodes where all their entries go, which is all that an approximate
 * trim does, else entry by entry.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { type Arena, nullRef, type Ref } from '#memory/arena.ts';
import { EntryCursor } from '#structures/stream-entry.ts';
import { StreamId } from '#structures/stream-id.ts';
import { liveIn } from '#structures/stream-node.ts';
import { TreeCursor } from '#structures/tree.ts';
import { dropReferences, isReferenced, type ReferencePolicy } from './stream-references.ts';
import { firstIdAt, lengthAt, nodesOf } from './stream-root.ts';
import { dropEntry, dropNode, refreshFirstId } from './streams.ts';

/** What is to be left. */
export interface Trim {
  by: 'none' | 'length' | 'id';
  /** With `length`: how many entries may stay. */
  maxLength: number;
  /** With `id`: the first id that may stay. */
  readonly minId: StreamId;
  isApproximate: boolean;
  /** The most entries that go, 0 for all. */
  limit: number;
  policy: ReferencePolicy;
}

const place = new TreeCursor();
const entry = new EntryCursor();
const scratch = new StreamId();

/** Whether a trim takes anything, so that it is to be announced. With ACKED it may still find that references keep all. */
export function trims(cursor: KeyCursor, trim: Trim): boolean {
  const { arena, rootAt: root } = cursor;
  if (trim.by === 'none' || arena.word(root + lengthAt) === 0) return false;
  if (trim.by === 'length' && arena.word(root + lengthAt) <= trim.maxLength) return false;
  if (trim.by === 'id' && scratch.read(arena, root + firstIdAt).compare(trim.minId) >= 0)
    return false;
  const node = nodeAfter(arena, root, nullRef);
  if (trim.limit !== 0 && liveIn(arena, node) > trim.limit) return false;
  if (!trim.isApproximate) return true;
  return isWholly(arena, root, node, trim) && mayGo(arena, root, node, trim);
}

/** Deletes what a trim says. The change is announced. Returns how many entries went. */
export function trimStream(cursor: KeyCursor, trim: Trim): number {
  const { arena, rootAt: root } = cursor;
  let deleted = 0;
  let after: Ref = nullRef;
  for (;;) {
    if (trim.by === 'length' && arena.word(root + lengthAt) <= trim.maxLength) break;
    const node = nodeAfter(arena, root, after);
    if (node === 0) break;
    const live = liveIn(arena, node);
    if (trim.limit !== 0 && deleted + live > trim.limit) break;
    const goesWhole = isWholly(arena, root, node, trim);
    if (goesWhole && trim.policy === 'KEEPREF') {
      dropNode(arena, root, node);
      deleted += live;
      continue;
    }
    if (trim.isApproximate && !(goesWhole && mayGo(arena, root, node, trim))) break;
    const gone = trimNode(arena, root, node, trim);
    deleted += gone;
    if (!goesWhole) break;
    if (gone < live) after = node;
  }
  if (deleted > 0) refreshFirstId(cursor);
  return deleted;
}

/** The node after `node`, the first one for 0; 0 at the end. */
function nodeAfter(arena: Arena, root: number, node: Ref): Ref {
  const nodes = nodesOf(arena, root);
  if (node === 0) return nodes.first(place) ? nodes.value(place) : node;
  nodes.seekId(scratch.read(arena, node), place);
  return nodes.next(place) ? nodes.value(place) : nullRef;
}

/** Whether the trim asks for all entries of a node. */
function isWholly(arena: Arena, root: number, node: Ref, trim: Trim): boolean {
  if (trim.by === 'length')
    return arena.word(root + lengthAt) - liveIn(arena, node) >= trim.maxLength;
  entry.pointBehind(arena, node);
  return entry.previous() && entry.id.compare(trim.minId) < 0;
}

/** Whether no reference keeps an entry of the node. */
function mayGo(arena: Arena, root: number, node: Ref, trim: Trim): boolean {
  if (trim.policy !== 'ACKED') return true;
  entry.pointBefore(arena, node);
  while (entry.next()) if (isReferenced(arena, root, entry.id)) return false;
  return true;
}

/** Deletes entries of a node one by one, until the trim is content. */
function trimNode(arena: Arena, root: number, node: Ref, trim: Trim): number {
  let left = liveIn(arena, node);
  let deleted = 0;
  entry.pointBefore(arena, node);
  while (left > 0 && entry.next()) {
    left--;
    const isDone =
      trim.by === 'length'
        ? arena.word(root + lengthAt) <= trim.maxLength
        : entry.id.compare(trim.minId) >= 0;
    if (isDone) break;
    if (trim.policy === 'ACKED' && isReferenced(arena, root, entry.id)) continue;
    if (trim.policy === 'DELREF') dropReferences(arena, root, entry.id);
    dropEntry(arena, root, node, entry.flagsAt);
    deleted++;
  }
  return deleted;
}
