/** What the commands that take members from an end of a sorted set have in common. */
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { RankRange } from '#types/sorted-set-bounds.ts';
import { isNoSortedSet, SortedSetView } from '#types/sorted-set-view.ts';
import { removeRanks } from '#types/sorted-sets.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import type { Groups } from '../grammar.ts';
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
export function popWithKey({ reply, services }: Context, cursor: KeyCursor, end: End): void {
  const { effects } = services;
  if (effects.isWanted) effects.record(popNames[end], cursor.key);
  aim(cursor, end, 1);
  reply.array(3);
  reply.bulk(cursor.key.bytes, cursor.key.at, cursor.key.length);
  view.seek(range.start);
  writePair(reply, view, false);
  removeAimed(cursor, end);
}

/** Takes up to `count` members of an existing sorted set and writes the key, and the members with their scores as pairs. */
export function popPairsWithKey(
  { reply, services }: Context,
  cursor: KeyCursor,
  end: End,
  count: number,
): void {
  const { effects } = services;
  if (effects.isWanted) effects.record(popNames[end], cursor.key, count);
  reply.array(2);
  reply.bulk(cursor.key.bytes, cursor.key.at, cursor.key.length);
  popPairs(reply, cursor, end, count, true);
}

/** What a pop that waited did, as a command of its own. */
const popNames = { min: 'ZPOPMIN', max: 'ZPOPMAX' } as const;

/**
 * Calls `pop` with the first of the keys that exists, or answers that it is of another type. Returns false where none
 * exists.
 */
export function popFirst(
  { database, reply }: Context,
  keys: readonly Buffer[],
  pop: (cursor: KeyCursor) => void,
): boolean {
  for (const key of keys) {
    const cursor = database.write(name.point(key, 0, key.length));
    if (!cursor.exists) continue;
    if (isNoSortedSet(cursor)) reply.error(errors.wrongType);
    else pop(cursor);
    return true;
  }
  return false;
}

/** Pops like {@link popFirst}, or waits until there is a sorted set at one of the keys. */
export function popOrWait(
  context: Context,
  keys: readonly Buffer[],
  timeoutMs: number,
  pop: (context: Context, cursor: KeyCursor) => void,
): void {
  if (popFirst(context, keys, (cursor) => pop(context, cursor))) return;
  context.block({
    keys,
    timeoutMs,
    takes: valueType.zset,
    serve: (woken) => hasAny(woken, keys) && popFirst(woken, keys, (cursor) => pop(woken, cursor)),
    expire: (reply) => reply.nilArray(),
  });
}

/** Whether any of the keys is a sorted set: one of another type does not wake anybody, but is an error on the way. */
function hasAny({ database }: Context, keys: readonly Buffer[]): boolean {
  return keys.some((key) => {
    const cursor = database.peek(name.point(key, 0, key.length));
    return cursor.exists && !isNoSortedSet(cursor);
  });
}

/** Copies of the keys of a request. */
export function copiesOf(keys: Groups): Buffer[] {
  return Array.from({ length: keys.length }, (_, i) => keys.into(i, 0, name).copy());
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
