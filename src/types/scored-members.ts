/**
 * Distinct members with scores, in the making: what the algebra of sorted sets gathers before it is replied or stored.
 * The members stay where they lie (member-list.ts); scores and, once members are looked up, an open hash table of
 * their numbers are typed arrays: 20 to 44 bytes a member, and no object.
 */
import { compareBytes } from '#memory/bytes.ts';
import type { HashSeed } from '#structures/halfsiphash.ts';
import { MemberList } from './member-list.ts';
import { Member } from './set-member.ts';
import { sortByScore } from './sort-scores.ts';

const initialMembers = 512;
/** Room for more members than this is not kept. */
const keptMembersMax = 1 << 16;
const emptySlot = 0;

const one = new Member();
const other = new Member();

export class ScoredMembers {
  readonly members = new MemberList();
  private scores = new Float64Array(initialMembers);
  private hashes = new Int32Array(initialMembers);
  /** Numbers of members plus 1, at the places that their hashes say; twice as many as there may be members. */
  private slots = new Int32Array(initialMembers * 2);
  private isIndexed = false;
  private seed: HashSeed = { low: 0, high: 0 };

  /** Starts over, with members that hash with `seed`. */
  clear(seed: HashSeed): this {
    this.seed = seed;
    this.members.clear();
    if (this.scores.length > keptMembersMax) this.makeRoom(initialMembers);
    else if (this.isIndexed) this.slots.fill(emptySlot);
    this.isIndexed = false;
    return this;
  }

  get length(): number {
    return this.members.length;
  }

  scoreAt(index: number): number {
    // In range: callers stay below the length.
    return this.scores[index] as number;
  }

  setScoreAt(index: number, score: number): void {
    this.scores[index] = score;
  }

  /** Adds a member that is not there, which cannot be looked up. O(1) amortized. */
  append(member: Member, score: number): void {
    const index = this.members.length;
    if (index === this.scores.length) this.makeRoom(index * 2);
    this.members.append(member);
    this.scores[index] = score;
  }

  /** The number of a member that was added; adds it with this score and returns -1 where it was not. O(1) amortized. */
  findOrAdd(member: Member, score: number): number {
    const { hash } = member.probe(this.seed);
    const slot = this.slotOf(member, hash);
    const known = this.slots[slot] as number;
    if (known !== emptySlot) return known - 1;
    this.isIndexed = true;
    const index = this.members.length;
    this.slots[slot] = index + 1;
    this.hashes[index] = hash;
    this.append(member, score);
    if (index + 1 === this.scores.length) this.makeRoom(2 * (index + 1));
    return -1;
  }

  /** The number of a member that was added with {@link findOrAdd}; -1 where it was not. O(1). */
  find(member: Member): number {
    const slot = this.slotOf(member, member.probe(this.seed).hash);
    return (this.slots[slot] as number) - 1;
  }

  /** The members' numbers in the order of a sorted set. O(n log n) at worst, O(n) where scores differ. */
  inOrder(): Uint32Array {
    const { length } = this;
    const { scores } = this;
    const order = sortByScore(scores, length);
    for (let from = 0; from < length; ) {
      const score = this.scoreAt(order[from] as number);
      let to = from + 1;
      let isInOrder = true;
      for (; to < length && this.scoreAt(order[to] as number) === score; to++) {
        isInOrder &&= this.compareNames(order[to - 1] as number, order[to] as number) < 0;
      }
      if (!isInOrder) order.subarray(from, to).sort((a, b) => this.compareNames(a, b));
      from = to;
    }
    return order;
  }

  private compareNames(a: number, b: number): number {
    this.members.read(a, one);
    this.members.read(b, other);
    const [left, right] = [one.text, other.text];
    return compareBytes(left.bytes, left.at, left.length, right.bytes, right.at, right.length);
  }

  /** The slot that has the member, or the empty one where it belongs. */
  private slotOf(member: Member, hash: number): number {
    const { slots, hashes, members } = this;
    const mask = slots.length - 1;
    let slot = spread(hash) & mask;
    for (;;) {
      // In range: masked, and slots hold numbers of members.
      const entry = slots[slot] as number;
      if (entry === emptySlot) return slot;
      if (hashes[entry - 1] === hash && members.isSame(entry - 1, member)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  /** Gives it room for so many members, a power of two, and enters those there are again. */
  private makeRoom(count: number): void {
    const { length } = this;
    const scores = new Float64Array(count);
    const hashes = new Int32Array(count);
    scores.set(this.scores.subarray(0, length));
    hashes.set(this.hashes.subarray(0, length));
    this.scores = scores;
    this.hashes = hashes;
    this.slots = new Int32Array(count * 2);
    if (!this.isIndexed) return;
    const mask = this.slots.length - 1;
    for (let index = 0; index < length; index++) {
      // In range: there are as many hashes as members.
      let slot = spread(hashes[index] as number) & mask;
      while (this.slots[slot] !== emptySlot) slot = (slot + 1) & mask;
      this.slots[slot] = index + 1;
    }
  }
}

/** The lowest bits of a hash are alike for all keys of a shard, though not for members; mixing costs nothing. */
function spread(hash: number): number {
  return hash ^ (hash >>> 15);
}
