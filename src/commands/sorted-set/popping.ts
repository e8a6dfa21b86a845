/** What the commands that take members from an end of a sorted set have in common. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { RankRange } from '#types/sorted-set-bounds.ts';
import { isNoSortedSet, SortedSetView } from '#types/sorted-set-view.ts';
import { removeRanks } from '#types/sorted-sets.ts';
import type { Context } from '../context.ts';
import type { Reply } from '../reply.ts';
import { writePair, writePairs } from './range-reply.ts';

/** Which end members are taken from. */
export type End = 'min' | 'max';

const range = new RankRange();
const view = new SortedSetView();
const name = new Slice();

/** Takes up to `count` members, at least one, of an existing sorted set and writes them with their scores. */
export function popPairs(
  reply: Reply,
  cursor: KeyCursor,
  end: End,
  count: number,
  areNested: boolean,
): void {
  aim(cursor, end, count);
  writePairs(reply, view, range, end === 'max', areNested);
  removeAimed(cursor, end);
}

/** Takes one member of an existing sorted set and writes the key, the member and the score. */
export function popWithKey(reply: Reply, cursor: KeyCursor, end: End): void {
  aim(cursor, end, 1);
  reply.array(3);
  reply.bulk(cursor.key.bytes, cursor.key.at, cursor.key.length);
  view.seek(range.start);
  writePair(reply, view, false);
  removeAimed(cursor, end);
}

/** Takes up to `count` members of an existing sorted set and writes the key, and the members with their scores as pairs. */
export function popPairsWithKey(reply: Reply, cursor: KeyCursor, end: End, count: number): void {
  reply.array(2);
  reply.bulk(cursor.key.bytes, cursor.key.at, cursor.key.length);
  popPairs(reply, cursor, end, count, true);
}

/** Calls `pop` with the first of the keys that holds a sorted set. Returns whether there is one. */
export function popFirst(
  { database }: Context,
  keys: readonly Buffer[],
  pop: (cursor: KeyCursor) => void,
): boolean {
  for (const key of keys) {
    const cursor = database.write(name.point(key, 0, key.length));
    if (!cursor.exists || isNoSortedSet(cursor)) continue;
    pop(cursor);
    return true;
  }
  return false;
}

/** Lets `range` be so many members at an end of the sorted set, which `view` then shows. */
function aim(cursor: KeyCursor, end: End, count: number): void {
  const size = view.point(cursor).count;
  const taken = Math.min(count, size);
  if (end === 'min') range.set(0, taken);
  else range.set(size - taken, size);
}

function removeAimed(cursor: KeyCursor, end: End): void {
  removeRanks(cursor, end === 'min' ? 'zpopmin' : 'zpopmax', range.start, range.end);
}
