/**
 * The fields that a command gave another expiry, for its effect: when they expire or that they are gone, whatever was
 * asked and from whenever it counted.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';
import type { Effects } from '../effects.ts';

export class ChangedFields {
  private readonly names: Buffer[] = [];
  private isWanted = false;

  /** Begins a command. */
  begin(effects: Effects): void {
    this.names.length = 0;
    this.isWanted = effects.isWanted;
  }

  add(field: Slice): void {
    if (this.isWanted) this.names.push(field.copy());
  }

  /** Ends it: all that were added expire at `atMs` now, or never with 0, or are gone if that is past. */
  record(effects: Effects, cursor: KeyCursor, atMs: number): void {
    const { names } = this;
    if (!this.isWanted) return;
    const { nowMs } = cursor.database.keyspace;
    if (names.length === 0) effects.recordNothing();
    else if (atMs === 0) effects.record('HPERSIST', cursor.key, 'FIELDS', names.length, ...names);
    else if (atMs <= nowMs) effects.record('HDEL', cursor.key, ...names);
    else effects.record('HPEXPIREAT', cursor.key, atMs, 'FIELDS', names.length, ...names);
  }
}
