/**
 * Who waits for whom: a deadlock is a circle in that graph. It is not kept but read off the locks when a wait begins; the
 * circle that a wait closes goes through whoever begins to wait, so it is enough to look from there. O(waits).
 */

import type { LockOwner } from './lock.ts';
import { areCompatible } from './lock-mode.ts';

/** Those in a circle of waits with `start`, itself included; undefined if there is none. */
export function circleOf(start: LockOwner): LockOwner[] | undefined {
  const cameFrom = new Map<LockOwner, LockOwner>();
  const frontier = [start];
  for (let owner = frontier.pop(); owner !== undefined; owner = frontier.pop()) {
    for (const other of waitsFor(owner)) {
      if (other === start) return pathTo(owner, start, cameFrom);
      if (cameFrom.has(other)) continue;
      cameFrom.set(other, owner);
      frontier.push(other);
    }
  }
  return undefined;
}

function pathTo(
  last: LockOwner,
  start: LockOwner,
  cameFrom: ReadonlyMap<LockOwner, LockOwner>,
): LockOwner[] {
  const path = [start];
  let owner: LockOwner | undefined = last;
  for (; owner !== undefined && owner !== start; owner = cameFrom.get(owner)) path.push(owner);
  return path;
}

/** Those whose locks, or whose places in the queue, keep the owner from what it waits for. */
function* waitsFor({ request }: LockOwner): Iterable<LockOwner> {
  if (request === undefined) return;
  const { lock, mode, owner } = request;
  for (const [holder, held] of lock.holders) {
    if (holder !== owner && !areCompatible(mode, held)) yield holder;
  }
  for (const before of lock.queue) {
    if (before === request) return;
    yield before.owner;
  }
}
