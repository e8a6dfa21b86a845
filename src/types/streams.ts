/** Adding entries to a stream and taking them out of it. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { free } from '#memory/allocator.ts';
import type { Arena, Ref } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import { StreamId } from '#structures/stream-id.ts';
import {
  appendToNode,
  contentBytes,
  createNode,
  deadIn,
  deleteInNode,
  type EntryWords,
  entryBytes,
  freeNode,
  hasFieldsOf,
  liveIn,
  makeRoomInNode,
  nodeBytes,
  sealNode,
} from '#structures/stream-node.ts';
import {
  addedAt,
  firstIdAt,
  incrementInt64At,
  lastIdAt,
  lastNodeAt,
  lengthAt,
  maxDeletedIdAt,
  nodesOf,
  refreshLastNode,
} from './stream-root.ts';
import { findEntry, readBottomId } from './stream-walk.ts';

/** A node never grows beyond this, whatever the configuration allows. */
const nodeBytesLimit = 1 << 26;

/** How large nodes may become; 0 is no limit. */
export interface NodeLimits {
  readonly bytes: number;
  readonly entries: number;
}

/**
 * Appends an entry whose id is above the last. The change is announced. Throws ArenaFullError, with the stream as it was.
 * O(log n) of the nodes where one is full, else O(bytes of the entry).
 */
export function append(
  cursor: KeyCursor,
  id: StreamId,
  words: EntryWords,
  limits: NodeLimits,
): void {
  const { arena, rootAt: root } = cursor;
  const last = arena.ref(root + lastNodeAt);
  if (last === 0 || isFull(arena, last, words, limits)) {
    const node = addNode(arena, root, id, words);
    if (last !== 0) sealNode(arena, last);
    appendToNode(arena, node, id, words, true, contentBytes(arena, node, id, words, true));
  } else {
    const shares = hasFieldsOf(arena, last, words);
    const content = contentBytes(arena, last, id, words, shares);
    const node = roomyNode(arena, root, last, entryBytes(content));
    appendToNode(arena, node, id, words, shares, content);
  }
  incrementInt64At(arena, root + addedAt);
  const length = arena.word(root + lengthAt) + 1;
  arena.setWord(root + lengthAt, length);
  id.write(arena, root + lastIdAt);
  if (length === 1) id.write(arena, root + firstIdAt);
}

function isFull(arena: Arena, node: Ref, words: EntryWords, limits: NodeLimits): boolean {
  if (limits.entries !== 0 && liveIn(arena, node) + deadIn(arena, node) >= limits.entries) {
    return true;
  }
  let bytes = nodeBytes(arena, node);
  for (let i = 0; i < words.length; i++) bytes += words.into(i, word).length;
  return bytes >= (limits.bytes === 0 ? nodeBytesLimit : Math.min(limits.bytes, nodeBytesLimit));
}

function addNode(arena: Arena, root: number, id: StreamId, words: EntryWords): Ref {
  const node = createNode(arena, id, words);
  try {
    nodesOf(arena, root).add(node);
  } catch (error) {
    free(arena, node);
    throw error;
  }
  arena.setWord(root + lastNodeAt, node);
  return node;
}

/** The last node, moved if it has no room for `needed` bytes. */
function roomyNode(arena: Arena, root: number, node: Ref, needed: number): Ref {
  const roomy = makeRoomInNode(arena, node, needed);
  if (roomy === node) return node;
  nodesOf(arena, root).exchange(node, roomy);
  freeNode(arena, node);
  arena.setWord(root + lastNodeAt, roomy);
  return roomy;
}

/** Deletes the entry with this id. The change is announced. Returns whether there was one. */
export function deleteEntry(cursor: KeyCursor, id: StreamId): boolean {
  const { arena, rootAt: root } = cursor;
  const entry = findEntry(arena, root, id);
  if (entry === undefined) return false;
  dropEntry(arena, root, entry.node, entry.flagsAt);
  return true;
}

/** Deletes an entry of a node, and the node with its last one. */
export function dropEntry(arena: Arena, root: number, node: Ref, flagsAt: number): void {
  if (liveIn(arena, node) === 1) dropNode(arena, root, node);
  else {
    deleteInNode(arena, node, flagsAt);
    arena.setWord(root + lengthAt, arena.word(root + lengthAt) - 1);
  }
}

/** Deletes a node with all its entries. */
export function dropNode(arena: Arena, root: number, node: Ref): void {
  const length = arena.word(root + lengthAt) - liveIn(arena, node);
  nodesOf(arena, root).take(node);
  freeNode(arena, node);
  arena.setWord(root + lengthAt, length);
  refreshLastNode(arena, root);
}

/** Takes note that XDEL deleted the entry with this id, before {@link refreshFirstId}. */
export function noteDeleted(cursor: KeyCursor, id: StreamId): void {
  const { arena, rootAt: root } = cursor;
  if (scratch.read(arena, root + maxDeletedIdAt).compare(id) < 0) {
    id.write(arena, root + maxDeletedIdAt);
  }
}

/** Finds the first entry again, after some were deleted. */
export function refreshFirstId(cursor: KeyCursor): void {
  const { arena, rootAt: root } = cursor;
  readBottomId(arena, root, scratch).write(arena, root + firstIdAt);
}

const word = new Slice();
const scratch = new StreamId();
