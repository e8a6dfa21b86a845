/** What must hold of a {@link Table}: every segment, every item's place and all counts. For tests: O(n). */
import type { Arena, Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import { countAt, deepestAt, depthAt, directoryAt } from './directory.ts';
import {
  bucketAt,
  bucketBitsMax,
  bucketFieldOf,
  bucketsIn,
  nextInChain,
  refInSlot,
  type Segment,
  segmentBits,
  segmentDepth,
  slotsPerBucket,
  tagInSlot,
  tagOf,
  verifySegment,
} from './segment.ts';

/** What of a table is looked at, beside its bytes. */
interface Verified {
  readonly arena: Arena;
  hashOf(item: Ref): number;
}

/** Checks the table whose header is at byte offset `at`. */
export function verifyTable(table: Verified, at: number): void {
  const { arena } = table;
  const depth = arena.word(at + depthAt);
  const directory = arena.word(at + directoryAt);
  let items = 0;
  let deepest = 0;
  for (let index = 0; index < 1 << depth; ) {
    const segment = arena.word(directory + index * 4);
    const local = segmentDepth(arena, segment);
    const span = 1 << (depth - local);
    assert(index % span === 0, 'table: a segment starts at a multiple of its span');
    for (let word = index; word < index + span; word++) {
      assert(arena.word(directory + word * 4) === segment, 'table: a segment has its whole span');
    }
    const isFullSized = segmentBits(arena, segment) === bucketBitsMax;
    assert(depth === 0 || isFullSized, 'table: segments are full-sized');
    items += verifySegment(arena, segment);
    verifyPlaces(table, segment, local === 0 ? 0 : index >>> (depth - local));
    if (local === depth) deepest++;
    index += span;
  }
  assert(items === arena.word(at + countAt), 'table: its count is that of its segments');
  assert(deepest === arena.word(at + deepestAt), 'table: the deepest segments are counted');
}

/** Checks where the items are of a segment whose hashes begin with `prefix`. */
function verifyPlaces(table: Verified, segment: Segment, prefix: number): void {
  const { arena } = table;
  const bits = segmentBits(arena, segment);
  const local = segmentDepth(arena, segment);
  for (let number = 0; number < bucketsIn(arena, segment); number++) {
    let bucket = bucketAt(segment, number);
    for (; bucket !== 0; bucket = nextInChain(arena, bucket)) {
      for (let slot = 0; slot < slotsPerBucket; slot++) {
        if (tagInSlot(arena, bucket, slot) === 0) continue;
        const hash = table.hashOf(refInSlot(arena, bucket, slot));
        const itsPrefix = local === 0 ? 0 : hash >>> (32 - local);
        assert(itsPrefix === prefix, 'table: an item is in the segment of its hash');
        assert(bucketFieldOf(hash) >>> (bucketBitsMax - bits) === number, 'table: in its bucket');
        assert(tagOf(hash) === tagInSlot(arena, bucket, slot), 'table: under its tag');
      }
    }
  }
}
