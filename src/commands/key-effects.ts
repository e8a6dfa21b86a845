/**
 * Effects of commands on one key, told by what the key is afterwards. For commands whose request says how long from now a
 * key is to live, or what to reckon with, in place of when it expires and what came out.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import type { Context } from './context.ts';

const value = new Slice();

/** The key, which holds a string, was written: SET, with its expiry. Or it is gone: DEL. */
export function recordString({ services: { effects } }: Context, cursor: KeyCursor): void {
  if (!effects.isWanted) return;
  if (!cursor.exists) return effects.record('DEL', cursor.key);
  const { expireAtMs } = cursor;
  value.point(cursor.bytes, cursor.valueAt, cursor.valueLength);
  if (expireAtMs === 0) effects.record('SET', cursor.key, value);
  else effects.record('SET', cursor.key, value, 'PXAT', expireAtMs);
}

/** The expiry of the key was changed: PEXPIREAT or PERSIST. Or the key is gone: DEL. */
export function recordExpiry({ services: { effects } }: Context, cursor: KeyCursor): void {
  if (!effects.isWanted) return;
  if (!cursor.exists) effects.record('DEL', cursor.key);
  else if (cursor.expireAtMs === 0) effects.record('PERSIST', cursor.key);
  else effects.record('PEXPIREAT', cursor.key, cursor.expireAtMs);
}
