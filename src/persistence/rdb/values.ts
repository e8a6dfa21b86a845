/**
 * What serialized values are written from and read into, in the terms of their types: walkers yield the elements of a
 * value, builders take them. So the formats know nothing of how a type keeps its elements, nor a type of formats.
 *
 * Walkers and builders belong to their type, which has one of each and points it at one key after another. Slices that they
 * yield or are handed are valid until the next call.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';

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

/** How the value at a cursor is walked, by type. */
export interface ValueWalkers {
  list(cursor: KeyCursor): ElementWalker;
  set(cursor: KeyCursor): ElementWalker;
  zset(cursor: KeyCursor): ScoreWalker;
  hash(cursor: KeyCursor): FieldWalker;
}

/**
 * How values are made, by type: each begins a draft at the cursor, which whoever asked for the value publishes or
 * abandons. Any of them may throw ArenaFullError.
 */
export interface ValueBuilders {
  string(cursor: KeyCursor, value: Slice): void;
  list(cursor: KeyCursor): ListBuilder;
  set(cursor: KeyCursor): SetBuilder;
  zset(cursor: KeyCursor): ZsetBuilder;
  hash(cursor: KeyCursor): HashBuilder;
}
