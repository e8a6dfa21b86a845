/** What sorted sets are to whoever works on keys of any type. */
import { rootAt, valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { payloadBytes } from '#memory/allocator.ts';
import type { Arena, Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import { compareBytes, copyBytes } from '#memory/bytes.ts';
import { tableBytes } from '#structures/table-size.ts';
import { Member } from './set-member.ts';
import { freeSlice, insertItem } from './sorted-set-forms.ts';
import { SortedSetView, sortedSetForm } from './sorted-set-view.ts';
import { draftSortedSet } from './sorted-sets.ts';
import type { ValueTraits } from './value-traits.ts';

const blockHeaderBytes = 4;
/** What an element takes in a tree that grew at random, nodes half to wholly filled: see tree.ts. */
const treeElementBytes = 15;
/** A table that is taken apart hashes nothing. */
const noSeed = { low: 0, high: 0 };
const alwaysBig = { packCountMax: 0, packMemberBytesMax: 0 };

const view = new SortedSetView();
const other = new SortedSetView();
const member = new Member();
const before = new Member();

export const sortedSetTraits: ValueTraits = {
  name: 'zset',

  encoding(cursor: KeyCursor): string {
    return cursor.form === sortedSetForm.pack ? 'listpack' : 'skiplist';
  },

  copy(source: KeyCursor, target: KeyCursor): void {
    if (source.form === sortedSetForm.tree) {
      copyTree(source, target);
      return;
    }
    const length = source.rootLength;
    target.draft(valueType.zset, sortedSetForm.pack, length);
    copyBytes(target.bytes, target.rootAt, source.bytes, source.rootAt, length);
  },

  dispose(arena: Arena, entry: Ref): boolean {
    return freeSlice(view.pointTree(arena, rootAt(arena, entry), noSeed));
  },

  bytesBeside(cursor: KeyCursor, samples: number): number {
    if (cursor.form === sortedSetForm.pack) return 0;
    view.point(cursor);
    const { arena, count } = view;
    const wanted = Math.min(samples || count, count);
    let bytes = 0;
    let more = view.first();
    for (let looked = 0; more && looked < wanted; looked++) {
      bytes += payloadBytes(arena, view.item) + blockHeaderBytes;
      more = view.next();
    }
    return (
      Math.round((bytes / wanted + treeElementBytes) * count) + tableBytes(arena, cursor.rootAt)
    );
  },

  verify(cursor: KeyCursor): void {
    view.point(cursor);
    assert(view.count > 0, 'sorted set: an empty one does not exist');
    if (view.form === sortedSetForm.pack) view.pack.verify();
    else {
      view.table.verify();
      view.tree.verify();
      assert(
        view.tree.count === view.table.count,
        'sorted set: tree and table have the same members',
      );
    }
    verifyOrder(cursor);
  },
};

function verifyOrder(cursor: KeyCursor): void {
  other.point(cursor);
  let rank = 0;
  let scoreBefore = Number.NEGATIVE_INFINITY;
  for (let more = view.first(); more; more = view.next()) {
    const { score } = view;
    const { text } = view.read(member);
    assert(score >= scoreBefore, 'sorted set: scores ascend');
    if (rank > 0 && score === scoreBefore) {
      const its = before.text;
      const order = compareBytes(its.bytes, its.at, its.length, text.bytes, text.at, text.length);
      assert(order < 0, 'sorted set: members of one score ascend');
    }
    assert(other.find(member), 'sorted set: a member is found');
    assert(other.rank === rank && other.score === score, 'sorted set: it is found where it is');
    scoreBefore = score;
    view.read(before);
    rank++;
  }
  assert(rank === view.count, 'sorted set: a walk meets every member');
}

function copyTree(source: KeyCursor, target: KeyCursor): void {
  draftSortedSet(target, 1, alwaysBig);
  try {
    other.point(target);
    view.point(source);
    for (let more = view.first(); more; more = view.next()) {
      insertItem(other, view.read(member), view.score);
    }
  } catch (error) {
    target.abandon();
    throw error;
  }
}
