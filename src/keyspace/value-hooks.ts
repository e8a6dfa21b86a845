/**
 * What the keyspace asks of the types, which it knows only by number: to free and to check what a value keeps beside its
 * entry. Handed to the keyspace when it is made.
 */
import type { Arena, Ref } from '#memory/arena.ts';
import type { ValueType } from './entry.ts';
import type { KeyCursor } from './key-cursor.ts';

export interface ValueHooks {
  /**
   * Frees some hundreds of the blocks that a value which owns blocks keeps beside its entry. Returns whether any is
   * left. Nothing else is called for this value in between, and no table knows it any more.
   */
  dispose(arena: Arena, entry: Ref): boolean;
  /**
   * Removes up to `countMax` members whose time has come, the key too if none is left, and notes when the next one's
   * comes (field-expiry.ts). Announces. Returns how many. For a type whose members expire.
   */
  expireMembers?(cursor: KeyCursor, countMax: number): number;
  /** Checks that everything in the value adds up. O(n); for tests. Throws InvariantError. */
  verify(cursor: KeyCursor): void;
}

/** The hooks of each type that has any. */
export type HooksByType = Readonly<Partial<Record<ValueType, ValueHooks>>>;
