/** Walking over the members of a sorted set a few at a time: ZSCAN. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';
import { memberAt, memberLength } from '#structures/member-table.ts';
import { RefList } from '#structures/ref-list.ts';
import { scanCursorEnd } from '#structures/table.ts';
import { globMatch } from './glob.ts';
import { MemberList } from './member-list.ts';
import { Member } from './set-member.ts';
import { SortedSetView, scoreOfItem, sortedSetForm } from './sorted-set-view.ts';

/** How many buckets one call looks into for each member it was asked for, as in Redis: most may be empty. */
const bucketsPerMemberMax = 10;

const view = new SortedSetView();
const member = new Member();
const bucket = new RefList();

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
      addIfMatching(pattern, scoreOfItem(view.arena, item), found);
    }
  } while (next !== 0 && looked < count && --bucketsLeft > 0);
  return next;
}

function addIfMatching(pattern: Slice | undefined, score: number, found: FoundPairs): void {
  if (pattern !== undefined && !matches(pattern)) return;
  found.members.append(member);
  found.scores.push(score);
}

function matches({ bytes, at, length }: Slice): boolean {
  const { text } = member;
  return globMatch(bytes, at, length, text.bytes, text.at, text.length, false);
}
