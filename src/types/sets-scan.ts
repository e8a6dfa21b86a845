/** Walking over the members of a set a few at a time: SSCAN. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';
import { memberAt, memberLength } from '#structures/member-table.ts';
import { RefList } from '#structures/ref-list.ts';
import { scanCursorEnd } from '#structures/table.ts';
import { globMatch } from './glob.ts';
import type { MemberList } from './member-list.ts';
import { Member } from './set-member.ts';
import { SetView, setForm } from './set-view.ts';

/** How many buckets one call looks into for each member it was asked for, as in Redis: most may be empty. */
const bucketsPerMemberMax = 10;

const view = new SetView();
const member = new Member();
const bucket = new RefList();

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
  // A cursor that cannot be one of ours finds nothing.
  if (from < 0 || from >= scanCursorEnd) return 0;
  let next = from;
  let looked = 0;
  let bucketsLeft = count * bucketsPerMemberMax;
  do {
    bucket.clear();
    next = view.table.scan(next, bucket);
    looked += bucket.length;
    for (let i = 0; i < bucket.length; i++) {
      const item = bucket.at(i);
      member.ofStored(view.arena, memberAt(item), memberLength(view.arena, item));
      addIfMatching(pattern, found);
    }
  } while (next !== 0 && looked < count && --bucketsLeft > 0);
  return next;
}

function addIfMatching(pattern: Slice | undefined, found: MemberList): void {
  if (pattern !== undefined && !matches(pattern)) return;
  found.append(member);
}

function matches({ bytes, at, length }: Slice): boolean {
  const { text } = member;
  return globMatch(bytes, at, length, text.bytes, text.at, text.length, false);
}
