/**
 * What was removed and is yet to be freed: parts of databases, taken apart a segment at a time so that nobody
 * waits for it. Until then their memory counts as used.
 */
import { free } from '#memory/allocator.ts';
import { RefList } from '#structures/ref-list.ts';
import type { Part, Shard } from './shard.ts';

export class LazyFree {
  private readonly queue: { readonly shard: Shard; readonly part: Part }[] = [];
  private readonly entries = new RefList();
  private readonly scratch = new RefList();

  /** Keys freed so far. */
  freed = 0;

  /** Keys yet to be freed. O(parts). */
  get pendingKeys(): number {
    let keys = 0;
    for (const { part } of this.queue) keys += part.keys.count;
    return keys;
  }

  /** Whether anything is left to free. */
  get pending(): boolean {
    return this.queue.length > 0;
  }

  /** Takes over a part that its shard has detached. */
  add(shard: Shard, part: Part): void {
    this.queue.push({ shard, part });
  }

  /** Forgets everything, because the arenas themselves are gone. */
  abandon(): void {
    this.queue.length = 0;
  }

  /** Frees one slice, some hundreds of entries. */
  step(): void {
    const next = this.queue[0];
    if (next === undefined) return;
    const { shard, part } = next;
    const { entries } = this;
    entries.clear();
    if (!shard.dismantle(part, entries, this.scratch)) this.queue.shift();
    this.freed += entries.length;
    for (let i = 0; i < entries.length; i++) free(shard.arena, entries.at(i));
  }

  /** Frees everything now. */
  finish(): void {
    while (this.pending) this.step();
  }
}
