/**
 * The order of a sorted set: a {@link Tree} whose elements are the items of a member table, by score and, where scores
 * are equal, by the members' bytes as memcmp orders them.
 *
 * A double's bits, read as an integer, order like the double once negative ones are turned around: they are the two
 * order words, so that most comparisons look at the node alone. -0 and 0 have one order. The value is the item's
 * reference, which is only followed among equal scores. A member's bytes are at a multiple of 4 and are compared in words.
 *
 * A null reference stands for a member that is looked for but is nobody's item; {@link ScoreTree.countBelowMember} sets it.
 */
import type { Arena, Ref } from '#memory/arena.ts';
import { compareBytes } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import { memberAt, memberLength } from './member-table.ts';
import { Tree } from './tree.ts';

const signBit = 0x80000000 | 0;

const double = new Float64Array(1);
/** The same, low word first: as everywhere in the engine, bytes are in little-endian order. */
const halves = new Int32Array(double.buffer);

/** The order words of the score that {@link orderOf} was called with last. */
const order = { high: 0, low: 0 };

function orderOf(score: number): void {
  // Adding 0 makes -0 a 0.
  double[0] = score + 0;
  // In range: a double has two halves.
  const high = halves[1] as number;
  const low = halves[0] as number;
  if (high < 0) {
    order.high = ~high;
    order.low = ~low;
  } else {
    order.high = high ^ signBit;
    order.low = low;
  }
}

export class ScoreTree extends Tree {
  private readonly sought = new Slice();

  protected override compareValues(a: number, b: number): number {
    if (a === b) return 0;
    const { arena } = this;
    if (b === 0) {
      const { bytes, at, length } = this.sought;
      return compareBytes(
        arena.bytes,
        memberAt(a as Ref),
        memberLength(arena, a as Ref),
        bytes,
        at,
        length,
      );
    }
    return compareMembers(arena, a as Ref, b as Ref);
  }

  /** Adds an item, which the tree does not have. Throws ArenaFullError, with the tree as it was. O(log n). */
  add(score: number, item: Ref): void {
    orderOf(score);
    this.insert(order.high, order.low, item);
  }

  /** Takes out an item, which the tree has with this score. O(log n). */
  take(score: number, item: Ref): void {
    orderOf(score);
    this.remove(order.high, order.low, item);
  }

  /** How many items come before this one, which the tree has with this score. O(log n). */
  rankOfItem(score: number, item: Ref): number {
    orderOf(score);
    return this.countBelow(order.high, order.low, item);
  }

  /** How many items have a lower score. O(log n). */
  countBelowScore(score: number): number {
    orderOf(score);
    return this.countBelow(order.high, order.low);
  }

  /** How many items have a lower score or this one. O(log n). */
  countUpToScore(score: number): number {
    orderOf(score);
    const low = (order.low + 1) | 0;
    return this.countBelow(low === 0 ? order.high + 1 : order.high, low);
  }

  /** How many of the items, all with the same score, are below a member. The tree is not empty. O(log n). */
  countBelowMember(member: Slice): number {
    this.sought.point(member.bytes, member.at, member.length);
    return this.countBelow(this.firstHigh(), this.firstLow(), 0);
  }
}

/** Word by word: of the first two that differ, the lowest bytes that do decide. */
function compareMembers(arena: Arena, a: Ref, b: Ref): number {
  const { words } = arena;
  const aLength = memberLength(arena, a);
  const bLength = memberLength(arena, b);
  const common = Math.min(aLength, bLength);
  let aIndex = memberAt(a) >> 2;
  let bIndex = memberAt(b) >> 2;
  for (let left = common; left > 0; left -= 4) {
    // In range: both have `common` bytes, and blocks are whole words.
    const aWord = words[aIndex++] as number;
    const bWord = words[bIndex++] as number;
    let difference = aWord ^ bWord;
    if (left < 4) difference &= (1 << (left * 8)) - 1;
    if (difference === 0) continue;
    const shift = (31 - Math.clz32(difference & -difference)) & ~7;
    return ((aWord >>> shift) & 0xff) - ((bWord >>> shift) & 0xff);
  }
  return aLength - bLength;
}
