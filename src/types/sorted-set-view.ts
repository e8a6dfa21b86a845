/**
 * A view of one sorted set after another, whichever way it is kept: whether it has a member, its rank, walking in
 * order. It changes nothing; see sorted-sets.ts for that.
 *
 *     form     root
 *     pack     a pack of each member followed by its score (sorted-set-score.ts), in order
 *     tree     a table's header, then a tree's
 *
 * The big form has each member once, as an item of the {@link MemberTable} with its score as payload, 8 bytes; the
 * {@link ScoreTree} refers to the items. A member of 16 bytes in a million takes 32 bytes of item, 8 of table, 15 of tree.
 */
import { type Form, valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { type Arena, nowhere, nullRef, type Ref } from '#memory/arena.ts';
import type { HashSeed } from '#structures/halfsiphash.ts';
import { MemberTable, memberAt, memberLength, payloadAt } from '#structures/member-table.ts';
import { Pack, PackCursor } from '#structures/pack.ts';
import { ScoreTree } from '#structures/score-tree.ts';
import { tableHeaderBytes } from '#structures/table.ts';
import { TreeCursor, treeHeaderBytes } from '#structures/tree.ts';
import type { Member } from './set-member.ts';
import { decodeScore } from './sorted-set-score.ts';

/** How a sorted set is kept. */
export const sortedSetForm = { pack: 0, tree: 4 } as const;

const treeHeaderAt = tableHeaderBytes;
/** Bytes of the root of the big form. */
export const treeRootBytes = tableHeaderBytes + treeHeaderBytes;
/** Bytes of an item's payload. */
export const scoreBytes = 8;

/** Whether an existing key holds something else than a sorted set. */
export function isNoSortedSet(cursor: KeyCursor): boolean {
  return cursor.entry !== 0 && cursor.type !== valueType.zset;
}

export function scoreOfItem(arena: Arena, item: Ref): number {
  return arena.view.getFloat64(payloadAt(arena, item), true);
}

export function setScoreOfItem(arena: Arena, item: Ref, score: number): void {
  arena.view.setFloat64(payloadAt(arena, item), score, true);
}

export class SortedSetView {
  form: Form = sortedSetForm.pack;
  arena: Arena = nowhere;
  seed: HashSeed = { low: 0, high: 0 };
  readonly table = new MemberTable();
  readonly tree = new ScoreTree();
  readonly pack = new Pack();
  /** The member the view is at, in a pack: the member's place and the score's. */
  readonly place = new PackCursor();
  readonly scorePlace = new PackCursor();
  /** The same in the big form; the tree's place is only set by moves in order. */
  item: Ref = nullRef;
  private readonly treePlace = new TreeCursor();
  private rootAt = 0;

  /** Points this view at the sorted set of an open cursor, or at where its root has moved. */
  point(cursor: KeyCursor): this {
    const { arena, rootAt, form } = cursor;
    if (form === sortedSetForm.pack) {
      this.aim(arena, rootAt, form, cursor.database.keyspace.seed);
      this.pack.point(arena, rootAt, cursor.rootLength);
      return this;
    }
    return this.pointTree(arena, rootAt, cursor.database.keyspace.seed);
  }

  /** Points this view at a root of the big form, wherever that is. */
  pointTree(arena: Arena, rootAt: number, seed: HashSeed): this {
    this.aim(arena, rootAt, sortedSetForm.tree, seed);
    this.table.point(arena, rootAt, seed);
    this.tree.point(arena, rootAt + treeHeaderAt);
    return this;
  }

  private aim(arena: Arena, rootAt: number, form: Form, seed: HashSeed): void {
    this.arena = arena;
    this.rootAt = rootAt;
    this.form = form;
    this.seed = seed;
  }

  /** Whether another view is of the same sorted set. */
  isSame(other: SortedSetView): boolean {
    return this.arena === other.arena && this.rootAt === other.rootAt;
  }

  get count(): number {
    return this.form === sortedSetForm.pack ? this.pack.count >> 1 : this.table.count;
  }

  /** Looks for a member, and is at it if it is there. O(1), of a small sorted set O(n). */
  find(member: Member): boolean {
    if (this.form === sortedSetForm.pack) {
      return this.pack.find(member.text, 0, 2, this.place) && this.toScore();
    }
    this.item = this.table.find(member.probe(this.seed));
    return this.item !== 0;
  }

  /** The score of the member the view is at. */
  get score(): number {
    const { arena, pack, scorePlace } = this;
    if (this.form === sortedSetForm.pack) {
      return decodeScore(arena, pack.elementAt(scorePlace), scorePlace.length);
    }
    return scoreOfItem(arena, this.item);
  }

  /** How many members come before the one the view is at. O(log n), of a small sorted set O(1). */
  get rank(): number {
    if (this.form === sortedSetForm.pack) return this.place.index >> 1;
    return this.tree.rankOfItem(this.score, this.item);
  }

  /** Points `member` at the one the view is at. */
  read(member: Member): Member {
    const { arena, item } = this;
    if (this.form === sortedSetForm.pack) {
      return member.ofStored(arena, this.pack.elementAt(this.place), this.place.length);
    }
    return member.ofStored(arena, memberAt(item), memberLength(arena, item));
  }

  // All that move in order return whether there is a member where the view is now.

  /** To the member at this rank. O(log n), of a small sorted set O(n). */
  seek(rank: number): boolean {
    if (this.form === sortedSetForm.pack)
      return this.pack.seek(rank * 2, this.place) && this.toScore();
    const { tree, treePlace } = this;
    // The ends are nearer than any other rank.
    const isThere =
      rank === 0
        ? tree.first(treePlace)
        : rank === tree.count - 1
          ? tree.last(treePlace)
          : tree.seekRank(rank, treePlace);
    return isThere && this.toItem();
  }

  /** To the first member. O(1). */
  first(): boolean {
    if (this.form === sortedSetForm.pack) return this.pack.first(this.place) && this.toScore();
    return this.tree.first(this.treePlace) && this.toItem();
  }

  /** To the member behind the one that a move in order led to. O(1). */
  next(): boolean {
    if (this.form === sortedSetForm.tree) return this.tree.next(this.treePlace) && this.toItem();
    copyPlace(this.scorePlace, this.place);
    return this.pack.next(this.place) && this.toScore();
  }

  /** To the member before the one that a move in order led to. O(1). */
  previous(): boolean {
    if (this.form === sortedSetForm.tree)
      return this.tree.previous(this.treePlace) && this.toItem();
    if (this.place.index === 0) return false;
    this.pack.previous(this.place);
    copyPlace(this.place, this.scorePlace);
    return this.pack.previous(this.place);
  }

  private toItem(): true {
    this.item = this.tree.value(this.treePlace);
    return true;
  }

  private toScore(): boolean {
    copyPlace(this.place, this.scorePlace);
    return this.pack.next(this.scorePlace);
  }
}

function copyPlace(from: PackCursor, to: PackCursor): void {
  to.index = from.index;
  to.length = from.length;
  to.offset = from.offset;
  to.lengthOffset = from.lengthOffset;
}
