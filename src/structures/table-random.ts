/**
 * What is at a random place of a {@link Table}. Every place is as likely as any other, the empty ones included, which is
 * what makes a pick uniform: whoever wants an item draws again until there is one.
 *
 * Places are counted for chains of two buckets. Of a million items about one is further back: it is not drawn until
 * others before it have gone.
 */
import { type Arena, nullRef, type Ref } from '#memory/arena.ts';
import { depthAt, directoryAt } from './directory.ts';
import {
  bucketAt,
  bucketBitsMax,
  nextInChain,
  refInSlot,
  segmentBits,
  slotsPerBucket,
} from './segment.ts';

const places = 2 * slotsPerBucket;
/** Seven bits draw a place; the numbers that would favour the first ones are none. */
const placeMask = 127;
const placeEnd = placeMask + 1 - ((placeMask + 1) % places);

/**
 * The item at the place that an int32 picks in the table whose header is at `at`, or null where there is none: its
 * upper bits, up to 19, pick the segment, its lower 13 bucket and slot.
 */
export function itemAtRandom(arena: Arena, at: number, random: number): Ref {
  const depth = arena.word(at + depthAt);
  const index = depth === 0 ? 0 : random >>> (32 - depth);
  const entry = arena.word(at + directoryAt) + index * 4;
  const segment = arena.word(entry);
  // A segment of fewer bits is in the directory more than once. It counts where it is first.
  if (index > 0 && arena.word(entry - 4) === segment) return nullRef;
  const draw = (random >>> bucketBitsMax) & placeMask;
  if (draw >= placeEnd) return nullRef;
  // Only a table of one segment has smaller ones.
  const bits = depth === 0 ? segmentBits(arena, segment) : bucketBitsMax;
  const place = draw % places;
  let bucket = bucketAt(segment, random & ((1 << bits) - 1));
  if (place >= slotsPerBucket) bucket = nextInChain(arena, bucket);
  // The reference of an empty slot is null.
  return bucket === 0 ? nullRef : refInSlot(arena, bucket, place % slotsPerBucket);
}
