/**
 * What a stream keeps in its entry: its root, from which everything else is found.
 *
 *     root     0   last id         16 bytes: of the entry that was added last, there or not
 *             16   first id        16 bytes: of the first entry that is there, 0-0 without one
 *             32   max deleted id  16 bytes: the highest one that XDEL took
 *             48   entries added   int64: ever
 *             56   length          word: entries that are there
 *             60   last node       where the next entry goes, so that appending touches nothing else
 *             64   nodes           header of the tree of nodes by their first ids
 *             80   groups          header of the tree of consumer groups by name
 *             96   tracking        what is remembered of producers' messages (stream-producers.ts), 0 = nothing
 *
 * A stream may be empty and is still there, with its last id and its groups.
 */
import { type Form, rootAt, valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { type Arena, nullRef, type Ref } from '#memory/arena.ts';
import { IdTree } from '#structures/id-tree.ts';
import { NameTree } from '#structures/name-tree.ts';
import { type StreamId, streamIdBytes } from '#structures/stream-id.ts';
import { treeHeaderBytes } from '#structures/tree.ts';
import { groupNameAt } from './stream-group-layout.ts';

export const lastIdAt = 0;
export const firstIdAt = streamIdBytes;
export const maxDeletedIdAt = firstIdAt + streamIdBytes;
export const addedAt = maxDeletedIdAt + streamIdBytes;
export const lengthAt = addedAt + 8;
export const lastNodeAt = lengthAt + 4;
export const nodesAt = lastNodeAt + 4;
export const groupsAt = nodesAt + treeHeaderBytes;
export const trackingAt = groupsAt + treeHeaderBytes;
export const streamRootBytes = trackingAt + 4;

/** The only form there is: nodes and groups are blocks beside the entry. */
export const streamForm: Form = 4;

const nodes = new IdTree();
const groups = new NameTree(groupNameAt);

export function isOtherType(cursor: KeyCursor): boolean {
  return cursor.exists && cursor.type !== valueType.stream;
}

/** Makes the key, which does not exist, hold an empty stream. Announces. */
export function createStream(cursor: KeyCursor, event: string): void {
  cursor.createCollection(event, valueType.stream, streamForm, streamRootBytes);
  formatRoot(cursor.arena, cursor.rootAt);
}

/** Writes the root of an empty stream. */
export function formatRoot(arena: Arena, root: number): void {
  for (let at = 0; at < nodesAt; at += 4) arena.setWord(root + at, 0);
  nodes.point(arena, root + nodesAt).format();
  groups.point(arena, root + groupsAt).format();
  arena.setWord(root + trackingAt, 0);
}

export function lengthOf(cursor: KeyCursor): number {
  return cursor.arena.word(cursor.rootAt + lengthAt);
}

export function readLastId(cursor: KeyCursor, into: StreamId): StreamId {
  return into.read(cursor.arena, cursor.rootAt + lastIdAt);
}

/** A view of the tree of nodes, good until the next one is asked for. */
export function nodesOf(arena: Arena, root: number): IdTree {
  return nodes.point(arena, root + nodesAt);
}

/** A view of the tree of groups, good until the next one is asked for. */
export function groupsOf(arena: Arena, root: number): NameTree {
  return groups.point(arena, root + groupsAt);
}

export function rootOfEntry(arena: Arena, entry: Ref): number {
  return rootAt(arena, entry);
}

/** An int64 at a multiple of 4. */
export function int64At(arena: Arena, at: number): bigint {
  return arena.view.getBigInt64(at, true);
}

export function setInt64At(arena: Arena, at: number, value: bigint): void {
  arena.view.setBigInt64(at, value, true);
}

/** Adds 1 to the int64 at `at`, allocating nothing. */
export function incrementInt64At(arena: Arena, at: number): void {
  const low = (arena.word(at) + 1) | 0;
  arena.setWord(at, low);
  if (low === 0) arena.setWord(at + 4, arena.word(at + 4) + 1);
}

/** Lets the root know which node is the last, after one was taken out. */
export function refreshLastNode(arena: Arena, root: number): void {
  const tree = nodesOf(arena, root);
  const node = tree.count === 0 ? nullRef : tree.lastBlock();
  arena.setWord(root + lastNodeAt, node);
}
