/**
 * How far consumer groups have come, as Redis 7 reckons it: `read` counts the entries up to a group's last id among all
 * that were ever added, and the lag is what was added since. Deletions behind the group's last id make the
 * count unknowable, until an id is reached whose count follows from the stream's own.
 */
import type { Arena, Ref } from '#memory/arena.ts';
import { StreamId } from '#structures/stream-id.ts';
import { groupLastIdAt, groupReadAt } from './stream-group-layout.ts';
import { readUnknown } from './stream-groups.ts';
import {
  addedAt,
  firstIdAt,
  incrementInt64At,
  int64At,
  lastIdAt,
  lengthAt,
  maxDeletedIdAt,
  setInt64At,
} from './stream-root.ts';

const first = new StreamId();
const last = new StreamId();
const maxDeleted = new StreamId();
const reached = new StreamId();

/** How many entries of the stream at `root` a group has yet to get; undefined where that is not known. */
export function lagOf(arena: Arena, root: number, group: Ref): bigint | undefined {
  const added = int64At(arena, root + addedAt);
  const length = arena.word(root + lengthAt);
  if (added === 0n || length === 0) return 0n;
  reached.read(arena, group + groupLastIdAt);
  first.read(arena, root + firstIdAt);
  maxDeleted.read(arena, root + maxDeletedIdAt);
  if (reached.compare(first) < 0 && maxDeleted.compare(first) < 0) return BigInt(length);
  const read = int64At(arena, group + groupReadAt);
  if (read !== readUnknown && !isDeletedSince(arena, root, reached)) return added - read;
  const estimate = countUpTo(arena, root, reached);
  return estimate === readUnknown ? undefined : added - estimate;
}

/** Notes that a group got the entry `id`, if that is further than it was. Returns whether it is. */
export function advanceGroup(arena: Arena, root: number, group: Ref, id: StreamId): boolean {
  reached.read(arena, group + groupLastIdAt);
  if (id.compare(reached) <= 0) return false;
  const isKnown = int64At(arena, group + groupReadAt) !== readUnknown;
  if (isKnown && !isDeletedSince(arena, root, reached)) {
    incrementInt64At(arena, group + groupReadAt);
  } else if (int64At(arena, root + addedAt) !== 0n) {
    setInt64At(arena, group + groupReadAt, countUpTo(arena, root, id));
  }
  id.write(arena, group + groupLastIdAt);
  return true;
}

/** Whether an entry was deleted from `id` on. */
function isDeletedSince(arena: Arena, root: number, id: StreamId): boolean {
  maxDeleted.read(arena, root + maxDeletedIdAt);
  if (arena.word(root + lengthAt) === 0 || maxDeleted.isZero) return false;
  return id.compare(maxDeleted) <= 0;
}

/** How many entries were added up to `id`; {@link readUnknown} where that does not follow from what the stream counts. */
function countUpTo(arena: Arena, root: number, id: StreamId): bigint {
  const added = int64At(arena, root + addedAt);
  if (added === 0n) return 0n;
  const length = arena.word(root + lengthAt);
  last.read(arena, root + lastIdAt);
  const order = id.compare(last);
  if (length === 0 && order <= 0) return added;
  maxDeleted.read(arena, root + maxDeletedIdAt);
  if (!id.isZero && id.compare(maxDeleted) < 0) return readUnknown;
  if (order === 0) return added;
  if (order > 0) return readUnknown;
  first.read(arena, root + firstIdAt);
  if (!maxDeleted.isZero && maxDeleted.compare(first) >= 0) return readUnknown;
  const toFirst = id.compare(first);
  if (toFirst > 0) return readUnknown;
  return added - BigInt(length) + (toFirst === 0 ? 1n : 0n);
}
