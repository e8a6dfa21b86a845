/** What saves of everything and saves of changes have in common as keepers: what becomes of values too big to be written in one go. */
import type { Keeper } from '#keyspace/keeper.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Part, Shard } from '#keyspace/shard.ts';
import type { Arena, Ref } from '#memory/arena.ts';
import type { BigValues } from './big-values.ts';
import type { OutputFile } from './output-file.ts';

export abstract class ValueKeeper implements Keeper {
  concernsReads = false;
  protected output: OutputFile | undefined;
  protected values: BigValues | undefined;

  abstract keep(shard: Shard, part: Part): boolean;

  /** Whether what is at the cursor is yet to be saved. */
  protected abstract isUnsaved(cursor: KeyCursor): boolean;

  /** The number that the cursor's database had at the start. */
  protected abstract originOf(cursor: KeyCursor): number;

  /** Counts what is at the cursor as saved. */
  protected abstract note(cursor: KeyCursor): void;

  needs(cursor: KeyCursor): boolean {
    return this.isUnsaved(cursor) && this.values?.isBig(cursor) === true;
  }

  claim(cursor: KeyCursor): boolean {
    if (!this.needs(cursor)) return false;
    this.values?.await(this.originOf(cursor), cursor);
    return true;
  }

  get isFreeing(): boolean {
    return this.values?.hasOrphans === true;
  }

  beforeRemoval(cursor: KeyCursor): void {
    if (this.output?.failure !== undefined || !this.needs(cursor)) return;
    this.values?.adopt(this.originOf(cursor), cursor);
    this.note(cursor);
  }

  uses(arena: Arena, entry: Ref): boolean {
    return this.values?.has(arena, entry) === true;
  }
}
