/** Walking over a collection's member table a few items at a time: what SSCAN, HSCAN and ZSCAN have in common. */
import type { Slice } from '#memory/slice.ts';
import type { MemberTable } from '#structures/member-table.ts';
import type { RefList } from '#structures/ref-list.ts';
import { scanCursorEnd } from '#structures/table.ts';
import { globMatch } from './glob.ts';

/** How many buckets one call looks into for each item it was asked for, as in Redis: most may be empty. */
const bucketsPerItemMax = 10;

/**
 * Makes `items` about `count` items of the table, from the cursor `from` on, and returns where to go on, 0 at the end. An
 * item that is there from the first call to the last is found at least once, maybe more than once. A cursor that cannot
 * be one of ours finds nothing.
 */
export function scanItems(table: MemberTable, from: number, count: number, items: RefList): number {
  items.clear();
  if (from < 0 || from >= scanCursorEnd) return 0;
  let next = from;
  let bucketsLeft = count * bucketsPerItemMax;
  do next = table.scan(next, items);
  while (next !== 0 && items.length < count && --bucketsLeft > 0);
  return next;
}

/** Whether the glob pattern, if there is one, matches these bytes. */
export function isWanted(
  pattern: Slice | undefined,
  bytes: Buffer,
  at: number,
  length: number,
): boolean {
  if (pattern === undefined) return true;
  return globMatch(pattern.bytes, pattern.at, pattern.length, bytes, at, length, false);
}
