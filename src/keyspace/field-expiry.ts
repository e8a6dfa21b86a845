/**
 * What the shard's indexes know of when an entry expires, and the first of its members: whoever puts an entry in a
 * table, takes it out or changes such a time goes through here, so that the indexes name just what the tables have.
 *
 * A collection whose members expire is in the second index once, by the first of them, however many there are. What
 * comes after that one is its type's to know.
 */
import { ArenaFullError, type Ref } from '#memory/arena.ts';
import {
  expireAtMs,
  fieldExpireAtMs,
  hasFieldExpiry,
  setFieldExpireAtMs,
  setHasFieldExpiry,
} from './entry.ts';
import type { KeyCursor } from './key-cursor.ts';
import type { Part } from './shard.ts';

/** Adds what the entry, of a key with this hash, says to the part's indexes. Throws ArenaFullError, with them unchanged. */
export function indexExpiries(part: Part, entry: Ref, hash: number): void {
  const { arena } = part.keys;
  const atMs = expireAtMs(arena, entry);
  const fieldAtMs = fieldExpireAtMs(arena, entry);
  if (fieldAtMs !== 0) part.fieldExpiries.add(fieldAtMs, hash);
  if (atMs === 0) return;
  try {
    part.expiries.add(atMs, hash);
  } catch (error) {
    if (fieldAtMs !== 0) part.fieldExpiries.delete(fieldAtMs, hash);
    throw error;
  }
}

/** Takes out what {@link indexExpiries} added. */
export function unindexExpiries(part: Part, entry: Ref, hash: number): void {
  const { arena } = part.keys;
  const atMs = expireAtMs(arena, entry);
  if (atMs !== 0) part.expiries.delete(atMs, hash);
  const fieldAtMs = fieldExpireAtMs(arena, entry);
  if (fieldAtMs !== 0) part.fieldExpiries.delete(fieldAtMs, hash);
}

/**
 * Notes when the first member of the collection at `cursor` expires, 0 for none. Its root begins with 8 bytes for that,
 * which from the first call on are so declared. Throws ArenaFullError, with everything unchanged.
 */
export function noteFieldExpiry(cursor: KeyCursor, atMs: number): void {
  const { arena, entry, hash, part } = cursor;
  const before = fieldExpireAtMs(arena, entry);
  if (before === atMs && hasFieldExpiry(arena, entry)) return;
  // A draft is indexed when it is published.
  if (!cursor.isDraft) {
    if (atMs !== 0) part.fieldExpiries.add(atMs, hash);
    if (before !== 0) part.fieldExpiries.delete(before, hash);
  }
  setHasFieldExpiry(arena, entry, true);
  setFieldExpireAtMs(arena, entry, atMs);
}

/**
 * Like {@link noteFieldExpiry} once members have gone or live longer: where there is no memory to note the later time, the
 * earlier one stays, at which a sweep then finds nothing and tries again.
 */
export function noteLaterFieldExpiry(cursor: KeyCursor, atMs: number): void {
  try {
    noteFieldExpiry(cursor, atMs);
  } catch (error) {
    if (!(error instanceof ArenaFullError)) throw error;
  }
}

/** The value is about to be another one, which has no members that expire. */
export function forgetFieldExpiry(cursor: KeyCursor): void {
  if (!hasFieldExpiry(cursor.arena, cursor.entry)) return;
  noteFieldExpiry(cursor, 0);
  setHasFieldExpiry(cursor.arena, cursor.entry, false);
}
