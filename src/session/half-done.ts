/**
 * What a command did that ran out of memory on the way. Operations allocate before they change anything, but one on many elements
 * may have done some of them, and no request would do just these. So its effect is what its keys are now: RESTORE, or
 * DEL. That costs a copy of the values, of a command that fails.
 */
import type { Command } from '#commands/command.ts';
import type { Context } from '#commands/context.ts';
import { keysOf } from '#commands/derive/key-specs.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { wholeValue } from '#persistence/rdb/adapters/all.ts';
import { dumpValue, forgetDump } from '#persistence/rdb/payload.ts';
import type { EffectFeed } from './effect-feed.ts';

const key = new Slice();

/** Records each key of the request that is under way as it is now, in place of what was recorded. */
export function recordHalfDone(command: Command, context: Context, effects: EffectFeed): void {
  const { database, request, services } = context;
  const compresses = services.config.get('rdbcompression');
  effects.forgetRecorded();
  for (const at of keysOf(command, request)) {
    recordAsItIs(database.peek(request.into(at, key)), compresses, effects);
  }
}

/** Records what there is of a key: RESTORE, or DEL. */
export function recordAsItIs(cursor: KeyCursor, compresses: boolean, effects: EffectFeed): void {
  if (!cursor.exists) {
    effects.record('DEL', cursor.key);
    return;
  }
  const payload = dumpValue(cursor, wholeValue, compresses);
  effects.record('RESTORE', cursor.key, cursor.expireAtMs, payload, 'REPLACE', 'ABSTTL');
  forgetDump();
}
