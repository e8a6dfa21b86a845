/** How much memory a {@link Table} takes beside its items: its directory and its segments. */
import { blockBytesFor, payloadBytes } from '#memory/allocator.ts';
import type { Arena } from '#memory/arena.ts';
import { depthAt, directoryAt } from './directory.ts';
import { segmentBlock, segmentDepth } from './segment.ts';

/** Bytes of the blocks of the table whose header is at `at`, but for chained buckets. O(segments). */
export function tableBytes(arena: Arena, at: number): number {
  const directory = arena.word(at + directoryAt);
  const depth = arena.word(at + depthAt);
  let bytes = blockBytesFor(4 << depth);
  for (let index = 0; index < 1 << depth; ) {
    const segment = arena.word(directory + index * 4);
    bytes += blockBytesFor(payloadBytes(arena, segmentBlock(arena, segment)));
    index += 1 << (depth - segmentDepth(arena, segment));
  }
  return bytes;
}
