/**
 * Where SORT meets the types: how the elements of each are walked, and how a field of a hash is read. A type that is not here
 * cannot be sorted.
 */
import { type ValueType, valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';
import type { ByteList } from './byte-list.ts';
import { ListCursor } from './list-cursor.ts';
import { lengthOf } from './lists-form.ts';

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

const inList = new ListCursor();

const lists: SortSource = {
  hasOrder: true,
  count: lengthOf,
  load(cursor, into, from, count, fromEnd) {
    if (count === 0) return;
    const { element } = inList;
    inList.open(cursor, fromEnd ? lengthOf(cursor) - 1 - from : from);
    for (let left = count; left > 0; left--) {
      into.add(element.bytes, element.at, element.length);
      if (fromEnd) inList.previous();
      else inList.next();
    }
  },
};

/** By type. */
export const sortSources: Readonly<Partial<Record<ValueType, SortSource>>> = {
  [valueType.list]: lists,
};

/** Points `into` at a field's value in the hash at the cursor; false where there is no such hash, or no such field. */
export function readField(_cursor: KeyCursor, _field: Slice, _into: Slice): boolean {
  return false;
}
