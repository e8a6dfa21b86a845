/** Members and their scores in replies. */
import { Member } from '#types/set-member.ts';
import type { RankRange } from '#types/sorted-set-bounds.ts';
import type { SortedSetView } from '#types/sorted-set-view.ts';
import type { Context } from '../context.ts';
import type { Reply } from '../reply.ts';
import { writeMember } from '../set/member-reply.ts';

const member = new Member();

/** Whether members with scores are pairs of their own in the client's replies, as in RESP3, and not just in turn. */
export function nestsPairs({ reply }: Context): boolean {
  return reply.protocol === 3;
}

/** Announces `count` members with their scores. */
export function beginPairs(reply: Reply, count: number, areNested: boolean): void {
  reply.array(areNested ? count : count * 2);
}

/** Writes the member that the view is at, and its score. */
export function writePair(reply: Reply, view: SortedSetView, isNested: boolean): void {
  if (isNested) reply.array(2);
  writeMember(reply, view.read(member));
  reply.double(view.score);
}

/** Writes the members in a range of ranks, from its other end if `reverse`. O(log n + m). */
export function writeMembers(
  reply: Reply,
  view: SortedSetView,
  { start, end, length }: RankRange,
  reverse: boolean,
): void {
  reply.array(length);
  view.seek(reverse ? end - 1 : start);
  for (let left = length; left > 0; left--) {
    writeMember(reply, view.read(member));
    if (left > 1) step(view, reverse);
  }
}

/** The same with their scores. */
export function writePairs(
  reply: Reply,
  view: SortedSetView,
  { start, end, length }: RankRange,
  reverse: boolean,
  areNested: boolean,
): void {
  beginPairs(reply, length, areNested);
  view.seek(reverse ? end - 1 : start);
  for (let left = length; left > 0; left--) {
    writePair(reply, view, areNested);
    if (left > 1) step(view, reverse);
  }
}

function step(view: SortedSetView, backwards: boolean): void {
  if (backwards) view.previous();
  else view.next();
}
