/** Drawing numbers of things by chance. */

const wordSpan = 2 ** 32;

/** A random integer from 0 to `end` - 1, each as likely as any other. */
export function randomBelow(end: number, random: () => number): number {
  // What is left over at the upper end of 32 bits would favour the lower numbers.
  const bound = wordSpan - (wordSpan % end);
  let drawn = random() >>> 0;
  while (drawn >= bound) drawn = random() >>> 0;
  return drawn % end;
}

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
