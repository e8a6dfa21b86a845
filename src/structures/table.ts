/**
 * A hash table that grows and shrinks in steps nobody notices: extendible hashing (Fagin, Nievergelt,
 * Pippenger, Strong, 1979) over segments of 64 cache-line buckets (segment.ts).
 *
 * A directory of 2^depth words maps the highest bits of a hash to a segment. A segment that fills up is split
 * in two by one more bit, about 640 items and 0.1 ms; the directory doubles when a segment needs more bits than
 * it has, which copies 4 bytes for every few hundred items. There is no second table, no rehash phase, and no
 * allocation larger than the directory. A table of few items is a single segment of 1 to 64 buckets.
 * Segments that empty are merged with their buddies again.
 *
 * A scan goes through the bucket fields of the hash and, within one, through the prefixes; both orders are
 * functions of the hash alone, so a cursor means the same whatever was split or merged meanwhile: an item that
 * is there from start to end is returned at least once, whatever else happens.
 *
 * Items are blocks in the same arena; a subclass says where an item's key is. Items may move if the table is told.
 *
 * The table's own header, inside a block of its owner's:
 *
 *     0    directory   block of 2^depth words, each a segment
 *     4    depth
 *     8    count       items
 *     12   deepest     segments whose depth is the directory's: when none is left, it can be halved
 */
import { allocate, free } from '#memory/allocator.ts';
import type { Arena, Ref } from '#memory/arena.ts';
import { nullRef } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import { equalBytes } from '#memory/bytes.ts';
import type { Slice } from '#memory/slice.ts';
import { type HashSeed, halfSipHash } from './halfsiphash.ts';
import type { RefList } from './ref-list.ts';
import {
  addToChain,
  bucketAt,
  bucketBitsMax,
  bucketFieldOf,
  bucketFor,
  bucketsIn,
  createSegment,
  destroySegment,
  matchTags,
  moveBucket,
  nextInChain,
  refInSlot,
  removeFromChain,
  type Segment,
  segmentBits,
  segmentCount,
  segmentDepth,
  setRefInSlot,
  setSegmentDepth,
  slotIn,
  slotsPerBucket,
  tagInSlot,
  tagOf,
  verifySegment,
} from './segment.ts';

const directoryAt = 0;
const depthAt = 4;
const countAt = 8;
const deepestAt = 12;

/** Bytes of a table's header. */
export const tableHeaderBytes = 16;

/** Items for each bucket at which a segment grows or splits. Measured: 8 B an item here, chains still short. */
const loadMax = 10;
/** A split beyond this depth would separate nothing but colliding hashes: chains grow instead. */
const depthMax = 19;
/** A segment is merged or halved when it would then be filled to less than this share of its maximum. */
const mergedShare = 0.5;
/** How often a random pick is repeated before the scan order decides. */
const randomTriesMax = 128;

const prefixSpan = 2 ** 32;

/** Cursors are below this number, which leaves room for a shard's number above it. */
export const scanCursorEnd = prefixSpan * 2 ** bucketBitsMax;

export abstract class Table {
  readonly arena: Arena;
  private readonly at: number;
  private readonly seed: HashSeed;

  /** A view of the table whose header is at byte offset `at`. */
  constructor(arena: Arena, at: number, seed: HashSeed) {
    this.arena = arena;
    this.at = at;
    this.seed = seed;
  }

  /** Where an item's key begins. */
  protected abstract keyAt(item: Ref): number;
  protected abstract keyLength(item: Ref): number;

  /** Writes the header of a new, empty table. */
  format(): void {
    const { arena, at } = this;
    const segment = createSegment(arena, 0, 0);
    const directory = allocate(arena, 4);
    arena.setWord(directory, segment);
    arena.setWord(at + directoryAt, directory);
    arena.setWord(at + depthAt, 0);
    arena.setWord(at + countAt, 0);
    arena.setWord(at + deepestAt, 1);
  }

  get count(): number {
    return this.arena.word(this.at + countAt);
  }

  /** The hash under which the table keeps a key. */
  hashOf(key: Slice): number {
    return halfSipHash(this.seed, key.bytes, key.at, key.length);
  }

  /** The item with this key, or null. O(1). */
  find(hash: number, key: Slice): Ref {
    const { arena } = this;
    const { bytes, at, length } = key;
    const pattern = Math.imul(tagOf(hash), 0x01010101);
    let bucket = this.bucketOf(hash);
    do {
      for (let group = 0; group < 3; group++) {
        let match = matchTags(arena, bucket, group, pattern);
        while (match !== 0) {
          const item = refInSlot(arena, bucket, group * 4 + slotIn(match));
          if (
            item !== 0 &&
            this.keyLength(item) === length &&
            equalBytes(arena.bytes, this.keyAt(item), bytes, at, length)
          ) {
            return item;
          }
          match &= match - 1;
        }
      }
      bucket = nextInChain(arena, bucket);
    } while (bucket !== 0);
    return nullRef;
  }

  /** Adds an item whose key the table does not have. O(1), now and then a segment's split. May allocate. */
  insert(hash: number, item: Ref): void {
    const { arena, at } = this;
    let segment = this.segmentOf(hash);
    while (this.isFull(segment)) {
      if (segmentBits(arena, segment) < bucketBitsMax) this.resizeOnly(segment, 1);
      else this.split(segment, hash);
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
    this.collect(bucketAt(segment, field >>> (bucketBitsMax - bits)), into);
    const span = 2 ** (32 - segmentDepth(arena, segment));
    const nextPrefix = Math.floor(prefix / span) * span + span;
    if (nextPrefix < prefixSpan) return field * prefixSpan + nextPrefix;
    const fields = 1 << (bucketBitsMax - bits);
    const nextField = Math.floor(field / fields) * fields + fields;
    return nextField === 1 << bucketBitsMax ? 0 : nextField * prefixSpan;
  }

  /** Adds the items of the bucket that two random int32s pick to `into`. */
  sample(random: number, random2: number, into: RefList): void {
    const segment = this.segmentOf(random);
    const index = random2 & (bucketsIn(this.arena, segment) - 1);
    this.collect(bucketAt(segment, index), into);
  }

  /** A uniformly random item, or null when there is none. `next` draws an int32. Expected O(1). */
  random(next: () => number, scratch: RefList): Ref {
    if (this.count === 0) return nullRef;
    for (let tries = 0; tries < randomTriesMax; tries++) {
      scratch.clear();
      this.sample(next(), next(), scratch);
      // Drawing from more places than a chain has, and rejecting, is what makes it uniform.
      const place = (next() >>> 0) % (2 * slotsPerBucket);
      if (place < scratch.length) return scratch.at(place);
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
    const { arena, at } = this;
    const directory = arena.ref(at + directoryAt);
    const depth = arena.word(at + depthAt);
    // While the table is taken apart the count is where the next segment is.
    const index = arena.word(at + deepestAt) < 0 ? arena.word(at + countAt) : 0;
    arena.setWord(at + deepestAt, -1);
    if (index === 1 << depth) {
      free(arena, directory);
      arena.setWord(at + directoryAt, 0);
      return false;
    }
    const segment = arena.word(directory + index * 4);
    for (let bucket = 0; bucket < bucketsIn(arena, segment); bucket++) {
      this.collect(bucketAt(segment, bucket), into);
    }
    arena.setWord(at + countAt, index + (1 << (depth - segmentDepth(arena, segment))));
    destroySegment(arena, segment);
    return true;
  }

  private bucketOf(hash: number): number {
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

  private readonly place = { bucket: 0, slot: 0 };

  /** The slot that refers to `item`. The same object at every call. */
  private locate(hash: number, item: Ref): { readonly bucket: number; readonly slot: number } {
    const { arena, place } = this;
    const pattern = Math.imul(tagOf(hash), 0x01010101);
    for (let bucket = this.bucketOf(hash); bucket !== 0; bucket = nextInChain(arena, bucket)) {
      for (let group = 0; group < 3; group++) {
        let match = matchTags(arena, bucket, group, pattern);
        while (match !== 0) {
          const slot = group * 4 + slotIn(match);
          if (refInSlot(arena, bucket, slot) === item && tagInSlot(arena, bucket, slot) !== 0) {
            place.bucket = bucket;
            place.slot = slot;
            return place;
          }
          match &= match - 1;
        }
      }
    }
    assert(false, 'table: the item is in the table');
    return place;
  }

  private collect(bucket: number, into: RefList): void {
    const { arena } = this;
    for (; bucket !== 0; bucket = nextInChain(arena, bucket)) {
      for (let slot = 0; slot < slotsPerBucket; slot++) {
        if (tagInSlot(arena, bucket, slot) !== 0) into.push(refInSlot(arena, bucket, slot));
      }
    }
  }

  /** Replaces the only segment by one of twice (`by` = 1) or half (-1) as many buckets. */
  private resizeOnly(segment: Segment, by: number): void {
    const { arena } = this;
    const resized = createSegment(arena, 0, segmentBits(arena, segment) + by);
    this.rehash(segment, resized, resized, 0);
    destroySegment(arena, segment);
    arena.setWord(arena.word(this.at + directoryAt), resized);
  }

  /** Moves every item of `from` to `zeros` or `ones`, as `bit` of its hash says. */
  private rehash(from: Segment, zeros: Segment, ones: Segment, bit: number): void {
    const { arena, seed } = this;
    for (let index = 0; index < bucketsIn(arena, from); index++) {
      for (let bucket = bucketAt(from, index); bucket !== 0; bucket = nextInChain(arena, bucket)) {
        for (let slot = 0; slot < slotsPerBucket; slot++) {
          if (tagInSlot(arena, bucket, slot) === 0) continue;
          const item = refInSlot(arena, bucket, slot);
          const hash = halfSipHash(seed, arena.bytes, this.keyAt(item), this.keyLength(item));
          const to = (hash & bit) === 0 ? zeros : ones;
          const home = bucketFor(to, segmentBits(arena, to), hash);
          addToChain(arena, to, home, tagOf(hash), item);
        }
      }
    }
  }

  private split(segment: Segment, hash: number): void {
    const { arena, at } = this;
    const depth = segmentDepth(arena, segment);
    if (depth === arena.word(at + depthAt)) this.doubleDirectory();
    const zeros = createSegment(arena, depth + 1, bucketBitsMax);
    const ones = createSegment(arena, depth + 1, bucketBitsMax);
    this.rehash(segment, zeros, ones, 1 << (31 - depth));
    const span = this.spanOf(depth + 1);
    const first = this.firstIndex(hash, depth);
    this.point(first, span, zeros);
    this.point(first + span, span, ones);
    if (depth + 1 === arena.word(at + depthAt)) this.addDeepest(2);
    destroySegment(arena, segment);
  }

  private shrink(segment: Segment, hash: number): void {
    const { arena } = this;
    const depth = segmentDepth(arena, segment);
    const bits = segmentBits(arena, segment);
    const count = segmentCount(arena, segment);
    if (depth > 0) this.mergeWithBuddy(segment, depth, hash);
    else if (bits > 0 && count < (loadMax << (bits - 1)) * mergedShare)
      this.resizeOnly(segment, -1);
  }

  private mergeWithBuddy(segment: Segment, depth: number, hash: number): void {
    const { arena, at } = this;
    const limit = (loadMax << bucketBitsMax) * mergedShare;
    if (segmentCount(arena, segment) >= limit / 2) return;
    const buddy = this.segmentOf(hash ^ (1 << (32 - depth)));
    if (segmentDepth(arena, buddy) !== depth) return;
    if (segmentCount(arena, segment) + segmentCount(arena, buddy) >= limit) return;
    for (let index = 0; index < bucketsIn(arena, buddy); index++) {
      moveBucket(arena, buddy, segment, index);
    }
    setSegmentDepth(arena, segment, depth - 1);
    this.point(this.firstIndex(hash, depth - 1), this.spanOf(depth - 1), segment);
    destroySegment(arena, buddy);
    if (depth === arena.word(at + depthAt)) {
      this.addDeepest(-2);
      while (arena.word(at + deepestAt) === 0) this.halveDirectory();
    }
  }

  /** How many directory words a segment of `depth` has. */
  private spanOf(depth: number): number {
    return 1 << (this.arena.word(this.at + depthAt) - depth);
  }

  /** The first directory word of the segment of `depth` that holds `hash`. */
  private firstIndex(hash: number, depth: number): number {
    return depth === 0 ? 0 : (hash >>> (32 - depth)) * this.spanOf(depth);
  }

  private point(first: number, span: number, segment: Segment): void {
    const word = (this.arena.word(this.at + directoryAt) >> 2) + first;
    this.arena.words.fill(segment, word, word + span);
  }

  private addDeepest(difference: number): void {
    const { arena, at } = this;
    arena.setWord(at + deepestAt, arena.word(at + deepestAt) + difference);
  }

  private doubleDirectory(): void {
    const { arena, at } = this;
    const length = 1 << arena.word(at + depthAt);
    const doubled = allocate(arena, length * 8);
    const directory = arena.ref(at + directoryAt);
    for (let index = 0; index < length; index++) {
      const segment = arena.word(directory + index * 4);
      arena.setWord(doubled + index * 8, segment);
      arena.setWord(doubled + index * 8 + 4, segment);
    }
    this.setDirectory(doubled, arena.word(at + depthAt) + 1, 0);
  }

  private halveDirectory(): void {
    const { arena, at } = this;
    const depth = arena.word(at + depthAt) - 1;
    const halved = allocate(arena, 4 << depth);
    const directory = arena.ref(at + directoryAt);
    let deepest = 0;
    for (let index = 0; index < 1 << depth; index++) {
      const segment = arena.word(directory + index * 8);
      arena.setWord(halved + index * 4, segment);
      if (segmentDepth(arena, segment) === depth) deepest++;
    }
    this.setDirectory(halved, depth, deepest);
  }

  private setDirectory(directory: Ref, depth: number, deepest: number): void {
    const { arena, at } = this;
    free(arena, arena.ref(at + directoryAt));
    arena.setWord(at + directoryAt, directory);
    arena.setWord(at + depthAt, depth);
    arena.setWord(at + deepestAt, deepest);
  }

  /** Checks every segment, every item's place and all counts. O(n); for tests. */
  verify(): void {
    const { arena, at } = this;
    const depth = arena.word(at + depthAt);
    const directory = arena.word(at + directoryAt);
    let items = 0;
    let deepest = 0;
    for (let index = 0; index < 1 << depth; ) {
      const segment = arena.word(directory + index * 4);
      const segmentDepthNow = segmentDepth(arena, segment);
      const span = 1 << (depth - segmentDepthNow);
      assert(index % span === 0, 'table: a segment starts at a multiple of its span');
      for (let word = index; word < index + span; word++) {
        assert(arena.word(directory + word * 4) === segment, 'table: a segment has its whole span');
      }
      assert(
        depth === 0 || segmentBits(arena, segment) === bucketBitsMax,
        'table: segments are full-sized',
      );
      items += verifySegment(arena, segment);
      this.verifyPlaces(segment, index, depth);
      if (segmentDepthNow === depth) deepest++;
      index += span;
    }
    assert(items === this.count, 'table: its count is that of its segments');
    assert(deepest === arena.word(at + deepestAt), 'table: the deepest segments are counted');
  }

  private verifyPlaces(segment: Segment, index: number, depth: number): void {
    const { arena, seed } = this;
    const bits = segmentBits(arena, segment);
    const local = segmentDepth(arena, segment);
    for (let number = 0; number < bucketsIn(arena, segment); number++) {
      for (
        let bucket = bucketAt(segment, number);
        bucket !== 0;
        bucket = nextInChain(arena, bucket)
      ) {
        for (let slot = 0; slot < slotsPerBucket; slot++) {
          if (tagInSlot(arena, bucket, slot) === 0) continue;
          const item = refInSlot(arena, bucket, slot);
          const hash = halfSipHash(seed, arena.bytes, this.keyAt(item), this.keyLength(item));
          const prefix = local === 0 ? 0 : hash >>> (32 - local);
          assert(
            prefix === index >>> (depth - local),
            'table: an item is in the segment of its hash',
          );
          assert(bucketFieldOf(hash) >>> (bucketBitsMax - bits) === number, 'table: in its bucket');
          assert(tagOf(hash) === tagInSlot(arena, bucket, slot), 'table: under its tag');
        }
      }
    }
  }
}
