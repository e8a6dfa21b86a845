/**
 * How the segments of a {@link Table} are replaced by larger ones or by more. Whatever finds no memory throws ArenaFullError
 * and leaves all as it was.
 *
 * A segment is mostly split in two. A table that is told how many items will come splits it in up to sixteen, which moves
 * an item on the way to a million about 0.2 times and not 1.5 times; and as a segment is only split when it is full, a wrong
 * announcement costs at most sixteen times the table that the items need.
 */
import type { Arena, Ref } from '#memory/arena.ts';
import { addDeepest, depthAt, directoryAt, doubleDirectory, pointDirectory } from './directory.ts';
import {
  addToChain,
  bucketAt,
  bucketBitsMax,
  bucketFor,
  bucketsIn,
  createSegment,
  destroySegment,
  nextInChain,
  refInSlot,
  type Segment,
  segmentBits,
  segmentDepth,
  slotsPerBucket,
  tagInSlot,
  tagOf,
} from './segment.ts';

/** Bits by which a segment is split at once at most: 64 KiB of new segments, about half a millisecond. */
export const splitBitsMax = 4;

/** What of a table is needed, beside its bytes. */
interface Growing {
  readonly arena: Arena;
  hashOf(item: Ref): number;
}

/** The segments that take the place of one: 2^bits of them. */
const parts = new Int32Array(1 << splitBitsMax);

/** Replaces the only segment by one of twice (`by` = 1) or half (-1) as many buckets. */
export function resizeOnly(table: Growing, at: number, segment: Segment, by: number): void {
  const { arena } = table;
  createParts(arena, 1, 0, segmentBits(arena, segment) + by);
  rehash(table, segment, 1, 0);
  destroySegment(arena, segment);
  arena.setWord(arena.word(at + directoryAt), partAt(0));
}

/** Splits the full-sized segment of the hashes that begin like `hash` by `bits` more bits. */
export function splitSegment(
  table: Growing,
  at: number,
  segment: Segment,
  hash: number,
  bits: number,
): void {
  const { arena } = table;
  const before = segmentDepth(arena, segment);
  const depth = before + bits;
  const count = 1 << bits;
  const shift = 32 - depth;
  while (arena.word(at + depthAt) < depth) doubleDirectory(arena, at);
  createParts(arena, count, depth, bucketBitsMax);
  rehash(table, segment, count, shift);
  // A shift by 32 would be none.
  const prefix = before === 0 ? 0 : hash & (-1 << (32 - before));
  for (let part = 0; part < count; part++) {
    pointDirectory(arena, at, prefix | (part << shift), depth, partAt(part));
  }
  if (depth === arena.word(at + depthAt)) addDeepest(arena, at, count);
  destroySegment(arena, segment);
}

function createParts(arena: Arena, count: number, depth: number, bits: number): void {
  let made = 0;
  try {
    for (; made < count; made++) parts[made] = createSegment(arena, depth, bits);
  } catch (error) {
    destroyParts(arena, made);
    throw error;
  }
}

function destroyParts(arena: Arena, count: number): void {
  for (let part = 0; part < count; part++) destroySegment(arena, partAt(part));
}

function partAt(part: number): Segment {
  return parts[part] as number; // In range: parts are counted up to 2^splitBitsMax.
}

/** Like {@link spread}; where memory runs out, frees the parts. */
function rehash(table: Growing, from: Segment, count: number, shift: number): void {
  try {
    spread(table, from, count - 1, shift);
  } catch (error) {
    destroyParts(table.arena, count);
    throw error;
  }
}

/** Copies every item of `from` to the part that its hash, shifted and masked, says. */
function spread(table: Growing, from: Segment, mask: number, shift: number): void {
  const { arena } = table;
  for (let index = 0; index < bucketsIn(arena, from); index++) {
    for (let bucket = bucketAt(from, index); bucket !== 0; bucket = nextInChain(arena, bucket)) {
      for (let slot = 0; slot < slotsPerBucket; slot++) {
        if (tagInSlot(arena, bucket, slot) === 0) continue;
        const item = refInSlot(arena, bucket, slot);
        const hash = table.hashOf(item);
        const to = partAt((hash >>> shift) & mask);
        addToChain(arena, to, bucketFor(to, segmentBits(arena, to), hash), tagOf(hash), item);
      }
    }
  }
}
