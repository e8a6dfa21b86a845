/**
 * Makes streams: an entry after the other, then groups with what is pending in them and who it is
 * pending for, then the messages of producers.
 */
import type { Config } from '#config/config.ts';
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { nullRef, type Ref } from '#memory/arena.ts';
import type { Slice } from '#memory/slice.ts';
import { StreamId } from '#structures/stream-id.ts';
import type { EntryWords } from '#structures/stream-node.ts';
import { consumerActiveAt } from '#types/stream-group-layout.ts';
import {
  addGroup,
  consumerOf,
  createConsumer,
  findConsumer,
  findGroup,
  pendingOfGroup,
} from '#types/stream-groups.ts';
import { addPending, assignPending, setDelivery } from '#types/stream-pending.ts';
import {
  configureTracking,
  durationDefaultS,
  findMessage,
  rememberMessage,
  setTrackedCounts,
  sizeDefault,
} from '#types/stream-producers.ts';
import {
  addedAt,
  formatRoot,
  lastIdAt,
  maxDeletedIdAt,
  setInt64At,
  streamForm,
  streamRootBytes,
} from '#types/stream-root.ts';
import { append, type NodeLimits } from '#types/streams.ts';
import type {
  ConsumerFacts,
  GroupFacts,
  PendingFacts,
  StreamBuilder,
  StreamFacts,
  TrackingCounts,
  TrackingLimits,
} from '../values.ts';

class Builder implements StreamBuilder {
  private readonly cursor: KeyCursor;
  private readonly limits: NodeLimits;
  /** The group and the consumer that were begun last. */
  private lastGroup: Ref = nullRef;
  private lastConsumer: Ref = nullRef;
  private readonly known = new StreamId();

  constructor(cursor: KeyCursor, limits: NodeLimits) {
    this.cursor = cursor;
    this.limits = limits;
  }

  entry(id: StreamId, words: EntryWords): void {
    append(this.cursor, id, words, this.limits);
  }

  facts({ lastId, maxDeletedId, entriesAdded }: StreamFacts): void {
    const { arena, rootAt: root } = this.cursor;
    lastId.write(arena, root + lastIdAt);
    maxDeletedId.write(arena, root + maxDeletedIdAt);
    setInt64At(arena, root + addedAt, entriesAdded);
  }

  group(name: Slice, { lastId, entriesRead }: GroupFacts): boolean {
    const { cursor } = this;
    if (findGroup(cursor, name) !== 0) return false;
    this.lastGroup = addGroup(cursor.arena, cursor.rootAt, name, lastId, entriesRead);
    return true;
  }

  pending({ id, deliveredAtMs, deliveries }: PendingFacts): boolean {
    const { arena } = this.cursor;
    if (pendingOfGroup(arena, this.lastGroup).find(id) !== 0) return false;
    setDelivery(arena, addPending(arena, this.lastGroup, id), deliveredAtMs, deliveries);
    return true;
  }

  consumer(name: Slice, { seenAtMs, activeAtMs }: ConsumerFacts): boolean {
    const { arena } = this.cursor;
    if (findConsumer(arena, this.lastGroup, name) !== 0) return false;
    this.lastConsumer = createConsumer(arena, this.lastGroup, name, seenAtMs);
    arena.setWide(this.lastConsumer + consumerActiveAt, activeAtMs);
    return true;
  }

  own(id: StreamId): boolean {
    const { arena } = this.cursor;
    const pending = pendingOfGroup(arena, this.lastGroup).find(id);
    if (pending === 0 || consumerOf(arena, pending) !== 0) return false;
    assignPending(arena, pending, this.lastConsumer);
    return true;
  }

  isUnowned(id: StreamId): boolean {
    const { arena } = this.cursor;
    const pending = pendingOfGroup(arena, this.lastGroup).find(id);
    return pending !== 0 && consumerOf(arena, pending) === 0;
  }

  tracking({ durationS, size }: TrackingLimits): void {
    const isUsual = durationS === durationDefaultS && size === sizeDefault;
    if (!isUsual) configureTracking(this.cursor, durationS, size);
  }

  message(producer: Slice, message: Slice, id: StreamId): boolean {
    if (findMessage(this.cursor, producer, message, 0, this.known)) return false;
    rememberMessage(this.cursor, producer, message, Number.POSITIVE_INFINITY, id);
    return true;
  }

  trackingCounts({ added, duplicates }: TrackingCounts): void {
    setTrackedCounts(this.cursor, added, duplicates);
  }
}

export function buildStream(cursor: KeyCursor, config: Config): StreamBuilder {
  cursor.draft(valueType.stream, streamForm, streamRootBytes);
  formatRoot(cursor.arena, cursor.rootAt);
  return new Builder(cursor, {
    bytes: config.get('stream-node-max-bytes'),
    entries: config.get('stream-node-max-entries'),
  });
}
