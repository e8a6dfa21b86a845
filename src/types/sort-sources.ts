/**
 * Where SORT meets the types: how the elements of each are walked, and how a field of a hash is read. A type that is not here
 * cannot be sorted.
 */
import { type ValueType, valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';
import type { ByteList } from './byte-list.ts';
import { findField } from './hashes.ts';
import { Field, isNoHash } from './hashes-form.ts';
import { ListCursor } from './list-cursor.ts';
import { lengthOf } from './lists-form.ts';
import { Member } from './set-member.ts';
import { SetView } from './set-view.ts';
import { SortedSetView } from './sorted-set-view.ts';

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

const inSet = new SetView();
const inSortedSet = new SortedSetView();
const member = new Member();

const sets: SortSource = {
  hasOrder: false,
  count: (cursor) => inSet.point(cursor).count,
  load(cursor, into) {
    inSet.point(cursor).begin();
    while (inSet.next(member)) addMember(into);
  },
};

const sortedSets: SortSource = {
  hasOrder: true,
  count: (cursor) => inSortedSet.point(cursor).count,
  load(cursor, into, from, count, fromEnd) {
    if (count === 0) return;
    const view = inSortedSet.point(cursor);
    view.seek(fromEnd ? view.count - 1 - from : from);
    for (let left = count; left > 0; left--) {
      view.read(member);
      addMember(into);
      if (fromEnd) view.previous();
      else view.next();
    }
  },
};

function addMember(into: ByteList): void {
  const { bytes, at, length } = member.text;
  into.add(bytes, at, length);
}

/** By type. */
export const sortSources: Readonly<Partial<Record<ValueType, SortSource>>> = {
  [valueType.list]: lists,
  [valueType.set]: sets,
  [valueType.zset]: sortedSets,
};

const found = new Field();

/** Points `into` at a field's value, in the arena of the existing key; false where that is no hash, or has no such field. */
export function readField(cursor: KeyCursor, field: Slice, into: Slice): boolean {
  if (isNoHash(cursor) || !findField(cursor, field, found)) return false;
  into.point(cursor.bytes, found.valueAt, found.valueLength);
  return true;
}
