/** The hash table of a shard's keys: a {@link Table} whose items are entries. */
import type { Ref } from '#memory/arena.ts';
import { Table } from '#structures/table.ts';
import { keyAt, keyLength } from './entry.ts';

export class KeyTable extends Table {
  protected override keyAt(item: Ref): number {
    return keyAt(this.arena, item);
  }

  protected override keyLength(item: Ref): number {
    return keyLength(this.arena, item);
  }
}
