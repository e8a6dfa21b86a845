/** Finds the name that someone who mistyped one probably meant. */

/** The nearest of the names, if any is near enough to be what was meant. O(names × length²). */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  const distanceMax = Math.max(1, Math.min(4, Math.floor(name.length / 3)));
  let nearest: string | undefined;
  let nearestDistance = distanceMax + 1;
  for (const candidate of names) {
    if (Math.abs(candidate.length - name.length) >= nearestDistance) continue;
    const distance = editDistance(name, candidate);
    if (distance < nearestDistance) {
      nearest = candidate;
      nearestDistance = distance;
    }
  }
  return nearest;
}

/** Levenshtein's distance: insertions, deletions and replacements that turn one into the other. */
function editDistance(left: string, right: string): number {
  let above = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const replaced = left[row - 1] === right[column - 1] ? 0 : 1;
      current.push(
        Math.min(
          (above[column - 1] ?? 0) + replaced,
          (above[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
        ),
      );
    }
    above = current;
  }
  return above[right.length] ?? 0;
}
