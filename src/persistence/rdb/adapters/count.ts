/** How many elements a value has, of whichever type: what it takes to write it. */
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { createWalkers } from './all.ts';

const walkers = createWalkers();

/**
 * Elements of the existing value at `cursor`, of a stream its entries and what is pending. O(1), of a stream
 * O(consumers of its groups).
 */
export function countElements(cursor: KeyCursor): number {
  switch (cursor.type) {
    case valueType.string:
      return 1;
    case valueType.list:
      return walkers.list(cursor).count;
    case valueType.set:
      return walkers.set(cursor).count;
    case valueType.zset:
      return walkers.zset(cursor).count;
    case valueType.hash:
      return walkers.hash(cursor).count;
    case valueType.stream: {
      const walker = walkers.stream(cursor);
      let count = walker.length;
      while (walker.nextGroup()) count += walker.pendings;
      return count;
    }
  }
}
