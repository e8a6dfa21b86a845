/**
 * A node of a stream: up to some hundred entries in one block, the fields that they have in common stored once.
 *
 *     node    0   id            the first entry's, 16 bytes
 *            16   live          word: entries that are not deleted
 *            20   dead          word: deleted ones, whose bytes are still there
 *            24   end           word: where the entries end, from the node's beginning
 *            28   field count, then length and bytes of each: the first entry's fields
 *                 entries
 *
 *     entry   length            of what follows
 *             flags             byte: deleted; has the node's fields
 *             ms                less the node's
 *             sequence          less the node's where the ms are the node's, else as it is
 *             [field count]     unless the fields are the node's
 *             [length, field] length, value     of each
 *
 * Counts, lengths and ids are varints (varint.ts). An entry of one 4-byte value takes 10 or 11 bytes, where Redis 7
 * spends 15 or 16. A walk is from the front, one addition an entry; a walk from the end notes where entries begin first.
 */
import { allocate, free, payloadBytes, resizeInPlace } from '#memory/allocator.ts';
import type { Arena, Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import { equalBytes } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import { StreamId, streamIdBytes } from './stream-id.ts';
import {
  readVarint,
  varintBytes,
  varintEnd,
  wideVarintBytes,
  writeVarint,
  writeWideVarint,
} from './varint.ts';

const liveAt = streamIdBytes;
const deadAt = liveAt + 4;
const endAt = deadAt + 4;
/** Where the node's own fields begin. */
export const nodeFieldsAt = endAt + 4;

export const deletedFlag = 1;
export const nodeFieldsFlag = 2;

/** A block that is to grow begins with room for about this many entries of its first one's size. */
const roomFactor = 2;

/** Fields and values in turn: what is appended. */
export interface EntryWords {
  readonly length: number;
  /** Points `slice` at the word numbered `index`. */
  into(index: number, slice: Slice): Slice;
}

export function liveIn(arena: Arena, node: Ref): number {
  return arena.word(node + liveAt);
}

export function deadIn(arena: Arena, node: Ref): number {
  return arena.word(node + deadAt);
}

/** Bytes of the node that are in use. */
export function nodeBytes(arena: Arena, node: Ref): number {
  return arena.word(node + endAt);
}

/** A new node with the fields of an entry that is yet to be appended. Throws ArenaFullError. */
export function createNode(arena: Arena, id: StreamId, words: EntryWords): Ref {
  let bytes = nodeFieldsAt + varintBytes(words.length >> 1);
  for (let i = 0; i < words.length; i += 2) bytes += wordBytesOf(words.into(i, word));
  const node = allocate(arena, bytes + entryBytes(contentBytes(arena, 0, id, words, true)));
  id.write(arena, node);
  arena.setWord(node + liveAt, 0);
  arena.setWord(node + deadAt, 0);
  arena.setWord(node + endAt, bytes);
  let at = writeVarint(arena.bytes, node + nodeFieldsAt, words.length >> 1);
  for (let i = 0; i < words.length; i += 2) at = putWord(arena, at, words.into(i, word));
  assert(at === node + bytes, 'stream node: its fields take what was reckoned');
  return node;
}

/** Whether an entry's fields are the node's. */
export function hasFieldsOf(arena: Arena, node: Ref, words: EntryWords): boolean {
  const { bytes } = arena;
  if (readVarint(bytes, node + nodeFieldsAt) !== words.length >> 1) return false;
  let at = varintEnd();
  for (let i = 0; i < words.length; i += 2) {
    const field = words.into(i, word);
    if (readVarint(bytes, at) !== field.length) return false;
    at = varintEnd();
    if (!equalBytes(bytes, at, field.bytes, field.at, field.length)) return false;
    at += field.length;
  }
  return true;
}

/**
 * Gives a node room for `length` bytes of entries more, moving it where it must. Returns where it is then; the old
 * block is still there if that is another one, and the caller's to free. Throws ArenaFullError.
 */
export function makeRoomInNode(arena: Arena, node: Ref, length: number): Ref {
  const used = nodeBytes(arena, node);
  const wanted = used + length;
  if (wanted <= payloadBytes(arena, node)) return node;
  const generous = used * roomFactor + length;
  if (resizeInPlace(arena, node, generous)) return node;
  const moved = allocate(arena, generous);
  arena.move(moved, node, used);
  return moved;
}

/** Gives back what a node that does not grow any more has too much. */
export function sealNode(arena: Arena, node: Ref): void {
  resizeInPlace(arena, node, nodeBytes(arena, node));
}

/** A copy of a node, maybe in another arena, as small as it can be. Throws ArenaFullError. */
export function copyNode(from: Arena, node: Ref, to: Arena): Ref {
  const bytes = nodeBytes(from, node);
  const copy = allocate(to, bytes);
  to.put(copy, from.bytes, node, bytes);
  return copy;
}

export function freeNode(arena: Arena, node: Ref): void {
  free(arena, node);
}

/** Bytes of an entry in a node, its length included. */
export function entryBytes(content: number): number {
  return varintBytes(content) + content;
}

/** What an entry's length says; in a new node if that is 0, whose id is then the entry's. O(words). */
export function contentBytes(
  arena: Arena,
  node: Ref | 0,
  id: StreamId,
  words: EntryWords,
  sharesFields: boolean,
): number {
  const delta = node === 0 ? distance.setMin() : distanceTo(arena, node, id);
  let bytes = 1 + wideVarintBytes(delta.msHigh, delta.msLow);
  bytes += wideVarintBytes(delta.seqHigh, delta.seqLow);
  if (!sharesFields) bytes += varintBytes(words.length >> 1);
  for (let i = sharesFields ? 1 : 0; i < words.length; i += sharesFields ? 2 : 1) {
    bytes += wordBytesOf(words.into(i, word));
  }
  return bytes;
}

/** Appends an entry, of {@link contentBytes} for which there is room, and whose id is above all others. O(its bytes). */
export function appendToNode(
  arena: Arena,
  node: Ref,
  id: StreamId,
  words: EntryWords,
  sharesFields: boolean,
  content: number,
): void {
  const { bytes } = arena;
  const delta = distanceTo(arena, node, id);
  let at = writeVarint(bytes, node + nodeBytes(arena, node), content);
  const end = at + content;
  assert(end - node <= payloadBytes(arena, node), 'stream node: there is room for an entry');
  bytes[at++] = sharesFields ? nodeFieldsFlag : 0;
  at = writeWideVarint(bytes, at, delta.msHigh, delta.msLow);
  at = writeWideVarint(bytes, at, delta.seqHigh, delta.seqLow);
  if (!sharesFields) at = writeVarint(bytes, at, words.length >> 1);
  for (let i = sharesFields ? 1 : 0; i < words.length; i += sharesFields ? 2 : 1) {
    at = putWord(arena, at, words.into(i, word));
  }
  assert(at === end, 'stream node: an entry takes what was reckoned');
  arena.setWord(node + endAt, end - node);
  arena.setWord(node + liveAt, liveIn(arena, node) + 1);
}

/** Marks the entry whose flags are at byte offset `flagsAt` as deleted. */
export function deleteInNode(arena: Arena, node: Ref, flagsAt: number): void {
  arena.setByte(flagsAt, arena.byte(flagsAt) | deletedFlag);
  arena.setWord(node + liveAt, liveIn(arena, node) - 1);
  arena.setWord(node + deadAt, deadIn(arena, node) + 1);
}

/** What an entry stores of its id. */
function distanceTo(arena: Arena, node: Ref, id: StreamId): StreamId {
  base.read(arena, node);
  if (!base.hasSameMs(id)) {
    const msLow = (id.msLow - base.msLow) | 0;
    const borrow = id.msLow >>> 0 < base.msLow >>> 0 ? 1 : 0;
    return distance.setWords(id.msHigh - base.msHigh - borrow, msLow, id.seqHigh, id.seqLow);
  }
  const seqLow = (id.seqLow - base.seqLow) | 0;
  const borrow = id.seqLow >>> 0 < base.seqLow >>> 0 ? 1 : 0;
  return distance.setWords(0, 0, id.seqHigh - base.seqHigh - borrow, seqLow);
}

/** Turns what an entry of `node` stores of its id into the id. */
export function addDistance(arena: Arena, node: Ref, id: StreamId): void {
  base.read(arena, node);
  if ((id.msHigh | id.msLow) !== 0) {
    const low = (id.msLow + base.msLow) | 0;
    const carry = low >>> 0 < base.msLow >>> 0 ? 1 : 0;
    id.setWords(id.msHigh + base.msHigh + carry, low, id.seqHigh, id.seqLow);
    return;
  }
  const low = (id.seqLow + base.seqLow) | 0;
  const carry = low >>> 0 < base.seqLow >>> 0 ? 1 : 0;
  id.setWords(base.msHigh, base.msLow, id.seqHigh + base.seqHigh + carry, low);
}

function wordBytesOf({ length }: Slice): number {
  return varintBytes(length) + length;
}

function putWord(arena: Arena, at: number, { bytes, at: from, length }: Slice): number {
  const start = writeVarint(arena.bytes, at, length);
  arena.put(start, bytes, from, length);
  return start + length;
}

const word = new Slice();
const base = new StreamId();
const distance = new StreamId();
