/**
 * When a key is to expire, from how a command says it: in seconds or milliseconds, from now or since the epoch.
 *
 * Redis reckons in int64 milliseconds and calls a time beyond them invalid. An entry keeps 53 bits, which reach
 * to the year 287396; times between that and Redis's end of the world are taken, and kept as that latest one.
 */

/** Milliseconds in the unit that a command counts in. */
export type TimeUnitMs = 1 | 1000;

/** The latest time an entry can keep, ms since the epoch. */
export const expireAtMsMax = Number.MAX_SAFE_INTEGER;

/** 2^63: what a double makes of the greatest int64, which is itself still a valid time. */
const int64End = 2 ** 63;

/**
 * The time `value` units after `sinceMs` (now for a relative time, 0 for an absolute one), in ms since the epoch:
 * at most {@link expireAtMsMax}, maybe past or negative; NaN where it overflows an int64, which Redis answers
 * with «invalid expire time». `value` is an int64, which as a number may be rounded.
 */
export function expireAtMsOf(value: number, unitMs: TimeUnitMs, sinceMs: number): number {
  const atMs = value * unitMs + sinceMs;
  if (atMs > int64End || value * unitMs < -int64End) return Number.NaN;
  return Math.min(atMs, expireAtMsMax);
}

/** Like {@link expireAtMsOf} for what sets a value and its expiry at once, where zero and less are invalid too. */
export function futureExpireAtMsOf(value: number, unitMs: TimeUnitMs, sinceMs: number): number {
  return value > 0 ? expireAtMsOf(value, unitMs, sinceMs) : Number.NaN;
}
