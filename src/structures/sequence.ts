/**
 * A sequence of byte strings by position, for lists of any length: packs of about 4 kB, strung on a counted tree.
 *
 *     root ── head   first pack
 *          ── tree   ┌ leaf: pack, pack, ... ┐ ┌ leaf: pack, pack, ... ┐
 *          ── tail   last pack
 *
 * What is pushed and popped at the ends is in the head and the tail, of which the tree knows nothing: a push changes
 * one pack and the root's count. Both are changed at their packs' ends, where that moves no other element: for that the
 * head has its elements last first, and is turned around when it becomes part of the tree, or a pack of the tree the
 * head. A pack that is full is handed to the tree and an empty one takes its place; one that is popped empty stays until
 * the next pop, which takes the tree's outermost pack instead. So the tree is touched once for some hundreds of elements,
 * and every other time by one who goes back and forth across the border of two packs.
 * Any other position is one descent away, O(log n).
 *
 * Each pack is a block of its own, and larger than 4 kB if its only element is. Packs are filled by pushing; an
 * insertion halves a full one, and what removals leave less than half full is joined with a neighbour if both fit. So
 * an element of 16 bytes takes 17.1 in a sequence that was pushed. sequence-root.ts draws the root, sequence-node.ts the
 * nodes; sequence-tree.ts keeps the tree, sequence-insert.ts and sequence-remove.ts the packs.
 */
import { allocate, free, payloadBytes } from '#memory/allocator.ts';
import { type Arena, nowhere, type Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import type { Slice } from '#memory/slice.ts';
import { Pack, packElementBytes, packHeaderBytes } from './pack.ts';
import { appendElement, readLastElement, removeLastElement, reverseElements } from './pack-ends.ts';
import { insertBefore, replaceInPlace } from './sequence-insert.ts';
import { removeRange } from './sequence-remove.ts';
import {
  addToCount,
  countAtEnd,
  countOf,
  type End,
  freeEnd,
  headAt,
  inHead,
  locate,
  packAt,
  packBytes,
  pointAt,
  SequenceCursor,
  sealEnd,
  sequenceRootBytes,
  setPackAt,
  tailAt,
} from './sequence-root.ts';
import {
  dismantleLeaf,
  formatTree,
  isFlat,
  packOfFlat,
  rootOf,
  visitPacks,
} from './sequence-tree.ts';

/** Packs freed in one slice: a dozen microseconds, or a millisecond in a process that never did it before. */
const packsFreedMax = 64;

/** What the tree needs for each pack, about, and the allocator's header. */
const bytesBesidePack = 10 + 4;

/** A view of one sequence after another; which one is all it knows. */
export class Sequence {
  arena: Arena;
  private at: number;

  /** A view of nothing, or of the sequence whose root, `sequenceRootBytes` long, is at `at`. */
  constructor(arena: Arena = nowhere, at = 0) {
    this.arena = arena;
    this.at = at;
  }

  /** Points this view at another sequence, or at where this one's root has moved. */
  point(arena: Arena, at: number): this {
    this.arena = arena;
    this.at = at;
    return this;
  }

  /** Writes the root of an empty sequence. */
  format(): void {
    const { arena, at } = this;
    arena.words.fill(0, at >> 2, (at + sequenceRootBytes) >> 2);
    formatTree(arena, at);
  }

  get count(): number {
    return countOf(this.arena, this.at);
  }

  // All that move a cursor return whether there is an element where it is now; from nowhere it cannot go on.

  /** To the element at `index`, which is not negative. O(log n). */
  seek(index: number, cursor: SequenceCursor): boolean {
    if (index >= this.count) return false;
    locate(this.arena, this.at, index, cursor);
    return true;
  }

  /** To the next element. */
  next(cursor: SequenceCursor): boolean {
    return cursor.nextInPack() || this.nextPack(cursor);
  }

  /** To the element before. */
  previous(cursor: SequenceCursor): boolean {
    return cursor.previousInPack() || this.previousPack(cursor);
  }

  /** To the first element of the pack behind the cursor's. */
  nextPack(cursor: SequenceCursor): boolean {
    return this.seek(cursor.start + cursor.pack.count, cursor);
  }

  /** To the last element of the pack before the cursor's. */
  previousPack(cursor: SequenceCursor): boolean {
    return cursor.start > 0 && this.seek(cursor.start - 1, cursor);
  }

  /** Points `slice` at the first or the last element, which there is, for as long as the sequence stays as it is. */
  readEnd(isFirst: boolean, slice: Slice): Slice {
    const { arena, at } = this;
    const end = isFirst ? headAt : tailAt;
    if (countAtEnd(arena, at, end) === 0) {
      locate(arena, at, isFirst ? 0 : this.count - 1, walk);
      return walk.pack.read(walk.place, slice);
    }
    this.pointAtEnd(end);
    return readLastElement(endPack, slice);
  }

  // All that add throw ArenaFullError, with the sequence as it was. The source is not in the sequence itself.

  /** Adds a first element. O(1) amortized. */
  pushFirst(source: Slice): void {
    this.push(headAt, source);
  }

  /** Adds a last element. O(1) amortized. */
  pushLast(source: Slice): void {
    this.push(tailAt, source);
  }

  /** Adds an element before the one at `index`, or a last one. O(log n). */
  insert(index: number, source: Slice): void {
    if (index === this.count) this.pushLast(source);
    else if (index === 0) this.pushFirst(source);
    else insertBefore(this.arena, this.at, index, source);
  }

  /** Gives the element at `index` other bytes. O(log n). */
  replace(index: number, source: Slice): void {
    if (replaceInPlace(this.arena, this.at, index, source)) return;
    this.insert(index, source);
    this.remove(index + 1, 1);
  }

  /** Removes `count` elements from `index` on. O(log n) for each pack, O(1) amortized for one element at an end. */
  remove(index: number, count: number): void {
    assert(index + count <= this.count, 'sequence: there are as many elements to remove');
    if (count === 1 && index === 0 && this.removeAtEnd(headAt)) return;
    if (count === 1 && index === this.count - 1 && this.removeAtEnd(tailAt)) return;
    removeRange(this.arena, this.at, index, count);
  }

  /** Makes a block that is a pack of `count` elements, of any size, all there is in this empty sequence. */
  adopt(block: Ref, count: number): void {
    const { arena, at } = this;
    assert(this.count === 0 && packAt(arena, at, tailAt) === 0, 'sequence: it is empty');
    setPackAt(arena, at, tailAt, block);
    addToCount(arena, at, count);
  }

  /** Adds copies of all elements of `other`, maybe in another arena, to this empty sequence. O(n). */
  copyFrom(other: Sequence): void {
    const { arena, at } = this;
    for (let more = other.seek(0, walk); more; more = other.nextPack(walk)) {
      const { pack } = walk;
      const { bytes, count } = pack;
      sealEnd(arena, at, tailAt);
      const block = allocate(arena, bytes);
      pack.arena.bytes.copy(arena.bytes, block, pack.at, pack.at + bytes);
      if (walk.region === inHead) reverseElements(pointAt(endPack, arena, block));
      setPackAt(arena, at, tailAt, block);
      addToCount(arena, at, count);
    }
  }

  /** Bytes that its elements take in their packs, or some number above `bytesMax`. O(packs up to that). */
  elementBytes(bytesMax: number): number {
    // An element takes a byte at least.
    const { arena, at } = this;
    if (this.count > bytesMax || !isFlat(arena, at)) return bytesMax + 1;
    // Asked after every pop: without a walk, which would look for the first element of each pack.
    let bytes = elementBytesOf(arena, packAt(arena, at, headAt));
    bytes += elementBytesOf(arena, packAt(arena, at, tailAt));
    for (let index = 0; bytes <= bytesMax; index++) {
      const ref = packOfFlat(arena, at, index);
      if (ref === 0) break;
      bytes += elementBytesOf(arena, ref);
    }
    return bytes;
  }

  /** Bytes of its blocks, calculated from those with about `samples` elements of the tree; from all with 0. */
  blockBytes(samples: number): number {
    const { arena, at } = this;
    let endBytes = 0;
    for (const end of [headAt, tailAt] as const) {
      const ref = packAt(arena, at, end);
      if (ref !== 0) endBytes += payloadBytes(arena, ref) + bytesBesidePack;
    }
    const countAtHead = countAtEnd(arena, at, headAt);
    const countInTree = this.count - countAtHead - countAtEnd(arena, at, tailAt);
    if (countInTree === 0) return endBytes;
    let bytes = 0;
    let seen = 0;
    while (seen < countInTree && (samples === 0 || seen < samples)) {
      this.seek(countAtHead + seen, walk);
      bytes += walk.pack.room + bytesBesidePack;
      seen += walk.pack.count;
    }
    return endBytes + Math.round((bytes / seen) * countInTree);
  }

  /** Frees a slice of its blocks. Returns whether any is left; the sequence then is good for nothing else. */
  dispose(): boolean {
    const { arena, at } = this;
    freeEnd(arena, at, headAt);
    freeEnd(arena, at, tailAt);
    for (let freed = 0; freed < packsFreedMax; ) {
      const packs = dismantleLeaf(arena, at);
      if (packs === 0) return false;
      freed += packs;
    }
    return rootOf(arena, at) !== 0;
  }

  /** Checks every pack and what is told of it. O(n); for tests. */
  verify(): void {
    const { arena, at } = this;
    const countInTree = visitPacks(arena, at, (ref, elements) => {
      pointAt(walk.pack, arena, ref).verify();
      const isCounted = walk.pack.count === elements && elements > 0;
      assert(isCounted, 'sequence: packs in the tree are counted and not empty');
    });
    for (const end of [headAt, tailAt] as const) {
      const ref = packAt(arena, at, end);
      if (ref !== 0) pointAt(walk.pack, arena, ref).verify();
    }
    const countAtEnds = countAtEnd(arena, at, headAt) + countAtEnd(arena, at, tailAt);
    assert(this.count === countInTree + countAtEnds, 'sequence: it counts what its packs have');
  }

  private push(end: End, source: Slice): void {
    if (!this.pointAtEnd(end) || !appendElement(endPack, source)) {
      this.replaceEnd(end, source.length);
      const isAdded = appendElement(endPack, source);
      assert(isAdded, 'sequence: a new end has room for what is pushed');
    }
    addToCount(this.arena, this.at, 1);
  }

  /** Removes the outermost element of an end's pack, if it has any. */
  private removeAtEnd(end: End): boolean {
    const { arena, at } = this;
    if (countAtEnd(arena, at, end) === 0) return false;
    this.pointAtEnd(end);
    removeLastElement(endPack);
    addToCount(arena, at, -1);
    return true;
  }

  /** Points a view at the pack at an end, if there is one. */
  private pointAtEnd(end: End): boolean {
    const { arena, at } = this;
    const ref = packAt(arena, at, end);
    if (ref === 0) return false;
    pointAt(endPack, arena, ref);
    return true;
  }

  /** Hands the pack at an end to the tree and points the view at a new one, with room for `length` bytes. */
  private replaceEnd(end: End, length: number): void {
    const { arena, at } = this;
    const bytes = packHeaderBytes + packElementBytes(length);
    const block = allocate(arena, Math.max(packBytes, bytes));
    try {
      sealEnd(arena, at, end);
    } catch (error) {
      free(arena, block);
      throw error;
    }
    setPackAt(arena, at, end, block);
    pointAt(endPack, arena, block).format();
  }
}

/** Bytes that the elements of a pack take in it, 0 where there is none. */
function elementBytesOf(arena: Arena, ref: Ref): number {
  return ref === 0 ? 0 : pointAt(endPack, arena, ref).bytes - packHeaderBytes;
}

const endPack = new Pack();
const walk = new SequenceCursor();
