/** What sets are to whoever works on keys of any type. */
import { rootAt, valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { payloadBytes } from '#memory/allocator.ts';
import type { Arena, Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import { copyBytes } from '#memory/bytes.ts';
import { MemberTable } from '#structures/member-table.ts';
import { packHeaderBytes } from '#structures/pack.ts';
import { tableHeaderBytes } from '#structures/table.ts';
import { tableBytes } from '#structures/table-size.ts';
import { becomeTable, freeSlice, insertItem } from './set-forms.ts';
import { Member } from './set-member.ts';
import { SetView, setForm } from './set-view.ts';
import type { ValueTraits } from './value-traits.ts';

const blockHeaderBytes = 4;
/** A table that is taken apart hashes nothing. */
const noSeed = { low: 0, high: 0 };

const view = new SetView();
const other = new SetView();
const member = new Member();
const table = new MemberTable();

export const setTraits: ValueTraits = {
  name: 'set',

  encoding(cursor: KeyCursor): string {
    if (cursor.form === setForm.table) return 'hashtable';
    return cursor.form === setForm.pack ? 'listpack' : 'intset';
  },

  copy(source: KeyCursor, target: KeyCursor): void {
    if (source.form === setForm.table) {
      copyTable(source, target);
      return;
    }
    const length = source.rootLength;
    target.draft(valueType.set, source.form, length);
    copyBytes(target.bytes, target.rootAt, source.bytes, source.rootAt, length);
  },

  dispose(arena: Arena, entry: Ref): boolean {
    return freeSlice(table.point(arena, rootAt(arena, entry), noSeed));
  },

  bytesBeside(cursor: KeyCursor, samples: number): number {
    if (cursor.form !== setForm.table) return 0;
    view.point(cursor);
    let bytes = 0;
    let looked = 0;
    for (view.begin(); looked !== (samples || view.count) && view.next(member); looked++) {
      bytes += payloadBytes(view.arena, view.item) + blockHeaderBytes;
    }
    const items = Math.round((bytes / looked) * view.count);
    return items + tableBytes(view.arena, cursor.rootAt);
  },

  verify(cursor: KeyCursor): void {
    view.point(cursor);
    assert(view.count > 0, 'set: an empty one does not exist');
    if (view.form === setForm.table) view.table.verify();
    else if (view.form === setForm.pack) view.pack.verify();
    else view.integers.verify();
    let members = 0;
    other.point(cursor);
    for (view.begin(); view.next(member); members++) {
      assert(other.find(member), 'set: a member is found');
      assert(isSamePlace(), 'set: a member is there once');
    }
    assert(members === view.count, 'set: a walk meets every member');
  },
};

function isSamePlace(): boolean {
  if (view.form === setForm.table) return view.item === other.item;
  if (view.form === setForm.integers) return view.index === other.index;
  return view.place.index === other.place.index;
}

function copyTable(source: KeyCursor, target: KeyCursor): void {
  target.draft(valueType.set, setForm.pack, Math.max(packHeaderBytes, tableHeaderBytes));
  try {
    view.point(target).pack.format();
    view.point(source);
    becomeTable(target, view.count);
    other.point(target);
    for (view.begin(); view.next(member); ) {
      insertItem(other.table, member.probe(view.seed));
    }
  } catch (error) {
    target.abandon();
    throw error;
  }
}
