/** The sets that a command takes together: a view of each, from a pool, so that thousands of keys make no garbage. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { SetView } from './set-view.ts';

/** Views that are kept. A command with more keys makes the others for itself. */
const pooledMax = 256;

export class SetSources {
  /** The sets that exist, in the order they were added or as they were sorted since. */
  readonly sets: SetView[] = [];
  /** The first set; undefined where it does not exist. */
  first: SetView | undefined;
  /** How many were added, those that do not exist included. */
  length = 0;
  private readonly pool: SetView[] = [];

  clear(): void {
    this.sets.length = 0;
    this.length = 0;
    this.first = undefined;
    if (this.pool.length > pooledMax) this.pool.length = pooledMax;
  }

  /** Adds the set of an open cursor, which may be opened elsewhere then. The view is good until something changes. */
  add(cursor: KeyCursor): void {
    this.length++;
    if (!cursor.exists) return;
    const view = this.viewAt(this.sets.length).point(cursor);
    this.sets.push(view);
    if (this.length === 1) this.first = view;
  }

  /** Whether all sets exist. */
  get areComplete(): boolean {
    return this.sets.length === this.length;
  }

  private viewAt(index: number): SetView {
    const pooled = this.pool[index];
    if (pooled !== undefined) return pooled;
    const made = new SetView();
    this.pool.push(made);
    return made;
  }
}
