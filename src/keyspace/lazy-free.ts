/**
 * What was removed and is yet to be freed: parts of databases, taken apart a segment at a time, and big values, a few
 * hundred blocks at a time, so that nobody waits for it. Until then their memory counts as used.
 */
import { free } from '#memory/allocator.ts';
import type { Arena, Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import { RefList } from '#structures/ref-list.ts';
import { ownsBlocks, typeOf } from './entry.ts';
import type { Part, Shard } from './shard.ts';
import type { HooksByType } from './value-hooks.ts';

interface DetachedPart {
  readonly shard: Shard;
  readonly part: Part;
}

interface DetachedValue {
  readonly arena: Arena;
  readonly entry: Ref;
}

export class LazyFree {
  private readonly parts: DetachedPart[] = [];
  private readonly values: DetachedValue[] = [];
  private readonly entries = new RefList();
  private readonly scratch = new RefList();
  private readonly hooks: HooksByType;

  constructor(hooks: HooksByType) {
    this.hooks = hooks;
  }

  /** Keys freed so far. */
  freed = 0;

  /** Keys yet to be freed. O(parts). */
  get pendingKeys(): number {
    let keys = this.values.length;
    for (const { part } of this.parts) keys += part.keys.count;
    return keys;
  }

  /** Whether anything is left to free. */
  get pending(): boolean {
    return this.parts.length > 0 || this.values.length > 0;
  }

  /** Takes over a part that its shard has detached. */
  add(shard: Shard, part: Part): void {
    this.parts.push({ shard, part });
  }

  /** Frees an entry that no table knows any more: at once, but for what a big collection has beside it. */
  retire(arena: Arena, entry: Ref): void {
    if (ownsBlocks(arena, entry)) this.addValue(arena, entry);
    else free(arena, entry);
  }

  /** Takes over an entry that owns blocks and that no table knows any more. Frees a first slice, which mostly is all. */
  addValue(arena: Arena, entry: Ref): void {
    if (this.disposeSlice(arena, entry)) this.values.push({ arena, entry });
    else this.freed++;
  }

  /** Forgets everything, because the arenas themselves are gone. */
  abandon(): void {
    this.parts.length = 0;
    this.values.length = 0;
  }

  /** Frees one slice, some hundreds of blocks. */
  step(): void {
    const value = this.values.at(-1);
    if (value !== undefined) {
      if (this.disposeSlice(value.arena, value.entry)) return;
      this.values.pop();
      this.freed++;
      return;
    }
    const next = this.parts[0];
    if (next !== undefined) this.takeApart(next);
  }

  /** Frees everything now. */
  finish(): void {
    while (this.pending) this.step();
  }

  private takeApart({ shard, part }: DetachedPart): void {
    const { entries } = this;
    const { arena } = shard;
    entries.clear();
    if (!shard.dismantle(part, entries, this.scratch)) this.parts.shift();
    for (let i = 0; i < entries.length; i++) {
      const entry = entries.at(i);
      if (ownsBlocks(arena, entry)) {
        this.values.push({ arena, entry });
        continue;
      }
      free(arena, entry);
      this.freed++;
    }
  }

  /** Frees a slice of a value, and with the last one its entry. Returns whether anything is left. */
  private disposeSlice(arena: Arena, entry: Ref): boolean {
    const hooks = this.hooks[typeOf(arena, entry)];
    assert(hooks !== undefined, 'lazy free: the type of a value with blocks can free them');
    if (hooks.dispose(arena, entry)) return true;
    free(arena, entry);
    return false;
  }
}
