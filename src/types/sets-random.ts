/** Members of a set by chance, several at a time, every choice of so many as likely as any other. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { KeyEvent } from '#keyspace/writes.ts';
import { ArenaFullError, type Ref } from '#memory/arena.ts';
import { packCountMax } from '#structures/pack.ts';
import { becomePack } from './set-forms.ts';
import { Member } from './set-member.ts';
import { randomBelow, SetView, setForm } from './set-view.ts';
import { removeFound, type SetLimits } from './sets.ts';

/** A share of more than one in so many is chosen by looking at all members, a smaller one by drawing. */
const walkedShare = 3;
/** The same for members that are removed: drawing gets hard only where few are left. */
const poppedShare = 5;

const view = new SetView();
const member = new Member();

/** Calls `visit` with `count` random members, fewer than there are, each once. O(count), or O(n) where that is near. */
export function sampleMembers(
  cursor: KeyCursor,
  count: number,
  visit: (member: Member) => void,
): void {
  const random = cursor.database.keyspace.nextRandom;
  view.point(cursor);
  if (view.form === setForm.table && count * walkedShare < view.count) {
    const drawn = new Set<Ref>();
    while (drawn.size < count) {
      view.pick(random, member);
      if (drawn.has(view.item)) continue;
      drawn.add(view.item);
      visit(member);
    }
    return;
  }
  walkSample(count, random, () => visit(member));
}

/** Calls `visit` with `count` random members, which may be the same ones again. O(count). */
export function drawMembers(
  cursor: KeyCursor,
  count: number,
  visit: (member: Member) => void,
): void {
  view.point(cursor);
  for (let drawn = 0; drawn < count; drawn++) {
    view.pick(cursor.database.keyspace.nextRandom, member);
    visit(member);
  }
}

/** Calls `visit` with every member. O(n). */
export function eachMember(cursor: KeyCursor, visit: (member: Member) => void): void {
  for (view.point(cursor).begin(); view.next(member); ) visit(member);
}

/**
 * Removes `count` random members, fewer than there are, and calls `visit` with each before. O(count), of a small set
 * O(count · n). A table of which little is left becomes a pack, as in Redis.
 */
export function popMembers(
  cursor: KeyCursor,
  event: KeyEvent,
  count: number,
  limits: SetLimits,
  visit: (member: Member) => void,
): void {
  cursor.change(event);
  const random = cursor.database.keyspace.nextRandom;
  view.point(cursor);
  const left = view.count - count;
  if (view.form !== setForm.table || left * poppedShare > count) {
    for (let popped = 0; popped < count; popped++) {
      view.point(cursor).pick(random, member);
      visit(member);
      removeFound(cursor, view);
    }
    return;
  }
  const items: Ref[] = [];
  walkSample(count, random, () => items.push(view.item));
  for (const item of items) {
    view.item = item;
    view.read(member);
    visit(member);
    removeFound(cursor, view);
  }
  if (left <= Math.min(limits.packCountMax, packCountMax) && areShort(limits)) tryPack(cursor);
}

/** Removing never fails: a table that finds no memory to become a pack stays one. */
function tryPack(cursor: KeyCursor): void {
  try {
    becomePack(cursor);
  } catch (error) {
    if (!(error instanceof ArenaFullError)) throw error;
  }
}

/**
 * Walks over all members, calling `take` at `count` of them. Each is taken with the probability that makes the rest
 * come out right (Knuth, The Art of Computer Programming, volume 2, 3.4.2, algorithm S).
 */
function walkSample(count: number, random: () => number, take: () => void): void {
  let left = view.count;
  let wanted = count;
  for (view.begin(); wanted > 0 && view.next(member); left--) {
    if (randomBelow(left, random) >= wanted) continue;
    wanted--;
    take();
  }
}

function areShort({ packMemberBytesMax }: SetLimits): boolean {
  for (view.begin(); view.next(member); ) {
    if (member.text.length > packMemberBytesMax) return false;
  }
  return true;
}
