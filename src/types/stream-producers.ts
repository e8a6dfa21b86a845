/**
 * What a stream remembers of messages that came with an id of their producer's, so that one that is sent again is not
 * added again (IDMP): for a while, and the last so many of each producer.
 *
 *     tracking   0   duration    word, s          producer    0   name length      message    0   name length
 *                4   size        word, a producer              4   messages tree               4   id           16 bytes
 *                8   added       int64, ever                  20   first, the oldest          20   at           wide, ms
 *               16   duplicates  int64, ever                  24   last                       28   next
 *               24   tracked     word, messages               28   name                       32   name
 *               28   producers   tree
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { allocate, free } from '#memory/allocator.ts';
import { type Arena, nowhere, nullRef, type Ref } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import { NameTree } from '#structures/name-tree.ts';
import { StreamId, streamIdBytes } from '#structures/stream-id.ts';
import { TreeCursor, treeHeaderBytes } from '#structures/tree.ts';
import { incrementInt64At, int64At, setInt64At, trackingAt } from './stream-root.ts';

const durationAt = 0;
const sizeAt = 4;
const addedAt = 8;
const duplicatesAt = 16;
const trackedAt = 24;
const producersAt = 28;
const trackingBytes = producersAt + treeHeaderBytes;

const messagesAt = 4;
const firstAt = messagesAt + treeHeaderBytes;
const lastAt = firstAt + 4;
const producerNameAt = lastAt + 4;

const messageIdAt = 4;
const messageTimeAt = messageIdAt + streamIdBytes;
const nextAt = messageTimeAt + 8;
const messageNameAt = nextAt + 4;

/** How long and how many messages are remembered unless a stream says otherwise. */
export const durationDefaultS = 100;
export const sizeDefault = 100;

const producers = new NameTree(producerNameAt);
const messages = new NameTree(messageNameAt);

/** What XINFO says of it. */
export interface Tracking {
  durationS: number;
  size: number;
  producers: number;
  tracked: number;
  added: bigint;
  duplicates: bigint;
}

/** Whether the stream has anything of this to say that is not so of any stream. */
export function hasTracking({ arena, rootAt }: KeyCursor): boolean {
  return arena.ref(rootAt + trackingAt) !== 0;
}

export function trackingOf({ arena, rootAt }: KeyCursor): Tracking {
  const block = arena.ref(rootAt + trackingAt);
  if (block === 0) {
    const none = { producers: 0, tracked: 0, added: 0n, duplicates: 0n };
    return { durationS: durationDefaultS, size: sizeDefault, ...none };
  }
  return {
    durationS: arena.word(block + durationAt),
    size: arena.word(block + sizeAt),
    producers: producersOf(arena, block).count,
    tracked: arena.word(block + trackedAt),
    added: int64At(arena, block + addedAt),
    duplicates: int64At(arena, block + duplicatesAt),
  };
}

/** Sets how long and how many; other values than before make the stream forget what it has. The change is announced. */
export function configureTracking(cursor: KeyCursor, durationS: number, size: number): void {
  const { arena } = cursor;
  const block = tracking(cursor);
  if (arena.word(block + durationAt) === durationS && arena.word(block + sizeAt) === size) return;
  while (disposeProducers(arena, block));
  arena.setWord(block + trackedAt, 0);
  arena.setWord(block + durationAt, durationS);
  arena.setWord(block + sizeAt, size);
}

/** Reads into `id` which entry a message became, if that is remembered. Returns whether it is. */
export function findMessage(
  { arena, rootAt }: KeyCursor,
  producer: Slice,
  message: Slice,
  nowMs: number,
  id: StreamId,
): boolean {
  const block = arena.ref(rootAt + trackingAt);
  const owner = block === 0 ? nullRef : producersOf(arena, block).find(producer);
  const found = owner === 0 ? nullRef : messagesOf(arena, owner).find(message);
  if (found === 0 || isOver(arena, block, found, nowMs)) return false;
  id.read(arena, found + messageIdAt);
  return true;
}

/** Counts a message that was sent again. The change is announced. */
export function countDuplicate({ arena, rootAt }: KeyCursor): void {
  incrementInt64At(arena, arena.ref(rootAt + trackingAt) + duplicatesAt);
}

/**
 * Remembers which entry a message became, which is not remembered. The change is announced. Its time is the entry's, so
 * that it is the same wherever this is done later, unless that is still to come.
 */
export function rememberMessage(
  cursor: KeyCursor,
  producer: Slice,
  message: Slice,
  nowMs: number,
  id: StreamId,
): void {
  const { arena } = cursor;
  const atMs = Math.min(nowMs, id.ms);
  const block = tracking(cursor);
  const owner = producersOf(arena, block).find(producer) || addProducer(arena, block, producer);
  const tree = messagesOf(arena, owner);
  for (let oldest = arena.ref(owner + firstAt); oldest !== 0; oldest = arena.ref(owner + firstAt)) {
    const hasRoom = tree.count < arena.word(block + sizeAt);
    if (hasRoom && !isOver(arena, block, oldest, atMs)) break;
    forgetOldest(arena, block, owner, oldest);
  }
  const added = tree.create(message);
  id.write(arena, added + messageIdAt);
  arena.setWide(added + messageTimeAt, atMs);
  arena.setWord(added + nextAt, 0);
  addOrFree(arena, tree, added);
  const last = arena.ref(owner + lastAt);
  arena.setWord(last === 0 ? owner + firstAt : last + nextAt, added);
  arena.setWord(owner + lastAt, added);
  arena.setWord(block + trackedAt, arena.word(block + trackedAt) + 1);
  incrementInt64At(arena, block + addedAt);
}

/** Frees some of what is remembered, and with the last of it the root's reference. Returns whether any is left. */
export function disposeTracking(arena: Arena, root: number): boolean {
  const block = arena.ref(root + trackingAt);
  if (block === 0) return false;
  if (disposeProducers(arena, block)) return true;
  free(arena, block);
  arena.setWord(root + trackingAt, 0);
  return false;
}

/** A stream's tracking, made if there is none. */
function tracking({ arena, rootAt }: KeyCursor): Ref {
  const known = arena.ref(rootAt + trackingAt);
  if (known !== 0) return known;
  const block = allocate(arena, trackingBytes);
  arena.setWord(block + durationAt, durationDefaultS);
  arena.setWord(block + sizeAt, sizeDefault);
  setInt64At(arena, block + addedAt, 0n);
  setInt64At(arena, block + duplicatesAt, 0n);
  arena.setWord(block + trackedAt, 0);
  producersOf(arena, block).format();
  arena.setWord(rootAt + trackingAt, block);
  return block;
}

function producersOf(arena: Arena, block: Ref): NameTree {
  return producers.point(arena, block + producersAt);
}

function messagesOf(arena: Arena, producer: Ref): NameTree {
  return messages.point(arena, producer + messagesAt);
}

function addProducer(arena: Arena, block: Ref, name: Slice): Ref {
  const tree = producersOf(arena, block);
  const producer = tree.create(name);
  messagesOf(arena, producer).format();
  arena.setWord(producer + firstAt, 0);
  arena.setWord(producer + lastAt, 0);
  addOrFree(arena, tree, producer);
  return producer;
}

function addOrFree(arena: Arena, tree: NameTree, block: Ref): void {
  try {
    tree.add(block);
  } catch (error) {
    free(arena, block);
    throw error;
  }
}

/** Whether a message was remembered for long enough. */
function isOver(arena: Arena, block: Ref, message: Ref, nowMs: number): boolean {
  return arena.wide(message + messageTimeAt) + arena.word(block + durationAt) * 1000 <= nowMs;
}

function forgetOldest(arena: Arena, block: Ref, producer: Ref, oldest: Ref): void {
  const next = arena.ref(oldest + nextAt);
  messagesOf(arena, producer).take(oldest);
  free(arena, oldest);
  arena.setWord(producer + firstAt, next);
  if (next === 0) arena.setWord(producer + lastAt, 0);
  arena.setWord(block + trackedAt, arena.word(block + trackedAt) - 1);
}

/** Frees a producer with its messages, at most some thousand. Returns whether there was one. */
function disposeProducers(arena: Arena, block: Ref): boolean {
  const all = producersOf(arena, block);
  if (all.count === 0) return false;
  const producer = all.firstValue();
  for (;;) {
    const oldest = arena.ref(producer + firstAt);
    if (oldest === 0) break;
    forgetOldest(arena, block, producer, oldest);
  }
  producersOf(arena, block).removeFirst();
  free(arena, producer);
  return true;
}

/** Sets what is counted of all that ever was, of a stream that remembers something or has something to count. */
export function setTrackedCounts(cursor: KeyCursor, added: bigint, duplicates: bigint): void {
  const { arena, rootAt } = cursor;
  if (arena.ref(rootAt + trackingAt) === 0 && added === 0n && duplicates === 0n) return;
  const block = tracking(cursor);
  setInt64At(arena, block + addedAt, added);
  setInt64At(arena, block + duplicatesAt, duplicates);
}

/** A walk over the producers of one stream after another, each with its messages from the oldest on. */
export class ProducerWalk {
  readonly producer = new Slice();
  readonly message = new Slice();
  readonly id = new StreamId();
  atMs = 0;
  private arena: Arena = nowhere;
  private readonly place = new TreeCursor();
  private readonly tree = new NameTree(producerNameAt);
  private owner: Ref = nullRef;
  private next: Ref = nullRef;
  private hasProducers = false;

  /** Begins before the first producer. */
  open(arena: Arena, root: number): void {
    const block = arena.ref(root + trackingAt);
    this.arena = arena;
    this.owner = nullRef;
    this.hasProducers = block !== 0;
    if (block !== 0) this.tree.point(arena, block + producersAt);
  }

  nextProducer(): boolean {
    const { arena, tree, place, owner } = this;
    if (!this.hasProducers) return false;
    this.hasProducers = owner === 0 ? tree.first(place) : tree.next(place);
    if (!this.hasProducers) return false;
    this.owner = tree.value(place);
    tree.nameOf(this.owner, this.producer);
    this.next = arena.ref(this.owner + firstAt);
    return true;
  }

  /** Messages of the producer. */
  get messages(): number {
    return messagesOf(this.arena, this.owner).count;
  }

  nextMessage(): boolean {
    const { arena, next } = this;
    if (next === 0) return false;
    this.message.point(arena.bytes, next + messageNameAt, arena.word(next));
    this.id.read(arena, next + messageIdAt);
    this.atMs = arena.wide(next + messageTimeAt);
    this.next = arena.ref(next + nextAt);
    return true;
  }
}

/** Copies what the stream at `from` remembers to that at `to`, which remembers nothing. */
export function copyTracking(from: KeyCursor, to: KeyCursor): void {
  const { arena } = from;
  if (!hasTracking(from)) return;
  const { durationS, size, added, duplicates } = trackingOf(from);
  configureTracking(to, durationS, size);
  for (walk.open(arena, from.rootAt); walk.nextProducer(); ) {
    while (walk.nextMessage()) {
      rememberMessage(to, walk.producer, walk.message, walk.atMs, walk.id);
    }
  }
  setTrackedCounts(to, added, duplicates);
}

const walk = new ProducerWalk();
