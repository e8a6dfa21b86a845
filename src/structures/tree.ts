/**
 * A counted, ordered B+ tree of three 32-bit words an element: two that order it, `high` before `low`, both
 * unsigned, and a value that orders those with equal words and that a subclass may compare as it likes. It is
 * a multiset: what is inserted twice is there twice. Every operation is O(log n) and allocates nothing on the
 * JavaScript heap.
 *
 * Each child entry counts the elements below it, so that ranks and positions cost one descent, and leaves are
 * linked, so that a range costs one descent and a walk. tree-node.ts draws the nodes, tree-path.ts has the
 * header and the way down, tree-balance.ts what keeps nodes filled.
 *
 * CPU time an operation and bytes an element in trees of a million, by the size of leaf and inner nodes, on two
 * busy siblings of a slow core, the better of two runs:
 *
 *     bytes of leaf / inner node        512 / 512   1024 / 1024   1024 / 2048   2048 / 1024
 *     insert ascending               ns 220  13.4 B    205  12.6 B   187  12.6 B   256  12.3 B
 *     insert times, nearly ascending    357  15.9      369  15.1     395  15.1     374  15.1
 *     insert random                     634  16.1      644  15.2     660  15.1     673  14.9
 *     seek random                       582            568           596           697
 *     rank of a random element          795            785           909           826
 *     element at a random rank          283            276           376           257
 *     removeFirst                       270            154           157           176
 *     next                               29             28            30            33
 *     remove one, insert another       1606  17.9     1706  16.5    1409  16.4    1698  15.9
 *
 * Larger nodes cost fewer bytes until moving items inside them costs more than fewer levels save: 1024 for both.
 * Random operations take 0.6 to 0.9 µs because a descent through a million elements mostly misses the cache;
 * seeking them in ascending order takes 0.15.
 */
import { type Arena, nowhere, nullRef, type Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import type { RefList } from './ref-list.ts';
import { addElements, makeRoom, removeElement, removeNode } from './tree-balance.ts';
import {
  childIn,
  countIn,
  createFirstLeaf,
  elementAt,
  elementsUnder,
  entryAt,
  highAt,
  itemBytes,
  itemsAt,
  lowAt,
  type Node,
  nextOf,
  openGap,
  previousOf,
  valueAt,
} from './tree-node.ts';
import {
  countAt,
  firstAt,
  headerBytes,
  heightAt,
  indexOn,
  nodeOn,
  pathToFirst,
  rankOfPath,
  rootAt,
  setPath,
} from './tree-path.ts';
import { verifyNodes, verifyOrder } from './tree-verify.ts';

/** Bytes of a tree's header. */
export const treeHeaderBytes = headerBytes;

/** Where among elements with the order words that are looked for a descent ends. */
const beforeAll = 0;
const beforeValue = 1;
const afterValue = 2;
type Bound = typeof beforeAll | typeof beforeValue | typeof afterValue;

/** Turns unsigned order into signed. */
const signBit = 0x80000000 | 0;

/** A place in a tree. Any change of the tree makes it meaningless, and so does a move that returned false. */
export class TreeCursor {
  /** The leaf, or null at neither element. */
  leaf: Ref = nullRef;
  index = 0;
}

export class Tree {
  arena: Arena;
  private at: number;

  /** A view of nothing, or of the tree whose header, `treeHeaderBytes` long, is at byte offset `at`. */
  constructor(arena: Arena = nowhere, at = 0) {
    this.arena = arena;
    this.at = at;
  }

  /** Points this view at another tree, or at where this one's header has moved. */
  point(arena: Arena, at: number): this {
    this.arena = arena;
    this.at = at;
    return this;
  }

  /**
   * Orders two values of elements whose order words are equal: negative, zero or positive. Here as unsigned
   * integers. One that follows references may rely on it that only values of elements in the tree, and the
   * one it was called with, are compared. It must not change the arena.
   */
  protected compareValues(a: number, b: number): number {
    return (a ^ signBit) - (b ^ signBit);
  }

  /** Writes the header of a new, empty tree, which has no node. */
  format(): void {
    const { arena, at } = this;
    arena.setWord(at + rootAt, 0);
    arena.setWord(at + heightAt, 0);
    arena.setWord(at + countAt, 0);
    arena.setWord(at + firstAt, 0);
  }

  get count(): number {
    return this.arena.word(this.at + countAt);
  }

  /** Adds an element, behind those that equal it. Throws ArenaFullError, with the tree as it was. */
  insert(high: number, low: number, value: number): void {
    const { arena, at } = this;
    if (this.count === 0) {
      const leaf = createFirstLeaf(arena);
      arena.setWord(at + rootAt, leaf);
      arena.setWord(at + heightAt, 1);
      arena.setWord(at + firstAt, leaf);
    }
    this.descend(afterValue, high, low, value);
    makeRoom(arena, at, 0);
    const leaf = nodeOn(0);
    openGap(arena, leaf, 0, indexOn(0));
    const element = elementAt(leaf, indexOn(0));
    arena.setWord(element + highAt, high);
    arena.setWord(element + lowAt, low);
    arena.setWord(element + valueAt, value);
    addElements(arena, at, 1);
  }

  /** Removes one of the elements that equal this one. Returns whether there was any. */
  remove(high: number, low: number, value: number): boolean {
    if (!this.descendTo(high, low, value)) return false;
    removeElement(this.arena, this.at);
    return true;
  }

  /** Removes the first element. The tree is not empty. */
  removeFirst(): void {
    assert(this.count > 0, 'tree: there is a first element to remove');
    pathToFirst(this.arena, this.at);
    removeElement(this.arena, this.at);
  }

  /**
   * Gives one of the elements that equal this one another value word, of the same order: the new reference of
   * a member that moved. Returns whether there was any.
   */
  replaceValue(high: number, low: number, value: number, replacement: number): boolean {
    const { arena, at } = this;
    if (!this.descendTo(high, low, value)) return false;
    arena.setWord(elementAt(nodeOn(0), indexOn(0)) + valueAt, replacement);
    if (indexOn(0) > 0) return true;
    const height = arena.word(at + heightAt);
    for (let level = 1; level < height; level++) {
      if (indexOn(level) === 0) continue;
      arena.setWord(entryAt(nodeOn(level), indexOn(level)) + valueAt, replacement);
      break;
    }
    return true;
  }

  /** The first element's order words, unsigned, and value. The tree is not empty. O(1). */
  firstHigh(): number {
    return this.arena.word(this.firstElement() + highAt) >>> 0;
  }
  firstLow(): number {
    return this.arena.word(this.firstElement() + lowAt) >>> 0;
  }

  firstValue(): Ref {
    return this.arena.ref(this.firstElement() + valueAt);
  }

  /** The words at a cursor, as from `firstHigh` and so on. */
  high(cursor: TreeCursor): number {
    return this.arena.word(elementAt(cursor.leaf, cursor.index) + highAt) >>> 0;
  }
  low(cursor: TreeCursor): number {
    return this.arena.word(elementAt(cursor.leaf, cursor.index) + lowAt) >>> 0;
  }

  value(cursor: TreeCursor): Ref {
    return this.arena.ref(elementAt(cursor.leaf, cursor.index) + valueAt);
  }

  // All that move a cursor return whether there is an element where it is now.
  /** To the first element. O(1). */
  first(cursor: TreeCursor): boolean {
    cursor.leaf = this.arena.ref(this.at + firstAt);
    cursor.index = 0;
    return cursor.leaf !== 0;
  }

  /** To the last element. */
  last(cursor: TreeCursor): boolean {
    const { arena, at } = this;
    let node = arena.ref(at + rootAt);
    for (let level = arena.word(at + heightAt) - 1; level > 0; level--) {
      node = childIn(arena, node, countIn(arena, node) - 1);
    }
    cursor.leaf = node;
    cursor.index = node === 0 ? 0 : countIn(arena, node) - 1;
    return node !== 0;
  }

  /** To the next element. O(1). */
  next(cursor: TreeCursor): boolean {
    assert(cursor.leaf !== 0, 'tree: the cursor is at an element');
    if (++cursor.index < countIn(this.arena, cursor.leaf)) return true;
    cursor.leaf = nextOf(this.arena, cursor.leaf);
    cursor.index = 0;
    return cursor.leaf !== 0;
  }

  /** To the element before. O(1). */
  previous(cursor: TreeCursor): boolean {
    assert(cursor.leaf !== 0, 'tree: the cursor is at an element');
    if (--cursor.index >= 0) return true;
    cursor.leaf = previousOf(this.arena, cursor.leaf);
    cursor.index = cursor.leaf === 0 ? 0 : countIn(this.arena, cursor.leaf) - 1;
    return cursor.leaf !== 0;
  }

  /** To the first element whose order words are not below these. */
  seek(high: number, low: number, cursor: TreeCursor): boolean {
    return this.seekBound(beforeAll, high, low, 0, cursor);
  }

  /** To the first element that is not below this one, its value included. */
  seekElement(high: number, low: number, value: number, cursor: TreeCursor): boolean {
    return this.seekBound(beforeValue, high, low, value, cursor);
  }

  /** To the element at this rank, from 0. */
  seekRank(rank: number, cursor: TreeCursor): boolean {
    const { arena, at } = this;
    cursor.leaf = nullRef;
    if (rank < 0 || rank >= this.count) return false;
    let node = arena.ref(at + rootAt);
    for (let level = arena.word(at + heightAt) - 1; level > 0; level--) {
      let index = 0;
      for (;;) {
        const elements = elementsUnder(arena, node, index);
        if (rank < elements) break;
        rank -= elements;
        index++;
      }
      node = childIn(arena, node, index);
    }
    cursor.leaf = node;
    cursor.index = rank;
    return true;
  }

  /** How many elements come before the first that equals this one, or -1 if none does. */
  rankOf(high: number, low: number, value: number): number {
    if (!this.seekBound(beforeValue, high, low, value, rankCursor)) return -1;
    const element = elementAt(rankCursor.leaf, rankCursor.index);
    return this.isBelow(element, afterValue, high, low, value)
      ? rankOfPath(this.arena, this.at)
      : -1;
  }

  /** How many elements are below one with these order words; of those with the same words, those below a `value`. */
  countBelow(high: number, low: number, value?: number): number {
    this.descend(value === undefined ? beforeAll : beforeValue, high, low, value ?? 0);
    return rankOfPath(this.arena, this.at);
  }

  /**
   * Removes the elements of the first leaf, at most a few hundred, and adds their values to `into`. Returns
   * false when there was none left. The tree stays whole in between.
   */
  dismantle(into: RefList): boolean {
    const { arena, at } = this;
    if (this.count === 0) return false;
    pathToFirst(this.arena, this.at);
    const leaf = nodeOn(0);
    const count = countIn(arena, leaf);
    for (let index = 0; index < count; index++) {
      into.push(arena.ref(elementAt(leaf, index) + valueAt));
    }
    addElements(arena, at, -count);
    removeNode(arena, at, 0);
    return true;
  }

  private firstElement(): number {
    const leaf = this.arena.ref(this.at + firstAt);
    assert(leaf !== 0, 'tree: there is a first element');
    return elementAt(leaf, 0);
  }

  /** Lets the path end at the last of the elements that equal this one, if there is any. */
  private descendTo(high: number, low: number, value: number): boolean {
    this.descend(afterValue, high, low, value);
    // Separators are exact: if the leaf has nothing below the bound, no other has.
    const index = indexOn(0) - 1;
    if (index < 0) return false;
    setPath(0, nodeOn(0), index);
    return !this.isBelow(elementAt(nodeOn(0), index), beforeValue, high, low, value);
  }

  /** Lets the path end at the first element in its leaf that is not below the bound, or at the leaf's end. */
  private descend(bound: Bound, high: number, low: number, value: number): void {
    const { arena, at } = this;
    let node = arena.ref(at + rootAt);
    for (let level = arena.word(at + heightAt) - 1; level > 0; level--) {
      const index = this.search(node, level, 1, bound, high, low, value) - 1;
      setPath(level, node, index);
      node = childIn(arena, node, index);
    }
    setPath(0, node, node === 0 ? 0 : this.search(node, 0, 0, bound, high, low, value));
  }

  /** The first of a node's items, from index `from` on, that is not below the bound. */
  private search(
    node: Node,
    level: number,
    from: number,
    bound: Bound,
    high: number,
    low: number,
    value: number,
  ): number {
    const { arena } = this;
    const items = node + itemsAt;
    const bytes = itemBytes(level);
    const highOrder = high ^ signBit;
    let to = countIn(arena, node);
    while (from < to) {
      const middle = (from + to) >> 1;
      const item = items + middle * bytes;
      const itsOrder = arena.word(item + highAt) ^ signBit;
      const isBelow =
        itsOrder === highOrder
          ? this.isBelowOfSameHigh(item, bound, low, value)
          : itsOrder < highOrder;
      if (isBelow) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  private isBelow(item: number, bound: Bound, high: number, low: number, value: number): boolean {
    const itsHigh = this.arena.word(item + highAt);
    if (itsHigh !== (high | 0)) return (itsHigh ^ signBit) < (high ^ signBit);
    return this.isBelowOfSameHigh(item, bound, low, value);
  }

  private isBelowOfSameHigh(item: number, bound: Bound, low: number, value: number): boolean {
    const itsLow = this.arena.word(item + lowAt);
    if (itsLow !== (low | 0)) return (itsLow ^ signBit) < (low ^ signBit);
    if (bound === beforeAll) return false;
    const order = this.compareValues(this.arena.word(item + valueAt), value | 0);
    return bound === beforeValue ? order < 0 : order <= 0;
  }

  private seekBound(
    bound: Bound,
    high: number,
    low: number,
    value: number,
    cursor: TreeCursor,
  ): boolean {
    this.descend(bound, high, low, value);
    const leaf = nodeOn(0);
    cursor.leaf = leaf;
    cursor.index = indexOn(0);
    if (leaf === 0) return false;
    if (cursor.index < countIn(this.arena, leaf)) return true;
    cursor.leaf = nextOf(this.arena, leaf);
    cursor.index = 0;
    return cursor.leaf !== 0;
  }

  /** Checks every node and the order of all elements. O(n); for tests. */
  verify(): void {
    const { arena, at } = this;
    verifyNodes(arena, at);
    verifyOrder(arena, at, (item, high, low, value) =>
      this.isBelow(item, afterValue, high, low, value),
    );
  }
}

/** Where {@link Tree.rankOf} looks. */
const rankCursor = new TreeCursor();
