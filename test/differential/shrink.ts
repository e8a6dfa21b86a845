/**
 * Makes a failing list of steps as short as it gets while it still fails: delta debugging
 * (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002), from chunks of half
 * the list down to single steps, until no single step can go.
 */

/** Runs and time allowed for one shrink (a server that hangs costs seconds a run); what is reached is reported. */
const attemptsMax = 600;
const shrinkMsMax = 60_000;

/** A sublist, in order, for which `fails` still holds; `fails(steps)` must hold at the start. */
export async function shrink<Step>(
  steps: readonly Step[],
  fails: (candidate: readonly Step[]) => Promise<boolean>,
): Promise<readonly Step[]> {
  let current = steps;
  let size = Math.ceil(current.length / 2);
  let attempts = 0;
  const deadlineMs = performance.now() + shrinkMsMax;
  const isSpent = () => attempts >= attemptsMax || performance.now() > deadlineMs;
  while (size >= 1) {
    let dropped = false;
    for (let start = 0; start < current.length && !isSpent(); attempts++) {
      const candidate = [...current.slice(0, start), ...current.slice(start + size)];
      if (candidate.length > 0 && (await fails(candidate))) {
        current = candidate;
        dropped = true;
      } else {
        start += size;
      }
    }
    if (isSpent() || (size === 1 && !dropped)) break;
    if (!dropped) size = Math.ceil(size / 2);
    else size = Math.max(1, Math.min(size, Math.ceil(current.length / 2)));
  }
  return current;
}
