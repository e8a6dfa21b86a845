/**
 * Where SORT meets the types: how the elements of each are walked, how a field of a hash is read, and how a list is made of
 * what was sorted. A type that is not here cannot be sorted.
 */
import type { ValueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';
import type { ByteList } from './byte-list.ts';

export interface SortSource {
  /** Whether positions mean anything. */
  readonly hasOrder: boolean;
  /** Elements of the existing value. O(1). */
  count(cursor: KeyCursor): number;
  /**
   * Adds copies of `count` elements, from position `from` on, in the value's own order, or with `fromEnd` positions and
   * order counted from its end. Of a type without order, always all.
   */
  load(cursor: KeyCursor, into: ByteList, from: number, count: number, fromEnd: boolean): void;
}

/** By type. */
export const sortSources: Readonly<Partial<Record<ValueType, SortSource>>> = {};

/** Points `into` at a field's value in the hash at the cursor; false where there is no such hash, or no such field. */
export function readField(_cursor: KeyCursor, _field: Slice, _into: Slice): boolean {
  return false;
}

/** Makes the key hold the list of the strings, of which there is one at least, whatever it held; a missing one is empty. */
export function storeList(_cursor: KeyCursor, _strings: ByteList): void {
  throw new Error('no lists yet');
}
