/** What consumer groups hold of entries that are to go: KEEPREF, DELREF and ACKED. O(groups) an entry. */
import type { Arena } from '#memory/arena.ts';
import { StreamId } from '#structures/stream-id.ts';
import { TreeCursor } from '#structures/tree.ts';
import { groupLastIdAt } from './stream-group-layout.ts';
import { pendingOfGroup } from './stream-groups.ts';
import { removePending } from './stream-pending.ts';
import { groupsOf } from './stream-root.ts';

/** What becomes of pending entries when their entry is deleted: they stay, they go too, or they keep it from going. */
export type ReferencePolicy = 'KEEPREF' | 'DELREF' | 'ACKED';

const place = new TreeCursor();
const lastId = new StreamId();

/** Whether a group has yet to get the entry `id`, or to acknowledge it. */
export function isReferenced(arena: Arena, root: number, id: StreamId): boolean {
  const groups = groupsOf(arena, root);
  for (let more = groups.first(place); more; more = groups.next(place)) {
    const group = groups.value(place);
    if (lastId.read(arena, group + groupLastIdAt).compare(id) < 0) return true;
    if (pendingOfGroup(arena, group).find(id) !== 0) return true;
  }
  return false;
}

/** Takes `id` out of what is pending in all groups. Returns whether it was anywhere. */
export function dropReferences(arena: Arena, root: number, id: StreamId): boolean {
  const groups = groupsOf(arena, root);
  let dropped = false;
  for (let more = groups.first(place); more; more = groups.next(place)) {
    const group = groups.value(place);
    const pending = pendingOfGroup(arena, group).find(id);
    if (pending === 0) continue;
    removePending(arena, group, pending);
    dropped = true;
  }
  return dropped;
}
