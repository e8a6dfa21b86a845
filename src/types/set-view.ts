/**
 * A view of one set after another, whichever way it is kept: whether it has a member, walking over its members,
 * picking one by chance. It changes nothing; see sets.ts for that.
 */
import { type Form, valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { type Arena, nowhere, nullRef, type Ref } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import type { HashSeed } from '#structures/halfsiphash.ts';
import { IntSet } from '#structures/int-set.ts';
import { MemberTable, memberAt, memberLength } from '#structures/member-table.ts';
import { Pack, PackCursor } from '#structures/pack.ts';
import { RefList } from '#structures/ref-list.ts';
import type { Member } from './set-member.ts';

/** How a set is kept. */
export const setForm = {
  /** A {@link Pack} of its members. */
  pack: 0,
  /** An {@link IntSet}. */
  integers: 1,
  /** A {@link MemberTable} whose items have no payload. */
  table: 4,
} as const;

/** Whether an existing key holds something else than a set. */
export function isNoSet(cursor: KeyCursor): boolean {
  return cursor.entry !== 0 && cursor.type !== valueType.set;
}

const wordSpan = 2 ** 32;

const scratch = new Slice();

export class SetView {
  form: Form = setForm.pack;
  arena: Arena = nowhere;
  seed: HashSeed = { low: 0, high: 0 };
  readonly table = new MemberTable();
  readonly pack = new Pack();
  readonly integers = new IntSet();
  /** The member a pick or a search ended at, of a pack and of a table. */
  readonly place = new PackCursor();
  item: Ref = nullRef;
  /** The same of integers. */
  index = 0;
  private rootAt = 0;
  private readonly items = new RefList();
  /** How much of `items`, or of a small set, was walked over. */
  private walked = 0;
  private scanCursor = 0;
  private isLastBucket = false;

  /** Points this view at the set of an open cursor, or at where its root has moved. */
  point(cursor: KeyCursor): this {
    const { arena, rootAt } = cursor;
    this.arena = arena;
    this.rootAt = rootAt;
    this.seed = cursor.database.keyspace.seed;
    this.form = cursor.form;
    if (this.form === setForm.table) this.table.point(arena, rootAt, this.seed);
    else if (this.form === setForm.pack) this.pack.point(arena, rootAt, cursor.rootLength);
    else this.integers.point(arena, rootAt, cursor.rootLength);
    return this;
  }

  /** Whether another view is of the same set. */
  isSame(other: SetView): boolean {
    return this.arena === other.arena && this.rootAt === other.rootAt;
  }

  get count(): number {
    if (this.form === setForm.table) return this.table.count;
    return this.form === setForm.pack ? this.pack.count : this.integers.count;
  }

  /** Looks for a member, and is at its place if it has it. O(1), of a small set O(n). */
  find(member: Member): boolean {
    if (this.form === setForm.table) {
      this.item = this.table.find(member.probe(this.seed));
      return this.item !== 0;
    }
    if (this.form === setForm.pack) return this.pack.find(member.text, 0, 1, this.place);
    if (!member.isInteger) return false;
    this.index = this.integers.find(member.high, member.low);
    return this.index >= 0;
  }

  /** Begins a walk over all members, during which the set stays as it is. */
  begin(): void {
    this.walked = 0;
    this.scanCursor = 0;
    this.isLastBucket = false;
    this.items.clear();
  }

  /** Points `member` at the next one, at whose place the view then is. Returns whether there was one. */
  next(member: Member): boolean {
    if (this.form === setForm.table) return this.nextItem(member);
    if (this.walked === this.count) return false;
    if (this.form === setForm.integers) this.index = this.walked;
    else if (this.walked === 0) this.pack.first(this.place);
    else this.pack.next(this.place);
    this.walked++;
    this.read(member);
    return true;
  }

  /** Goes to a random member, each as likely as any other, and points `member` at it. Expected O(1). */
  pick(random: () => number, member: Member): void {
    if (this.form === setForm.table) this.item = this.table.random(random, this.items);
    else this.seek(randomBelow(this.count, random));
    this.read(member);
  }

  /** Points `member` at the one the view is at. */
  read(member: Member): void {
    const { arena } = this;
    if (this.form === setForm.table) {
      member.ofStored(arena, memberAt(this.item), memberLength(arena, this.item));
    } else if (this.form === setForm.pack) {
      this.pack.read(this.place, scratch);
      member.ofStored(arena, scratch.at, scratch.length);
    } else {
      this.integers.read(this.index);
      member.ofInteger(this.integers.high, this.integers.low);
    }
  }

  private seek(index: number): void {
    if (this.form === setForm.pack) this.pack.seek(index, this.place);
    else this.index = index;
  }

  private nextItem(member: Member): boolean {
    const { items, table } = this;
    while (this.walked === items.length) {
      if (this.isLastBucket) return false;
      items.clear();
      this.walked = 0;
      this.scanCursor = table.scan(this.scanCursor, items);
      this.isLastBucket = this.scanCursor === 0;
    }
    this.item = items.at(this.walked++);
    this.read(member);
    return true;
  }
}

/** A random integer from 0 to `end` - 1, each as likely as any other. */
export function randomBelow(end: number, random: () => number): number {
  // What is left over at the upper end of 32 bits would favour the lower numbers.
  const bound = wordSpan - (wordSpan % end);
  let drawn = random() >>> 0;
  while (drawn >= bound) drawn = random() >>> 0;
  return drawn % end;
}
