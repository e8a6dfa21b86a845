/**
 * Where the members that two or more sets make together go: into a list for a reply, into a set that is to be stored,
 * or just into a count.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { HashSeed } from '#structures/halfsiphash.ts';
import { MemberList } from './member-list.ts';
import type { Member } from './set-member.ts';
import {
  addMember,
  draftSet,
  expectMembers,
  insertMember,
  removeMember,
  type SetLimits,
} from './sets.ts';

export interface SetTarget {
  /** Members it has now. */
  readonly count: number;
  /** Makes it ready for at least `count` members, before it has any. */
  expect(count: number): void;
  /** Takes a member that it does not have. Faster than {@link add}, but it cannot be removed again. */
  append(member: Member): void;
  /** Takes a member that it does not have, and that may be removed again. */
  addNew(member: Member): void;
  /** Takes a member unless it has it. */
  add(member: Member): void;
  /** Gives a member back that it may have. */
  remove(member: Member): void;
}

const initialSlots = 1024;
/** Room for more slots than this is not kept. */
const keptSlotsMax = 1 << 17;
const emptySlot = 0;
const goneSlot = -1;

/**
 * Where in the slots a hash begins to look, to be masked. A table's walk gives hashes that share a few bits one after
 * another, which as they are would crowd a part of the slots.
 */
function homeOf(hash: number): number {
  const product = Math.imul(hash, 0x9e3779b1);
  return product ^ (product >>> 15);
}

/**
 * A list of distinct members. To know which it has it keeps an open hash table beside the list, of numbers in typed
 * arrays: 12 to 24 bytes a member, once the first is added and not just appended.
 */
export class DistinctMembers implements SetTarget {
  count = 0;
  private readonly list = new MemberList();
  private seed: HashSeed = { low: 0, high: 0 };
  /** The index of a member in the list, plus 1. */
  private slots = new Int32Array(initialSlots);
  /** The hash of each member in the list. */
  private hashes = new Int32Array(initialSlots / 2);
  /** Whether any slot was used. */
  private isIndexed = false;
  /** Which members of the list were removed again. */
  private gone: Uint8Array | undefined;
  private walked = 0;

  /** Starts over, with members that hash with `seed`. */
  clear(seed: HashSeed): this {
    this.seed = seed;
    this.count = 0;
    this.gone = undefined;
    this.list.clear();
    if (!this.isIndexed) return this;
    this.isIndexed = false;
    if (this.slots.length > keptSlotsMax) this.resize(initialSlots);
    else this.slots.fill(emptySlot);
    return this;
  }

  expect(_count: number): void {}

  append(member: Member): void {
    this.list.append(member);
    this.count++;
  }

  addNew(member: Member): void {
    this.add(member);
  }

  add(member: Member): void {
    const { hash } = member.probe(this.seed);
    const slot = this.slotOf(member, hash);
    if (this.slots[slot] !== emptySlot) return;
    const index = this.list.length;
    this.isIndexed = true;
    this.list.append(member);
    this.hashes[index] = hash;
    this.slots[slot] = index + 1;
    this.count++;
    if (index + 1 === this.hashes.length) this.resize(this.slots.length * 2);
  }

  remove(member: Member): void {
    const slot = this.slotOf(member, member.probe(this.seed).hash);
    const entry = this.slots[slot] ?? emptySlot;
    if (entry === emptySlot) return;
    this.gone ??= new Uint8Array(this.list.length);
    this.gone[entry - 1] = 1;
    this.slots[slot] = goneSlot;
    this.count--;
  }

  /** Begins a walk over the members. */
  begin(): void {
    this.walked = 0;
  }

  /** Points `member` at the next one. Returns whether there was one. */
  next(member: Member): boolean {
    const { list, gone } = this;
    while (this.walked < list.length) {
      const index = this.walked++;
      if (gone !== undefined && gone[index] === 1) continue;
      list.read(index, member);
      return true;
    }
    return false;
  }

  /** The slot that has the member, or the empty one where it belongs. */
  private slotOf(member: Member, hash: number): number {
    const { slots, hashes, list } = this;
    const mask = slots.length - 1;
    let slot = homeOf(hash) & mask;
    for (;;) {
      // In range: masked, and slots hold indexes of the list.
      const entry = slots[slot] as number;
      if (entry === emptySlot) return slot;
      if (entry > 0 && hashes[entry - 1] === hash && list.isSame(entry - 1, member)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  /** Gives it another number of slots, a power of two, and enters the members again. Not after one was removed. */
  private resize(slots: number): void {
    const hashes = new Int32Array(slots / 2);
    hashes.set(this.hashes.subarray(0, this.list.length));
    this.hashes = hashes;
    this.slots = new Int32Array(slots);
    for (let index = 0; index < this.list.length; index++) {
      // In range: there are as many hashes as members.
      let slot = homeOf(hashes[index] as number) & (slots - 1);
      while (this.slots[slot] !== emptySlot) slot = (slot + 1) & (slots - 1);
      this.slots[slot] = index + 1;
    }
  }
}

/** A set that is drafted at a cursor. The draft begins with its first member and is gone without any. */
export class DraftedSet implements SetTarget {
  count = 0;
  private readonly cursor: KeyCursor;
  private readonly limits: SetLimits;
  private expected = 0;

  constructor(cursor: KeyCursor, limits: SetLimits) {
    this.cursor = cursor;
    this.limits = limits;
  }

  expect(count: number): void {
    this.expected = count;
  }

  append(member: Member): void {
    this.addNew(member);
  }

  addNew(member: Member): void {
    const { cursor, limits } = this;
    if (this.count === 0) this.begin();
    insertMember(cursor, member, limits);
    this.count++;
  }

  add(member: Member): void {
    if (this.count === 0) this.addNew(member);
    else if (addMember(this.cursor, undefined, member, this.limits)) this.count++;
  }

  remove(member: Member): void {
    if (this.count > 0 && removeMember(this.cursor, undefined, member)) this.count--;
  }

  private begin(): void {
    draftSet(this.cursor);
    expectMembers(this.cursor, this.expected, this.limits);
  }
}

/** A count of members that are known to be distinct. */
export class CountedMembers implements SetTarget {
  count = 0;

  expect(_count: number): void {}

  append(_member: Member): void {
    this.count++;
  }

  addNew(member: Member): void {
    this.append(member);
  }

  add(member: Member): void {
    this.append(member);
  }

  remove(_member: Member): void {
    throw new Error('counted members cannot be told apart');
  }
}
