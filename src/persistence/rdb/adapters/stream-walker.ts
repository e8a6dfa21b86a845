/** Walks streams. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { type Arena, nowhere, nullRef, type Ref } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import { IdTree } from '#structures/id-tree.ts';
import { NameTree } from '#structures/name-tree.ts';
import { StreamId } from '#structures/stream-id.ts';
import { TreeCursor } from '#structures/tree.ts';
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
} from '#types/stream-group-layout.ts';
import { consumerOf } from '#types/stream-groups.ts';
import { deliveredAtMs, deliveriesOf } from '#types/stream-pending.ts';
import { hasTracking, ProducerWalk, type Tracking, trackingOf } from '#types/stream-producers.ts';
import {
  addedAt,
  firstIdAt,
  groupsAt,
  int64At,
  lastIdAt,
  lengthAt,
  maxDeletedIdAt,
} from '#types/stream-root.ts';
import { StreamWalk } from '#types/stream-walk.ts';
import type { ConsumerFacts, GroupFacts, PendingFacts, StreamWalker } from '../values.ts';

const noTracking: Tracking = {
  durationS: 0,
  size: 0,
  producers: 0,
  tracked: 0,
  added: 0n,
  duplicates: 0n,
};
const minId = new StreamId().setMin();
const maxId = new StreamId().setMax();

/** A tree and a place in it. */
class Steps<T extends IdTree | NameTree> {
  readonly tree: T;
  /** The block at the place, null before the first. */
  block: Ref = nullRef;
  private readonly place = new TreeCursor();

  constructor(tree: T) {
    this.tree = tree;
  }

  open(arena: Arena, at: number): void {
    this.tree.point(arena, at);
    this.block = nullRef;
  }

  next(): boolean {
    const { place, tree } = this;
    const more = this.block === nullRef ? tree.first(place) : tree.next(place);
    if (more) this.block = tree.value(place);
    return more;
  }
}

class Walker implements StreamWalker {
  readonly lastId = new StreamId();
  readonly firstId = new StreamId();
  readonly maxDeletedId = new StreamId();
  readonly field = new Slice();
  readonly value = new Slice();
  readonly groupName = new Slice();
  readonly consumerName = new Slice();
  readonly ownedId = new StreamId();
  readonly unownedId = new StreamId();
  length = 0;
  entriesAdded = 0n;
  /** Of the group. */
  unowned = 0;
  hasUnowned = false;
  hasTracking = false;
  tracking = noTracking;
  private arena: Arena = nowhere;
  private root = 0;
  private fieldsLeft = 0;
  private readonly groupId = new StreamId();
  private readonly pendingId = new StreamId();
  private readonly walk = new StreamWalk();
  private readonly groupSteps = new Steps(new NameTree(groupNameAt));
  private readonly pendingSteps = new Steps(new IdTree());
  private readonly unownedSteps = new Steps(new IdTree());
  private readonly producerWalk = new ProducerWalk();
  private readonly consumerSteps = new Steps(new NameTree(consumerNameAt));
  private readonly ownedSteps = new Steps(new IdTree());

  open(cursor: KeyCursor): this {
    const { arena, rootAt: root } = cursor;
    this.arena = arena;
    this.hasTracking = hasTracking(cursor);
    this.tracking = trackingOf(cursor);
    this.producerWalk.open(arena, root);
    this.length = arena.word(root + lengthAt);
    this.entriesAdded = int64At(arena, root + addedAt);
    this.lastId.read(arena, root + lastIdAt);
    this.firstId.read(arena, root + firstIdAt);
    this.maxDeletedId.read(arena, root + maxDeletedIdAt);
    this.root = root;
    this.rewind();
    this.groupSteps.open(arena, root + groupsAt);
    this.hasUnowned = false;
    while (this.nextGroup()) if (this.unowned > 0) this.hasUnowned = true;
    this.groupSteps.open(arena, root + groupsAt);
    return this;
  }

  rewind(): void {
    this.walk.start(this.arena, this.root, minId, maxId);
  }

  nextEntry(): boolean {
    if (!this.walk.next()) return false;
    this.fieldsLeft = this.walk.entry.fieldCount;
    return true;
  }

  get id(): StreamId {
    return this.walk.entry.id;
  }

  nextField(): boolean {
    if (this.fieldsLeft === 0) return false;
    this.fieldsLeft--;
    const { entry } = this.walk;
    entry.nextField();
    this.field.point(this.arena.bytes, entry.fieldAt, entry.fieldLength);
    this.value.point(this.arena.bytes, entry.valueAt, entry.valueLength);
    return true;
  }

  get groups(): number {
    return this.groupSteps.tree.count;
  }

  nextGroup(): boolean {
    const { arena, groupSteps, consumerSteps } = this;
    if (!groupSteps.next()) return false;
    const group = groupSteps.block;
    groupSteps.tree.nameOf(group, this.groupName);
    this.groupId.read(arena, group + groupLastIdAt);
    this.pendingSteps.open(arena, group + groupPendingAt);
    this.unownedSteps.open(arena, group + groupPendingAt);
    this.unowned = this.pendings;
    consumerSteps.open(arena, group + groupConsumersAt);
    while (this.nextConsumer()) this.unowned -= this.owned;
    consumerSteps.open(arena, group + groupConsumersAt);
    return true;
  }

  get group(): GroupFacts {
    const entriesRead = int64At(this.arena, this.groupSteps.block + groupReadAt);
    return { lastId: this.groupId, entriesRead };
  }

  get pendings(): number {
    return this.pendingSteps.tree.count;
  }

  nextPending(): boolean {
    return this.pendingSteps.next();
  }

  get pending(): PendingFacts {
    const { arena } = this;
    const { block } = this.pendingSteps;
    return {
      id: this.pendingId.read(arena, block),
      deliveredAtMs: deliveredAtMs(arena, block),
      deliveries: deliveriesOf(arena, block),
    };
  }

  get consumers(): number {
    return this.consumerSteps.tree.count;
  }

  nextConsumer(): boolean {
    const { arena, consumerSteps } = this;
    if (!consumerSteps.next()) return false;
    consumerSteps.tree.nameOf(consumerSteps.block, this.consumerName);
    this.ownedSteps.open(arena, consumerSteps.block + consumerPendingAt);
    return true;
  }

  get consumer(): ConsumerFacts {
    const { arena } = this;
    const { block } = this.consumerSteps;
    return {
      seenAtMs: arena.wide(block + consumerSeenAt),
      activeAtMs: arena.wide(block + consumerActiveAt),
    };
  }

  get owned(): number {
    return this.ownedSteps.tree.count;
  }

  nextOwned(): boolean {
    if (!this.ownedSteps.next()) return false;
    this.ownedId.read(this.arena, this.ownedSteps.block);
    return true;
  }

  nextUnowned(): boolean {
    const { arena, unownedSteps } = this;
    while (unownedSteps.next()) {
      if (consumerOf(arena, unownedSteps.block) !== 0) continue;
      this.unownedId.read(arena, unownedSteps.block);
      return true;
    }
    return false;
  }

  get producers(): number {
    return this.tracking.producers;
  }

  nextProducer(): boolean {
    return this.producerWalk.nextProducer();
  }

  get producerName(): Slice {
    return this.producerWalk.producer;
  }

  get messages(): number {
    return this.producerWalk.messages;
  }

  nextMessage(): boolean {
    return this.producerWalk.nextMessage();
  }

  get messageName(): Slice {
    return this.producerWalk.message;
  }

  get messageId(): StreamId {
    return this.producerWalk.id;
  }
}

/** One walker, to be pointed at one key after another. */
export function streamWalker(): (cursor: KeyCursor) => StreamWalker {
  const walker = new Walker();
  return (cursor) => walker.open(cursor);
}
