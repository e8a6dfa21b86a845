/**
 * Operations on keys of any type: how a key is copied, renamed or moved.
 *
 * Which shard an entry is in follows from the hash of its key. A key that moves to another database stays in its
 * shard, so its entry only changes tables. One that gets another name needs an entry of its own: in the same arena a
 * collection's root moves there and leads to the same blocks, in another everything has to be copied.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { traitsOf } from './values.ts';

/**
 * Makes the key at `target`, whatever it held, an equal of the existing one at `source`: value and expiry. Its
 * uses are its own and begin now. O(n).
 */
export function copyKey(source: KeyCursor, target: KeyCursor): void {
  traitsOf(source).copy(source, target);
  target.publish('copy_to');
  target.setExpiry(source.expireAtMs);
}

/**
 * Gives the existing key at `source` the name at `target`, another one of the same database, in place of whatever
 * that was. What is known of its uses goes along. O(n), or O(1) for a collection whose new name is in the same shard.
 */
export function renameKey(source: KeyCursor, target: KeyCursor): void {
  source.change('rename_from');
  const movesBlocks = source.arena === target.arena && source.ownsBlocks;
  if (movesBlocks) target.draftRootOf(source);
  else traitsOf(source).copy(source, target);
  target.publish('rename_to');
  if (movesBlocks) target.takeBlocksOf(source);
  target.setExpiry(source.expireAtMs);
  target.access = source.access;
  source.discard();
}

/** Moves the existing key at `source` to another database, where `target` found none of the name. O(1). */
export function moveKey(source: KeyCursor, target: KeyCursor): void {
  source.change('move_from');
  target.change('move_to');
  source.handOver(target);
}
