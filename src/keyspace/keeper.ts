/** What a save that is under way asks of the keyspace: to leave it what it has yet to write. */
import type { Arena, Ref } from '#memory/arena.ts';
import type { KeyCursor } from './key-cursor.ts';
import type { Part, Shard } from './shard.ts';

export interface Keeper {
  /** Whether commands that change nothing may do so all the same, because members of a value that is kept are due. */
  readonly concernsReads: boolean;
  /** Whether memory of values that were removed comes back once they are saved. */
  readonly isFreeing: boolean;
  /** Takes over a part that a flush detached, if it wants it, and then gives it to the keyspace's LazyFree itself. */
  keep(shard: Shard, part: Part): boolean;
  /**
   * Whether the existing value at the cursor is yet to be saved and so big that this would take long. A change would have to wait for it, so
   * those who can wait do not make it now.
   */
  needs(cursor: KeyCursor): boolean;
  /** The same, and has it saved next: Keyspace.onSaved is called then. */
  claim(cursor: KeyCursor): boolean;
  /** The existing key at the cursor is about to be removed with its value, which is left as it is until {@link uses} is asked. */
  beforeRemoval(cursor: KeyCursor): void;
  /** Whether an entry must neither move nor be freed. One that was removed is then given to LazyFree later. */
  uses(arena: Arena, entry: Ref): boolean;
}
