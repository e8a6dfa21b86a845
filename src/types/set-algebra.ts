/**
 * What sets have in common, have together, and have without others.
 *
 * Sets are walked where they lie and the others are asked, with a hash that is worked out once for each member. No
 * member becomes an object, and none is copied but into a set that is stored. `limit` ends the work once the
 * target has so many members; 0 is no limit.
 */
import { Member } from './set-member.ts';
import type { SetSources } from './set-sources.ts';
import type { SetTarget } from './set-targets.ts';
import type { SetView } from './set-view.ts';

const member = new Member();

/** Gives `target` the members that all sets have. O(n · m) for the smallest of n members and m sets. */
export function intersect(sources: SetSources, target: SetTarget, limit = 0): void {
  if (!sources.areComplete) return;
  const { sets } = sources;
  sets.sort((a, b) => a.count - b.count);
  const [smallest] = sets;
  if (smallest === undefined) return;
  for (smallest.begin(); smallest.next(member); ) {
    if (!isInAll(sets)) continue;
    target.append(member);
    if (target.count === limit) return;
  }
}

/** Gives `target` the members of all sets, each once. O(n) for the members of all. */
export function unite({ sets }: SetSources, target: SetTarget, limit = 0): void {
  target.expect(sets.reduce((most, set) => Math.max(most, set.count), 0));
  for (const set of sets) {
    const isFirst = set === sets[0];
    for (set.begin(); set.next(member); ) {
      if (sets.length === 1) target.append(member);
      else if (isFirst) target.addNew(member);
      else target.add(member);
      if (target.count === limit) return;
    }
  }
}

/**
 * Gives `target` the members of the first set that no other has. Either asks all the others for each member, largest
 * first, or takes away the members of each, whichever looks like less work: O(n · m), or O(n) for the members of all.
 */
export function subtract(sources: SetSources, target: SetTarget, limit = 0): void {
  const { sets, first } = sources;
  if (first === undefined) return;
  const others = sets.slice(1);
  if (others.some((other) => other.isSame(first))) return;
  if (isAskingCheaper(first, others)) {
    others.sort((a, b) => b.count - a.count);
    subtractAsking(first, others, target, limit);
  } else subtractRemoving(first, others, target);
}

/** Asking has less to do where members are in common; hence its advantage of two, as in Redis. */
function isAskingCheaper(first: SetView, others: readonly SetView[]): boolean {
  const asking = first.count * (others.length + 1);
  let removing = first.count;
  for (const other of others) removing += other.count;
  return Math.floor(asking / 2) <= removing;
}

function subtractAsking(
  first: SetView,
  others: readonly SetView[],
  target: SetTarget,
  limit: number,
): void {
  for (first.begin(); first.next(member); ) {
    if (isInAny(others)) continue;
    target.append(member);
    if (target.count === limit) return;
  }
}

function subtractRemoving(first: SetView, others: readonly SetView[], target: SetTarget): void {
  for (first.begin(); first.next(member); ) target.addNew(member);
  for (const other of others) {
    for (other.begin(); other.next(member); ) target.remove(member);
    if (target.count === 0) return;
  }
}

/** Whether all sets but the first, which is the one walked over, have the member. */
function isInAll(sets: readonly SetView[]): boolean {
  for (let i = 1; i < sets.length; i++) {
    // In range: the loop stays within the sets.
    if (!(sets[i] as SetView).find(member)) return false;
  }
  return true;
}

function isInAny(sets: readonly SetView[]): boolean {
  for (let i = 0; i < sets.length; i++) {
    // In range: the loop stays within the sets.
    if ((sets[i] as SetView).find(member)) return true;
  }
  return false;
}
