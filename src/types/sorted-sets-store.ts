/** Making a sorted set of a part of another one. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { KeyEvent } from '#keyspace/writes.ts';
import { Member } from './set-member.ts';
import type { RankRange } from './sorted-set-bounds.ts';
import { SortedSetView } from './sorted-set-view.ts';
import { draftSortedSet, insertNew, type SortedSetLimits } from './sorted-sets.ts';

const view = new SortedSetView();
const member = new Member();

/**
 * Makes the key at `target`, maybe the same one, hold the members of `source` in a range of ranks that is not empty, in
 * place of whatever it was. O(m log m). Throws ArenaFullError, with all as it was.
 */
export function storeRange(
  source: KeyCursor,
  range: RankRange,
  target: KeyCursor,
  event: KeyEvent,
  limits: SortedSetLimits,
): void {
  view.point(source);
  draftSortedSet(target, range.length, limits);
  try {
    view.seek(range.start);
    for (let rank = range.start; rank < range.end; rank++) {
      insertNew(target, view.read(member), view.score, limits);
      view.next();
    }
  } catch (error) {
    target.abandon();
    throw error;
  }
  target.publish(event);
}
