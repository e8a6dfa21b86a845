/**
 * What serialized values are written from and read into, in the terms of their types: walkers yield the elements of a
 * value, builders take them. So the formats know nothing of how a type keeps its elements, nor a type of formats.
 *
 * Walkers are pointed at one key after another, which ends the walk before. Who writes several values at a time has as many of
 * them. Builders belong to their type, which has one. Slices that they yield or are handed are valid until the next call.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';
import type { StreamId } from '#structures/stream-id.ts';
import type { EntryWords } from '#structures/stream-node.ts';

/** Yields the elements of an existing value that is not changed meanwhile. */
interface Walker {
  /** How many there are. */
  readonly count: number;
  /** Whether Redis too would keep so few and short elements in one of its compact encodings. */
  readonly isCompact: boolean;
  /** Goes to the next; false when there is none. */
  next(): boolean;
}

/** The elements of a list from its head, or a set's members in any order. */
export interface ElementWalker extends Walker {
  readonly element: Slice;
}

/** A sorted set's members, from the lowest score. */
export interface ScoreWalker extends Walker {
  readonly element: Slice;
  readonly score: number;
}

/** A hash's fields, in any order. */
export interface FieldWalker extends Walker {
  readonly field: Slice;
  readonly value: Slice;
  /** When the field expires, ms since the epoch; 0 = never. */
  readonly expireAtMs: number;
  /** When the first field of all expires; 0 if none does. */
  readonly firstExpireAtMs: number;
}

/** Takes the elements of a list, from its head. */
export interface ListBuilder {
  add(element: Slice): void;
}

/** Takes members. Returns false for one that is there already. */
export interface SetBuilder {
  add(member: Slice): boolean;
}

/** The same; the score is not NaN. */
export interface ZsetBuilder {
  add(member: Slice, score: number): boolean;
}

/** The same, of fields. One whose time has come is taken like any other. */
export interface HashBuilder {
  add(field: Slice, value: Slice, expireAtMs: number): boolean;
}

/** What a stream knows beside its entries and groups. */
export interface StreamFacts {
  readonly lastId: StreamId;
  /** The highest id of an entry that was deleted, 0-0 if none was. */
  readonly maxDeletedId: StreamId;
  readonly entriesAdded: bigint;
}

/** What a group knows beside its consumers and what is pending. */
export interface GroupFacts {
  readonly lastId: StreamId;
  /** -1 = not known. */
  readonly entriesRead: bigint;
}

/** A delivery that nobody has acknowledged. */
export interface PendingFacts {
  readonly id: StreamId;
  readonly deliveredAtMs: number;
  readonly deliveries: bigint;
}

/** What a consumer knows beside what is pending for it. */
export interface ConsumerFacts {
  readonly seenAtMs: number;
  /** When it last got something; -1 = never. */
  readonly activeAtMs: number;
}

/** How a stream remembers the messages of producers. */
export interface TrackingLimits {
  /** For how long, s. */
  readonly durationS: number;
  /** Of each producer so many. */
  readonly size: number;
}

/** What there ever was of them. */
export interface TrackingCounts {
  readonly added: bigint;
  readonly duplicates: bigint;
}

/**
 * Yields a stream: first its entries by id, each with its fields; then its groups, each with all that is pending, by id,
 * then its consumers, each with the ids of what is pending for it, and then the ids of what is pending for nobody;
 * at last the producers whose messages are remembered, each with these from the oldest on.
 */
export interface StreamWalker extends StreamFacts {
  /** Entries there are. */
  readonly length: number;
  readonly firstId: StreamId;
  nextEntry(): boolean;
  /** Goes back to before the first entry. */
  rewind(): void;
  readonly id: StreamId;
  nextField(): boolean;
  readonly field: Slice;
  readonly value: Slice;

  readonly groups: number;
  nextGroup(): boolean;
  readonly groupName: Slice;
  readonly group: GroupFacts;
  /** What is pending in the group. */
  readonly pendings: number;
  nextPending(): boolean;
  readonly pending: PendingFacts;
  readonly consumers: number;
  nextConsumer(): boolean;
  readonly consumerName: Slice;
  readonly consumer: ConsumerFacts;
  /** What is pending for the consumer. */
  readonly owned: number;
  nextOwned(): boolean;
  readonly ownedId: StreamId;
  /** What is pending in the group for nobody. */
  readonly unowned: number;
  nextUnowned(): boolean;
  readonly unownedId: StreamId;
  /** Whether any group has such. */
  readonly hasUnowned: boolean;

  /** Whether anything is known of producers, or is as it is not in any stream. */
  readonly hasTracking: boolean;
  readonly tracking: TrackingLimits & TrackingCounts;
  readonly producers: number;
  nextProducer(): boolean;
  readonly producerName: Slice;
  /** Messages of the producer. */
  readonly messages: number;
  nextMessage(): boolean;
  readonly messageName: Slice;
  /** The id of the entry that it became. */
  readonly messageId: StreamId;
}

/** Takes a stream in the order in which a {@link StreamWalker} yields one, the facts between entries and groups. */
export interface StreamBuilder {
  /** Adds an entry, of a higher id than those before. It has a field. */
  entry(id: StreamId, words: EntryWords): void;
  facts(facts: StreamFacts): void;
  /** Begins a group. Returns false if there is one of the name. */
  group(name: Slice, facts: GroupFacts): boolean;
  /** Adds to what is pending in the group, for a consumer to come. Returns false if it is there already. */
  pending(pending: PendingFacts): boolean;
  /** Begins a consumer of the group. Returns false if there is one of the name. */
  consumer(name: Slice, facts: ConsumerFacts): boolean;
  /** Makes the consumer the one that something is pending for. Returns false if nothing is under that id, or for another. */
  own(id: StreamId): boolean;
  /** Whether something is pending in the group under that id for nobody. */
  isUnowned(id: StreamId): boolean;
  /** To be called before any message. */
  tracking(limits: TrackingLimits): void;
  /** Remembers which entry a message of a producer became. Returns false if that is remembered already. */
  message(producer: Slice, message: Slice, id: StreamId): boolean;
  trackingCounts(counts: TrackingCounts): void;
}

/** How the value at a cursor is walked, by type. */
export interface ValueWalkers {
  list(cursor: KeyCursor): ElementWalker;
  set(cursor: KeyCursor): ElementWalker;
  zset(cursor: KeyCursor): ScoreWalker;
  hash(cursor: KeyCursor): FieldWalker;
  stream(cursor: KeyCursor): StreamWalker;
}

/**
 * How values are made, by type: each begins a draft at the cursor, which whoever asked for the value publishes or
 * abandons. How many elements are `expected` may decide on the form it begins with, and on no more: it is only what was
 * announced. Any of them may throw ArenaFullError.
 */
export interface ValueBuilders {
  string(cursor: KeyCursor, value: Slice): void;
  list(cursor: KeyCursor): ListBuilder;
  set(cursor: KeyCursor, expected: number): SetBuilder;
  zset(cursor: KeyCursor, expected: number): ZsetBuilder;
  hash(cursor: KeyCursor, expected: number): HashBuilder;
  stream(cursor: KeyCursor): StreamBuilder;
}
