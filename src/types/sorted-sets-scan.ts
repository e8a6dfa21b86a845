/** Walking over the members of a sorted set a few at a time: ZSCAN. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';
import { memberAt, memberLength } from '#structures/member-table.ts';
import { RefList } from '#structures/ref-list.ts';
import { MemberList } from './member-list.ts';
import { isWanted, scanItems } from './member-scan.ts';
import { Member } from './set-member.ts';
import { SortedSetView, scoreOfItem, sortedSetForm } from './sorted-set-view.ts';

const view = new SortedSetView();
const member = new Member();
const items = new RefList();

/** Members that were found with their scores, while nothing changes. */
export class FoundPairs {
  readonly members = new MemberList();
  readonly scores: number[] = [];

  clear(): void {
    this.members.clear();
    this.scores.length = 0;
  }
}

/**
 * Looks at about `count` members of an existing sorted set from the cursor `from` on, adds those that match `pattern` to
 * `found` and returns where to go on, 0 at the end. A small one is looked at whole. A member that is there from the
 * first call to the last is found at least once, maybe more than once.
 */
export function scanPairs(
  cursor: KeyCursor,
  from: number,
  count: number,
  pattern: Slice | undefined,
  found: FoundPairs,
): number {
  view.point(cursor);
  if (view.form === sortedSetForm.pack) {
    for (let more = view.first(); more; more = view.next()) {
      view.read(member);
      addIfMatching(pattern, view.score, found);
    }
    return 0;
  }
  const next = scanItems(view.table, from, count, items);
  for (let i = 0; i < items.length; i++) {
    const item = items.at(i);
    member.ofStored(view.arena, memberAt(item), memberLength(view.arena, item));
    addIfMatching(pattern, scoreOfItem(view.arena, item), found);
  }
  return next;
}

function addIfMatching(pattern: Slice | undefined, score: number, found: FoundPairs): void {
  const { bytes, at, length } = member.text;
  if (!isWanted(pattern, bytes, at, length)) return;
  found.members.append(member);
  found.scores.push(score);
}
