/**
 * The directory of a {@link Table}: 2^depth words, each the segment for the hashes that begin with its index. A
 * segment of fewer bits has a run of them, its span. It doubles when the deepest segments split, and is halved
 * when none as deep is left, which is counted.
 *
 * The table's header, inside a block of its owner's:
 *
 *     0    directory   block of 2^depth words, each a segment
 *     4    depth
 *     8    count       items
 *     12   deepest     segments whose depth is the directory's
 *
 * Looking up a segment is in table.ts, where it is on the hot path.
 */
import { allocate, free } from '#memory/allocator.ts';
import type { Arena, Ref } from '#memory/arena.ts';
import {
  bucketBitsMax,
  createSegment,
  destroySegment,
  type Segment,
  segmentDepth,
} from './segment.ts';

/** Items for which a table that is made for many gets a segment: few enough that chance hardly fills one. */
const segmentItems = 560;
/** No table is made deeper. */
const depthMax = 19;

export const headerBytes = 16;
export const directoryAt = 0;
export const depthAt = 4;
export const countAt = 8;
export const deepestAt = 12;

/** How deep the segments of about `items` are, so that they need not be split. */
export function depthFor(items: number): number {
  let depth = 0;
  while (items > segmentItems << depth && depth < depthMax) depth++;
  return depth;
}

/** Gives the table a directory of one segment, which is freed if there is no memory for it. */
export function createDirectory(arena: Arena, table: number, segment: Segment): void {
  const directory = allocateFor(arena, segment);
  arena.setWord(directory, segment);
  arena.setWord(table + directoryAt, directory);
  arena.setWord(table + depthAt, 0);
  arena.setWord(table + deepestAt, 1);
}

/**
 * Writes the header of an empty table with segments for about `items`, so that it need not grow one by one until then,
 * which moves every item once or twice. Throws ArenaFullError, having freed all.
 */
export function createDirectoryFor(arena: Arena, table: number, items: number): void {
  const depth = depthFor(items);
  const length = 1 << depth;
  const bits = depth === 0 ? 0 : bucketBitsMax;
  const directory = allocate(arena, length * 4);
  let made = 0;
  try {
    for (; made < length; made++) {
      arena.setWord(directory + made * 4, createSegment(arena, depth, bits));
    }
  } catch (error) {
    while (made > 0) destroySegment(arena, arena.word(directory + --made * 4));
    free(arena, directory);
    throw error;
  }
  arena.setWord(table + directoryAt, directory);
  arena.setWord(table + depthAt, depth);
  arena.setWord(table + countAt, 0);
  arena.setWord(table + deepestAt, length);
}

function allocateFor(arena: Arena, segment: Segment): Ref {
  try {
    return allocate(arena, 4);
  } catch (error) {
    destroySegment(arena, segment);
    throw error;
  }
}

/** Makes `segment` the one for all hashes that share their first `depth` bits with `hash`. */
export function pointDirectory(
  arena: Arena,
  table: number,
  hash: number,
  depth: number,
  segment: Segment,
): void {
  const span = 1 << (arena.word(table + depthAt) - depth);
  const index = depth === 0 ? 0 : (hash >>> (32 - depth)) * span;
  const word = (arena.word(table + directoryAt) >> 2) + index;
  arena.words.fill(segment, word, word + span);
}

/** Corrects the count of segments as deep as the directory. */
export function addDeepest(arena: Arena, table: number, difference: number): void {
  arena.setWord(table + deepestAt, arena.word(table + deepestAt) + difference);
}

/** Adds a bit. Throws ArenaFullError, with all as it was. */
export function doubleDirectory(arena: Arena, table: number): void {
  const depth = arena.word(table + depthAt);
  const length = 1 << depth;
  const doubled = allocate(arena, length * 8);
  const directory = arena.ref(table + directoryAt);
  for (let index = 0; index < length; index++) {
    const segment = arena.word(directory + index * 4);
    arena.setWord(doubled + index * 8, segment);
    arena.setWord(doubled + index * 8 + 4, segment);
  }
  replaceDirectory(arena, table, doubled, depth + 1, 0);
}

/** Takes a bit away that no segment needs. Throws ArenaFullError, with all as it was. */
export function halveDirectory(arena: Arena, table: number): void {
  const depth = arena.word(table + depthAt) - 1;
  const halved = allocate(arena, 4 << depth);
  const directory = arena.ref(table + directoryAt);
  let deepest = 0;
  for (let index = 0; index < 1 << depth; index++) {
    const segment = arena.word(directory + index * 8);
    arena.setWord(halved + index * 4, segment);
    if (segmentDepth(arena, segment) === depth) deepest++;
  }
  replaceDirectory(arena, table, halved, depth, deepest);
}

/**
 * The next segment of a table that is taken apart, or 0, having freed the directory, when there is none left.
 * From the first call on the count is where the next one is.
 */
export function dismantleDirectory(arena: Arena, table: number): Segment {
  const directory = arena.ref(table + directoryAt);
  const depth = arena.word(table + depthAt);
  const index = arena.word(table + deepestAt) < 0 ? arena.word(table + countAt) : 0;
  arena.setWord(table + deepestAt, -1);
  if (index === 1 << depth) {
    free(arena, directory);
    arena.setWord(table + directoryAt, 0);
    return 0;
  }
  const segment = arena.word(directory + index * 4);
  arena.setWord(table + countAt, index + (1 << (depth - segmentDepth(arena, segment))));
  return segment;
}

function replaceDirectory(
  arena: Arena,
  table: number,
  directory: Ref,
  depth: number,
  deepest: number,
): void {
  free(arena, arena.ref(table + directoryAt));
  arena.setWord(table + directoryAt, directory);
  arena.setWord(table + depthAt, depth);
  arena.setWord(table + deepestAt, deepest);
}
