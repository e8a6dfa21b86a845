/** Walking over the members of a set a few at a time: SSCAN. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';
import { memberAt, memberLength } from '#structures/member-table.ts';
import { RefList } from '#structures/ref-list.ts';
import type { MemberList } from './member-list.ts';
import { isWanted, scanItems } from './member-scan.ts';
import { Member } from './set-member.ts';
import { SetView, setForm } from './set-view.ts';

const view = new SetView();
const member = new Member();
const items = new RefList();

/**
 * Looks at about `count` members of an existing set from the cursor `from` on, adds those that match `pattern` to
 * `found` and returns where to go on, 0 at the end. A small set is looked at whole. A member that is there from the
 * first call to the last is found at least once, maybe more than once.
 */
export function scanMembers(
  cursor: KeyCursor,
  from: number,
  count: number,
  pattern: Slice | undefined,
  found: MemberList,
): number {
  view.point(cursor);
  if (view.form !== setForm.table) {
    for (view.begin(); view.next(member); ) addIfMatching(pattern, found);
    return 0;
  }
  const next = scanItems(view.table, from, count, items);
  for (let i = 0; i < items.length; i++) {
    const item = items.at(i);
    member.ofStored(view.arena, memberAt(item), memberLength(view.arena, item));
    addIfMatching(pattern, found);
  }
  return next;
}

function addIfMatching(pattern: Slice | undefined, found: MemberList): void {
  const { bytes, at, length } = member.text;
  if (!isWanted(pattern, bytes, at, length)) return;
  found.append(member);
}
