/** Drawing distinct numbers of things by chance. */
import { randomBelow } from './set-view.ts';

/**
 * Calls `visit` with `count` distinct integers below `end`, each choice of them as likely as any other. Floyd's way:
 * a number that was drawn already stands for the greatest that may be drawn now. O(count).
 */
export function pickDistinctRanks(
  count: number,
  end: number,
  random: () => number,
  visit: (rank: number) => void,
): void {
  if (count === end) {
    for (let rank = 0; rank < end; rank++) visit(rank);
    return;
  }
  const drawn = new Set<number>();
  for (let last = end - count; last < end; last++) {
    const rank = randomBelow(last + 1, random);
    const taken = drawn.has(rank) ? last : rank;
    drawn.add(taken);
    visit(taken);
  }
}
