/** When a key expires: setting it under conditions, and telling it. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';

/** What must hold of the expiry a key has, for another to be set. A key that never expires does so last of all. */
export interface ExpiryConditions {
  /** Only a key that never expires. */
  readonly nx: boolean;
  /** Only a key that expires. */
  readonly xx: boolean;
  /** Only to a later time. */
  readonly gt: boolean;
  /** Only to an earlier time. */
  readonly lt: boolean;
}

/**
 * Makes the existing key expire at `atMs`, ms since the epoch, if `conditions` hold; returns whether they do.
 * A time that has come removes it at once. O(log n) of the keys that expire.
 */
export function expireKey(cursor: KeyCursor, atMs: number, conditions: ExpiryConditions): boolean {
  const before = cursor.expireAtMs || Number.POSITIVE_INFINITY;
  const expires = before !== Number.POSITIVE_INFINITY;
  if (conditions.nx && expires) return false;
  if (conditions.xx && !expires) return false;
  if (conditions.gt && atMs <= before) return false;
  if (conditions.lt && atMs >= before) return false;
  if (atMs <= cursor.database.keyspace.nowMs) cursor.remove('del');
  else cursor.changeExpiry('expire', atMs);
  return true;
}

/** Makes the existing key stay; returns whether it was to expire. */
export function persistKey(cursor: KeyCursor): boolean {
  if (cursor.expireAtMs === 0) return false;
  cursor.changeExpiry('persist', 0);
  return true;
}

/** What TTL and its like answer for a key that is not there. */
const ttlOfMissing = -2;
/** What they answer for a key that never expires. */
const ttlOfPersistent = -1;

/**
 * How long the key lives after `sinceMs` (0 for a time since the epoch), in ms: not negative, or one of the two
 * constants above.
 */
export function lifetimeMs(cursor: KeyCursor, sinceMs: number): number {
  if (!cursor.exists) return ttlOfMissing;
  const { expireAtMs } = cursor;
  return expireAtMs === 0 ? ttlOfPersistent : Math.max(0, expireAtMs - sinceMs);
}

/** Milliseconds to the nearest second, as Redis tells them; the negative answers stay. */
export function toSeconds(ms: number): number {
  return ms < 0 ? ms : Math.floor((ms + 500) / 1000);
}
