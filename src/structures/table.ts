/**
 * A hash table that grows and shrinks in steps nobody notices: extendible hashing (Fagin, Nievergelt,
 * Pippenger, Strong, 1979) over segments of 64 cache-line buckets (segment.ts).
 *
 * A directory of 2^depth words (directory.ts) maps the highest bits of a hash to a segment. A segment that
 * fills up is split in two by one more bit, about 640 items and 0.1 ms; the directory doubles when a segment
 * needs more bits than it has, which copies 4 bytes for every few hundred items. There is no second table, no
 * rehash phase, and no allocation larger than the directory. A table of few items is a single segment of 1 to
 * 64 buckets. Segments that empty are merged with their buddies again.
 *
 * A scan goes through the bucket fields of the hash and, within one, through the prefixes; both orders are
 * functions of the hash alone, so a cursor means the same whatever was split or merged meanwhile: an item that
 * is there from start to end is returned at least once, whatever else happens.
 *
 * Items are blocks in the same arena; a subclass says where an item's key is. Items may move if the table is told.
 */
import { type Arena, ArenaFullError, nullRef, type Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import {
  addDeepest,
  countAt,
  createDirectory,
  deepestAt,
  depthAt,
  depthFor,
  directoryAt,
  dismantleDirectory,
  halveDirectory,
  headerBytes,
  pointDirectory,
} from './directory.ts';
import { type HashSeed, halfSipHash } from './halfsiphash.ts';
import type { Probe } from './probe.ts';
import type { RefList } from './ref-list.ts';
import {
  addToChain,
  bucketAt,
  bucketBitsMax,
  bucketFor,
  bucketsIn,
  collectChain,
  copyBucket,
  createSegment,
  destroySegment,
  matchTags,
  nextInChain,
  refInSlot,
  removeFromChain,
  type Segment,
  segmentBits,
  segmentCount,
  segmentDepth,
  setRefInSlot,
  slotOf,
  slotsPerBucket,
  tagInSlot,
  tagOf,
} from './segment.ts';
import { resizeOnly, splitBitsMax, splitSegment } from './table-growth.ts';
import { itemAtRandom } from './table-random.ts';
import { verifyTable } from './table-verify.ts';

/** Bytes of a table's header. */
export const tableHeaderBytes = headerBytes;

/** Items for each bucket at which a segment grows or splits. Measured: 8 B an item here, chains still short. */
const loadMax = 10;
/** A split beyond this depth would separate nothing but colliding hashes: chains grow instead. */
const depthMax = 19;
/** A segment is merged or halved when it would then be filled to less than this share of its maximum. */
const mergedShare = 0.5;
/** How often a random pick is repeated before the scan order decides. */
const randomTriesMax = 1024;
const prefixSpan = 2 ** 32;
/** Cursors are below this number, which leaves room for a shard's number above it. */
export const scanCursorEnd = prefixSpan * 2 ** bucketBitsMax;

export abstract class Table {
  arena: Arena;
  private at: number;
  private seed: HashSeed;
  /** How deep the segments of all items that were announced will be. Only a hint, so this view's and not the arena's. */
  private expectedDepth = 0;

  /** A view of the table whose header is at byte offset `at`. */
  constructor(arena: Arena, at: number, seed: HashSeed) {
    this.arena = arena;
    this.at = at;
    this.seed = seed;
  }

  /** Points this view at another table, or at where this one's header has moved. */
  point(arena: Arena, at: number, seed: HashSeed): this {
    this.arena = arena;
    this.at = at;
    this.seed = seed;
    return this;
  }

  /** Where an item's key begins: a multiple of 4. */
  protected abstract keyAt(item: Ref): number;
  protected abstract keyLength(item: Ref): number;

  /** Writes the header of a new, empty table. */
  format(): void {
    const { arena, at } = this;
    createDirectory(arena, at, createSegment(arena, 0, 0));
    arena.setWord(at + countAt, 0);
  }

  get count(): number {
    return this.arena.word(this.at + countAt);
  }

  /** Announces about how many items there will be, for the table to grow in larger steps until then. Takes no memory. */
  expect(items: number): void {
    this.expectedDepth = depthFor(items);
  }

  /** The item with the probe's key, or null. The probe was loaded with this table's seed. O(1). */
  find(probe: Probe): Ref {
    const { arena } = this;
    const { hash, length } = probe;
    const pattern = Math.imul(tagOf(hash), 0x01010101);
    let bucket = this.bucketOf(hash);
    do {
      let matches = matchTags(arena, bucket, pattern);
      while (matches !== 0) {
        const item = refInSlot(arena, bucket, slotOf(matches));
        if (
          item !== 0 &&
          this.keyLength(item) === length &&
          probe.equals(arena.words, this.keyAt(item) >> 2)
        ) {
          return item;
        }
        matches &= matches - 1;
      }
      bucket = nextInChain(arena, bucket);
    } while (bucket !== 0);
    return nullRef;
  }

  /** The hash of an item's key. */
  hashOf(item: Ref): number {
    return halfSipHash(this.seed, this.arena.words, this.keyAt(item) >> 2, this.keyLength(item));
  }

  /** Adds an item whose key the table does not have. O(1), now and then a segment's split. May allocate. */
  insert(hash: number, item: Ref): void {
    const { arena, at } = this;
    let segment = this.segmentOf(hash);
    while (this.isFull(segment)) {
      if (segmentBits(arena, segment) < bucketBitsMax) resizeOnly(this, at, segment, 1);
      else splitSegment(this, at, segment, hash, this.splitBits(segment));
      segment = this.segmentOf(hash);
    }
    const bucket = bucketFor(segment, segmentBits(arena, segment), hash);
    addToChain(arena, segment, bucket, tagOf(hash), item);
    arena.setWord(at + countAt, arena.word(at + countAt) + 1);
  }

  /** Tells the table that an item is at another place now. O(1). */
  replace(hash: number, item: Ref, moved: Ref): void {
    const found = this.locate(hash, item);
    setRefInSlot(this.arena, found.bucket, found.slot, moved);
  }

  /** Takes an item out; the item itself stays. O(1), now and then a merge. */
  remove(hash: number, item: Ref): void {
    const { arena, at } = this;
    const { bucket, slot } = this.locate(hash, item);
    const segment = this.segmentOf(hash);
    const first = bucketFor(segment, segmentBits(arena, segment), hash);
    removeFromChain(arena, segment, first, bucket, slot);
    arena.setWord(at + countAt, arena.word(at + countAt) - 1);
    this.shrink(segment, hash);
  }

  /** Adds the items that may have this hash to `into`: all that have, and a few that only share its tag. */
  candidates(hash: number, into: RefList): void {
    const { arena } = this;
    const tag = tagOf(hash);
    for (let bucket = this.bucketOf(hash); bucket !== 0; bucket = nextInChain(arena, bucket)) {
      for (let slot = 0; slot < slotsPerBucket; slot++) {
        if (tagInSlot(arena, bucket, slot) === tag) into.push(refInSlot(arena, bucket, slot));
      }
    }
  }

  /**
   * Adds the items of the bucket at `cursor` to `into` and returns the cursor to go on with, 0 at the end.
   * Start with 0. Items may appear twice when the table shrinks meanwhile.
   */
  scan(cursor: number, into: RefList): number {
    const { arena } = this;
    const field = Math.floor(cursor / prefixSpan);
    const prefix = cursor % prefixSpan;
    assert(field < 1 << bucketBitsMax, 'scan: the cursor is one of ours');
    const segment = this.segmentOf(prefix | 0);
    const bits = segmentBits(arena, segment);
    collectChain(arena, bucketAt(segment, field >>> (bucketBitsMax - bits)), into);
    const span = 2 ** (32 - segmentDepth(arena, segment));
    const nextPrefix = Math.floor(prefix / span) * span + span;
    if (nextPrefix < prefixSpan) return field * prefixSpan + nextPrefix;
    const fields = 1 << (bucketBitsMax - bits);
    const nextField = Math.floor(field / fields) * fields + fields;
    return nextField === 1 << bucketBitsMax ? 0 : nextField * prefixSpan;
  }

  /** Adds the items of the bucket that two random int32s pick to `into`. */
  sample(random: number, random2: number, into: RefList): void {
    const { arena } = this;
    const segment = this.segmentOf(random);
    const index = random2 & (bucketsIn(arena, segment) - 1);
    collectChain(arena, bucketAt(segment, index), into);
  }

  /**
   * A random item, each as likely as any other, or null when there is none. `next` draws an int32. Expected O(1): random
   * places are looked at until one has an item, three to five of them.
   */
  random(next: () => number, scratch: RefList): Ref {
    if (this.count === 0) return nullRef;
    for (let tries = 0; tries < randomTriesMax; tries++) {
      const item = itemAtRandom(this.arena, this.at, next());
      if (item !== 0) return item;
    }
    let cursor = Math.floor(Math.abs(next()) % (1 << bucketBitsMax)) * prefixSpan;
    scratch.clear();
    while (scratch.length === 0) cursor = this.scan(cursor, scratch);
    return scratch.at(0);
  }

  /**
   * Takes one segment apart: adds its items to `into`, for the owner to free, and frees the segment. Returns
   * false, having freed the directory, when there was none left. Nothing else may be called in between.
   */
  dismantle(into: RefList): boolean {
    const { arena } = this;
    const segment = dismantleDirectory(arena, this.at);
    if (segment === 0) return false;
    for (let bucket = 0; bucket < bucketsIn(arena, segment); bucket++) {
      collectChain(arena, bucketAt(segment, bucket), into);
    }
    destroySegment(arena, segment);
    return true;
  }

  /** Where the items with this hash would be. */
  bucketOf(hash: number): number {
    const segment = this.segmentOf(hash);
    // Only a table of one segment has smaller ones, so the others' headers need not be touched.
    const bits =
      this.arena.word(this.at + depthAt) === 0 ? segmentBits(this.arena, segment) : bucketBitsMax;
    return bucketFor(segment, bits, hash);
  }

  private segmentOf(hash: number): Segment {
    const { arena, at } = this;
    const depth = arena.word(at + depthAt);
    const index = depth === 0 ? 0 : hash >>> (32 - depth);
    return arena.word(arena.word(at + directoryAt) + index * 4);
  }

  private isFull(segment: Segment): boolean {
    const { arena } = this;
    const bits = segmentBits(arena, segment);
    if (segmentCount(arena, segment) < loadMax << bits) return false;
    return bits < bucketBitsMax || segmentDepth(arena, segment) < depthMax;
  }

  private splitBits(segment: Segment): number {
    const missing = this.expectedDepth - segmentDepth(this.arena, segment);
    return Math.max(1, Math.min(missing, splitBitsMax));
  }

  private readonly place = { bucket: 0, slot: 0 };

  /** The slot that refers to `item`. The same object at every call. */
  private locate(hash: number, item: Ref): { readonly bucket: number; readonly slot: number } {
    const { arena, place } = this;
    const pattern = Math.imul(tagOf(hash), 0x01010101);
    for (let bucket = this.bucketOf(hash); bucket !== 0; bucket = nextInChain(arena, bucket)) {
      let matches = matchTags(arena, bucket, pattern);
      while (matches !== 0) {
        const slot = slotOf(matches);
        if (refInSlot(arena, bucket, slot) === item && tagInSlot(arena, bucket, slot) !== 0) {
          place.bucket = bucket;
          place.slot = slot;
          return place;
        }
        matches &= matches - 1;
      }
    }
    assert(false, 'table: the item is in the table');
    return place;
  }

  /** Removing never fails: a table that finds no memory to become smaller stays as it is. */
  private shrink(segment: Segment, hash: number): void {
    try {
      this.shrinkOrThrow(segment, hash);
    } catch (error) {
      if (!(error instanceof ArenaFullError)) throw error;
    }
  }

  private shrinkOrThrow(segment: Segment, hash: number): void {
    const { arena } = this;
    const depth = segmentDepth(arena, segment);
    const bits = segmentBits(arena, segment);
    const count = segmentCount(arena, segment);
    if (depth > 0) this.mergeWithBuddy(segment, depth, hash);
    // A split that found no memory may have left the only segment with a directory of two: see `bucketOf`.
    else if (arena.word(this.at + depthAt) > 0) return;
    else if (bits > 0 && count < (loadMax << (bits - 1)) * mergedShare)
      resizeOnly(this, this.at, segment, -1);
  }

  private mergeWithBuddy(segment: Segment, depth: number, hash: number): void {
    const { arena, at } = this;
    const limit = (loadMax << bucketBitsMax) * mergedShare;
    if (segmentCount(arena, segment) >= limit / 2) return;
    const buddy = this.segmentOf(hash ^ (1 << (32 - depth)));
    if (segmentDepth(arena, buddy) !== depth) return;
    if (segmentCount(arena, segment) + segmentCount(arena, buddy) >= limit) return;
    const merged = createSegment(arena, depth - 1, bucketBitsMax);
    try {
      for (let index = 0; index < bucketsIn(arena, merged); index++) {
        copyBucket(arena, segment, merged, index);
        copyBucket(arena, buddy, merged, index);
      }
    } catch (error) {
      destroySegment(arena, merged);
      throw error;
    }
    pointDirectory(arena, at, hash, depth - 1, merged);
    destroySegment(arena, segment);
    destroySegment(arena, buddy);
    if (depth === arena.word(at + depthAt)) {
      addDeepest(arena, at, -2);
      while (arena.word(at + deepestAt) === 0) halveDirectory(arena, at);
    }
  }

  /** Checks every segment, every item's place and all counts. O(n); for tests. */
  verify(): void {
    verifyTable(this, this.at);
  }
}
