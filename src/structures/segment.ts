/**
 * Segments: the pieces a {@link Table} is made of, each a small closed hash table of up to 64 buckets.
 *
 * A bucket is one cache line of twelve slots. A lookup compares twelve one-byte tags in three words and
 * follows only the references whose tag fits, so a miss costs one cache line and a hit two. A bucket that
 * overflows chains further buckets of the same shape.
 *
 *     bucket, 64 bytes                          segment, aligned so that buckets are cache lines
 *     0   chain   next bucket or 0              -16  block    what to free
 *     4   tags    12 bytes, 0 = slot empty      -12  depth    bits of hash prefix it answers for
 *     16  refs    12 words                      -8   count    items in it
 *                                               -4   bits     log2 of its buckets
 *                                               0    buckets
 *
 * Which part of a hash decides what: the highest `depth` bits the segment, bits 7 to 12 the bucket (their
 * upper bits first, so that the order of buckets survives resizing), a product of all bits the tag. The
 * lowest 7 bits are left to whoever spreads keys over several tables.
 */
import { allocate, free } from '#memory/allocator.ts';
import type { Arena, Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import type { RefList } from './ref-list.ts';

export const slotsPerBucket = 12;
const bucketBytes = 64;
const tagsAt = 4;
const refsAt = 16;

const segmentHeaderBytes = 16;
const blockAt = -16;
const depthAt = -12;
const countAt = -8;
const bitsAt = -4;

/** log2 of the buckets in a full-sized segment. */
export const bucketBitsMax = 6;
const bucketField = (1 << bucketBitsMax) - 1;
const bucketFieldShift = 7;

/** Where a segment's buckets begin; a multiple of 64. */
export type Segment = number;

/** The tag of a hash: 1 to 255. */
export function tagOf(hash: number): number {
  return Math.imul(hash, 0x9e3779b1) >>> 24 || 1;
}

/** The part of a hash that picks a bucket, 0 to 63. */
export function bucketFieldOf(hash: number): number {
  return (hash >>> bucketFieldShift) & bucketField;
}

export function createSegment(arena: Arena, depth: number, bits: number): Segment {
  const length = bucketBytes << bits;
  const block = allocate(arena, segmentHeaderBytes + (bucketBytes - 4) + length);
  const segment = (block + segmentHeaderBytes + bucketBytes - 1) & -bucketBytes;
  arena.setWord(segment + blockAt, block);
  arena.setWord(segment + depthAt, depth);
  arena.setWord(segment + countAt, 0);
  arena.setWord(segment + bitsAt, bits);
  arena.words.fill(0, segment >> 2, (segment + length) >> 2);
  return segment;
}

/** Frees a segment and its chained buckets; what its slots refer to stays. */
export function destroySegment(arena: Arena, segment: Segment): void {
  for (let index = 0; index < bucketsIn(arena, segment); index++) {
    let chained = arena.ref(segment + index * bucketBytes);
    while (chained !== 0) {
      const next = arena.ref(chained);
      free(arena, chained);
      chained = next;
    }
  }
  free(arena, segmentBlock(arena, segment));
}

export function segmentDepth(arena: Arena, segment: Segment): number {
  return arena.word(segment + depthAt);
}

/** The block that the segment lies in. */
export function segmentBlock(arena: Arena, segment: Segment): Ref {
  return arena.ref(segment + blockAt);
}

export function segmentCount(arena: Arena, segment: Segment): number {
  return arena.word(segment + countAt);
}

export function segmentBits(arena: Arena, segment: Segment): number {
  return arena.word(segment + bitsAt);
}

export function bucketsIn(arena: Arena, segment: Segment): number {
  return 1 << arena.word(segment + bitsAt);
}

/** The bucket at `index`. */
export function bucketAt(segment: Segment, index: number): number {
  return segment + index * bucketBytes;
}

/** The first bucket of the chain where items of `hash` are, in a segment of 2^`bits` buckets. */
export function bucketFor(segment: Segment, bits: number, hash: number): number {
  return segment + (bucketFieldOf(hash) >>> (bucketBitsMax - bits)) * bucketBytes;
}

/** The next bucket of a chain, or 0. */
export function nextInChain(arena: Arena, bucket: number): number {
  return arena.word(bucket);
}

/**
 * The slots whose tag is the byte repeated in `pattern`, as bits; {@link slotOf} says which slot a bit is, and
 * `matches & (matches - 1)` leaves the other bits. All twelve tags at once, because a branch for each word of them
 * would be a coin toss to the processor.
 */
export function matchTags(arena: Arena, bucket: number, pattern: number): number {
  const tags = (bucket + tagsAt) >> 2;
  const { words } = arena;
  // In range: a bucket is a whole block or part of one.
  const first = (words[tags] as number) ^ pattern;
  const second = (words[tags + 1] as number) ^ pattern;
  const third = (words[tags + 2] as number) ^ pattern;
  // A byte above a match may match by a borrow too; the reference then tells.
  return (
    (((first - 0x01010101) & ~first & 0x80808080) >>> 7) |
    (((second - 0x01010101) & ~second & 0x80808080) >>> 6) |
    (((third - 0x01010101) & ~third & 0x80808080) >>> 5)
  );
}

/** The slot that the lowest bit of matches stands for: bit 8 * i + g is the one at i in group g of four. */
export function slotOf(matches: number): number {
  const bit = 31 - Math.clz32(matches & -matches);
  return ((bit & 7) << 2) | (bit >> 3);
}

/** Reads the beginning of an item that may be the one with this hash, so that it is in the cache. 0 if there is none. */
export function touchItem(arena: Arena, bucket: number, hash: number): number {
  const matches = matchTags(arena, bucket, Math.imul(tagOf(hash), 0x01010101));
  return matches === 0 ? 0 : arena.word(refInSlot(arena, bucket, slotOf(matches)));
}

/** What the slot refers to; null where its tag is 0. */
export function refInSlot(arena: Arena, bucket: number, slot: number): Ref {
  return arena.ref(bucket + refsAt + slot * 4);
}

export function setRefInSlot(arena: Arena, bucket: number, slot: number, ref: Ref): void {
  arena.setWord(bucket + refsAt + slot * 4, ref);
}

export function tagInSlot(arena: Arena, bucket: number, slot: number): number {
  return arena.byte(bucket + tagsAt + slot);
}

/** Puts an item into the chain that starts at `bucket`. May allocate a chained bucket. */
export function addToChain(
  arena: Arena,
  segment: Segment,
  bucket: number,
  tag: number,
  ref: Ref,
): void {
  let slot = emptySlot(arena, bucket);
  while (slot < 0) {
    let next = arena.word(bucket);
    if (next === 0) {
      next = allocate(arena, bucketBytes);
      arena.words.fill(0, next >> 2, (next + bucketBytes) >> 2);
      arena.setWord(bucket, next);
    }
    bucket = next;
    slot = emptySlot(arena, bucket);
  }
  arena.setByte(bucket + tagsAt + slot, tag);
  arena.setWord(bucket + refsAt + slot * 4, ref);
  arena.setWord(segment + countAt, arena.word(segment + countAt) + 1);
}

/** Takes the item out of its slot and closes the gap from the chain's end, freeing a bucket that empties. */
export function removeFromChain(
  arena: Arena,
  segment: Segment,
  first: number,
  bucket: number,
  slot: number,
): void {
  clearSlot(arena, bucket, slot);
  arena.setWord(segment + countAt, arena.word(segment + countAt) - 1);
  let before = 0;
  let last = first;
  for (let next = arena.word(last); next !== 0; next = arena.word(last)) {
    before = last;
    last = next;
  }
  if (before === 0) return;
  const moved = lastFilledSlot(arena, last);
  if (moved >= 0 && last !== bucket) {
    arena.setByte(bucket + tagsAt + slot, tagInSlot(arena, last, moved));
    setRefInSlot(arena, bucket, slot, refInSlot(arena, last, moved));
    clearSlot(arena, last, moved);
  }
  if (lastFilledSlot(arena, last) < 0) {
    arena.setWord(before, 0);
    // Chained buckets are blocks of their own: `last` is one, for it has a bucket before it.
    free(arena, last as Ref);
  }
}

/** Adds every item of bucket `index` of `from`, tags as they are, to the same bucket of `to`. */
export function copyBucket(arena: Arena, from: Segment, to: Segment, index: number): void {
  for (let bucket = bucketAt(from, index); bucket !== 0; bucket = arena.word(bucket)) {
    for (let slot = 0; slot < slotsPerBucket; slot++) {
      const tag = tagInSlot(arena, bucket, slot);
      if (tag !== 0) {
        addToChain(arena, to, bucketAt(to, index), tag, refInSlot(arena, bucket, slot));
      }
    }
  }
}

/** Adds the items of the chain that begins with `bucket` to `into`. */
export function collectChain(arena: Arena, bucket: number, into: RefList): void {
  for (; bucket !== 0; bucket = nextInChain(arena, bucket)) {
    for (let slot = 0; slot < slotsPerBucket; slot++) {
      if (tagInSlot(arena, bucket, slot) !== 0) into.push(refInSlot(arena, bucket, slot));
    }
  }
}

/** Counts the slots in use and checks that the segment's own count agrees. For tests. */
export function verifySegment(arena: Arena, segment: Segment): number {
  assert(segment % bucketBytes === 0, 'segment: buckets are cache lines');
  let filled = 0;
  for (let index = 0; index < bucketsIn(arena, segment); index++) {
    for (let bucket = bucketAt(segment, index); bucket !== 0; bucket = arena.word(bucket)) {
      for (let slot = 0; slot < slotsPerBucket; slot++) {
        if (tagInSlot(arena, bucket, slot) !== 0) filled++;
      }
    }
  }
  assert(filled === segmentCount(arena, segment), 'segment: its count is the slots in use');
  return filled;
}

function clearSlot(arena: Arena, bucket: number, slot: number): void {
  arena.setByte(bucket + tagsAt + slot, 0);
  // A tag can match by a borrow: an empty slot must not lead to a block that was freed.
  arena.setWord(bucket + refsAt + slot * 4, 0);
}

function emptySlot(arena: Arena, bucket: number): number {
  // The lowest match is exact in its word, for borrows only reach upward.
  const matches = matchTags(arena, bucket, 0);
  return matches === 0 ? -1 : slotOf(matches);
}

function lastFilledSlot(arena: Arena, bucket: number): number {
  for (let slot = slotsPerBucket - 1; slot >= 0; slot--) {
    if (tagInSlot(arena, bucket, slot) !== 0) return slot;
  }
  return -1;
}
