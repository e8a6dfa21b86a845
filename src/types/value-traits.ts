/** What every type says of its values, for the operations and commands that work on keys of any type. */

import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { ValueHooks } from '#keyspace/value-hooks.ts';
import type { Arena, Ref } from '#memory/arena.ts';

export interface ValueTraits extends ValueHooks {
  /** What TYPE answers and SCAN's TYPE asks for. */
  readonly name: string;
  /** What OBJECT ENCODING answers: Redis's name for how it would keep the value. */
  encoding(cursor: KeyCursor): string;
  /**
   * Drafts at `target` a value equal to that of the existing key at `source`, in memory of its own, maybe of
   * another arena. `source` stays as it is. O(n).
   */
  copy(source: KeyCursor, target: KeyCursor): void;
  /**
   * Bytes that the value takes beside its entry's block, calculated from about `samples` elements; of all with 0.
   * O(samples).
   */
  bytesBeside(cursor: KeyCursor, samples: number): number;
}

/** The part that is the same for all types whose values lie in their entries. */
export const inlineTraits = {
  dispose(_arena: Arena, _entry: Ref): boolean {
    return false;
  },
  verify(_cursor: KeyCursor): void {},
  bytesBeside(): number {
    return 0;
  },
};
