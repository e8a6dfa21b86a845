/**
 * What sorted sets have in common, have together, and have without others, and with which scores.
 *
 * As in Redis, inputs are taken from the smallest to the largest, for sums of doubles depend on their order, and a score
 * that is no number (infinities that meet, or a weight of 0 of one) counts as 0.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { KeyEvent } from '#keyspace/writes.ts';
import type { ScoredMembers } from './scored-members.ts';
import type { ScoredSource } from './scored-source.ts';
import { Member } from './set-member.ts';
import { insertItem } from './sorted-set-forms.ts';
import { SortedSetView } from './sorted-set-view.ts';
import { draftSortedSet, insertNew, type SortedSetLimits } from './sorted-sets.ts';

/** What becomes of the scores of one member: `count` adds up the weights alone. */
export type Aggregate = 'sum' | 'min' | 'max' | 'count';

const member = new Member();
const view = new SortedSetView();

/** Gives `into` the members that all sources have. O(n · m) for the smallest of n members and m sources. */
export function intersect(
  sources: ScoredSource[],
  aggregate: Aggregate,
  into: ScoredMembers,
): void {
  const [smallest, ...others] = sources.sort((a, b) => a.count - b.count);
  if (smallest === undefined) return;
  for (smallest.begin(); smallest.next(member); ) {
    let score = numberOr0(weighted(smallest, aggregate));
    let isInAll = true;
    for (const source of others) {
      isInAll = source.find(member);
      if (!isInAll) break;
      score = combine(score, weighted(source, aggregate), aggregate);
    }
    if (isInAll) into.append(member, score);
  }
}

/** How many members all sources have, at most `limit`, where that is not 0. */
export function countIntersection(sources: ScoredSource[], limit: number): number {
  const [smallest, ...others] = sources.sort((a, b) => a.count - b.count);
  if (smallest === undefined) return 0;
  let count = 0;
  for (smallest.begin(); smallest.next(member); ) {
    if (!others.every((source) => source.find(member))) continue;
    count++;
    if (count === limit) break;
  }
  return count;
}

/** Gives `into` the members of all sources. O(n) for the members of all. */
export function unite(sources: ScoredSource[], aggregate: Aggregate, into: ScoredMembers): void {
  sources.sort((a, b) => a.count - b.count);
  const used = sources.filter((source) => source.count > 0);
  for (const source of used) {
    for (source.begin(); source.next(member); ) {
      const score = numberOr0(weighted(source, aggregate));
      if (used.length === 1) {
        into.append(member, score);
        continue;
      }
      const known = into.findOrAdd(member, score);
      if (known >= 0) into.setScoreAt(known, combine(into.scoreAt(known), score, aggregate));
    }
  }
}

/**
 * Gives `into` the members of the first source that no other has, with its scores. Either asks all the others for each
 * member, or first gathers what the others have, whichever looks like less work.
 */
export function subtract(
  sources: ScoredSource[],
  gathered: ScoredMembers,
  into: ScoredMembers,
): void {
  const [first, ...others] = sources;
  if (first === undefined || others.some((other) => other.isSame(first))) return;
  const removing = others.reduce((sum, { count }) => sum + count, 0);
  // Asking ends with the first that has the member: hence its advantage of two, as in Redis.
  const asks = (first.count * others.length) / 2 <= first.count + removing;
  if (asks) others.sort((a, b) => b.count - a.count);
  else {
    for (const source of others) {
      for (source.begin(); source.next(member); ) gathered.findOrAdd(member, 0);
    }
  }
  for (first.begin(); first.next(member); ) {
    const isElsewhere = asks
      ? others.some((other) => other.find(member))
      : gathered.find(member) >= 0;
    if (!isElsewhere) into.append(member, first.score);
  }
}

function weighted({ weight, score }: ScoredSource, aggregate: Aggregate): number {
  return aggregate === 'count' ? weight : weight * score;
}

function combine(score: number, by: number, aggregate: Aggregate): number {
  if (aggregate === 'sum' || aggregate === 'count') return numberOr0(score + by);
  // Unlike Math.min and Math.max, what is no number and the sign of 0 leave the score as it is.
  const replaces = aggregate === 'min' ? by < score : by > score;
  return replaces ? by : score;
}

function numberOr0(score: number): number {
  return Number.isNaN(score) ? 0 : score;
}

/**
 * Makes the key at `target` hold the members, in place of whatever it was; without any, no key. Returns how many there
 * are. Throws ArenaFullError, with all as it was.
 */
export function storeMembers(
  found: ScoredMembers,
  target: KeyCursor,
  event: KeyEvent,
  limits: SortedSetLimits,
): number {
  const { length } = found;
  if (length === 0) {
    if (target.exists) target.remove('del');
    return 0;
  }
  const isBig = length > limits.packCountMax || longestOf(found) > limits.packMemberBytesMax;
  draftSortedSet(target, isBig ? Number.POSITIVE_INFINITY : length, limits);
  try {
    if (isBig) view.point(target);
    for (const index of found.inOrder()) {
      found.members.read(index, member);
      if (isBig) insertItem(view, member, found.scoreAt(index));
      else insertNew(target, member, found.scoreAt(index), limits);
    }
  } catch (error) {
    target.abandon();
    throw error;
  }
  target.publish(event);
  return length;
}

function longestOf({ members }: ScoredMembers): number {
  let longest = 0;
  for (let index = 0; index < members.length; index++) {
    members.read(index, member);
    longest = Math.max(longest, member.text.length);
  }
  return longest;
}
