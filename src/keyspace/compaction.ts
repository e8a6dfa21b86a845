/**
 * Compaction: makes one large gap out of many small ones, by moving the entries between them to gaps elsewhere.
 *
 * A shard that was full of small values has no place for a large one, however many of the small ones are evicted:
 * what the rest leaves free is in pieces. So a stretch of memory is walked block by block, from an entry that a sample
 * of the table gave, and each entry on it moved to where the allocator finds room; it takes small gaps before large
 * ones. A block is an entry if the table knows it by its key's hash; whatever else there is (segments of
 * tables, nodes of trees, what is to be freed) stays where it is and ends the stretch.
 *
 * Entries may move because only their table refers to them by place. Nobody may have one open meanwhile.
 */
import {
  allocate,
  blockAfter,
  free,
  heldBytes,
  isFreeBlock,
  payloadBytes,
} from '#memory/allocator.ts';
import { type Arena, ArenaFullError, nullRef, type Ref } from '#memory/arena.ts';
import { RefList } from '#structures/ref-list.ts';
import type { Database } from './database.ts';
import { couldBeEntry, setValueLength, valueLength } from './entry.ts';
import type { KeyTable } from './key-table.ts';
import type { Keyspace } from './keyspace.ts';

/** Entries sampled for a place to begin near the end. */
const samples = 8;
/** Blocks looked at in one go: about a millisecond. */
const blocksMax = 2048;
const stretchesMax = 4;

export class Compaction {
  private readonly keyspace: Keyspace;
  private readonly scratch = new RefList();
  private blocksLeft = 0;
  /** Entries moved so far. */
  moved = 0;

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
  }

  /**
   * Tries to make a gap of `bytes` in the shard numbered `shard`: at the end, which makes the arena smaller, and if
   * that is not enough elsewhere. Returns how large the largest became, roughly. Looks at {@link blocksMax} blocks.
   */
  makeGap(shard: number, bytes: number): number {
    const arena = this.keyspace.shards[shard]?.arena;
    if (arena === undefined) return 0;
    this.blocksLeft = blocksMax;
    let largest = 0;
    for (let stretch = 0; stretch < stretchesMax && largest < bytes; stretch++) {
      const start = this.highestOf(stretch === 0 ? samples : 1, shard);
      largest = Math.max(largest, this.clearStretch(shard, arena, start, bytes));
    }
    return largest;
  }

  /** Moves entries from `start` on until `bytes` are free in a row. Returns how many were at most. */
  private clearStretch(shard: number, arena: Arena, start: Ref, bytes: number): number {
    let gap = 0;
    let largest = 0;
    let at = start;
    for (; at !== nullRef && largest < bytes && this.blocksLeft > 0; this.blocksLeft--) {
      // Free blocks never touch, so the one after a free one is in use and stays a block whatever is moved.
      let next = blockAfter(arena, at);
      let size = payloadBytes(arena, at);
      if (next !== nullRef && isFreeBlock(arena, next)) {
        size += payloadBytes(arena, next);
        next = blockAfter(arena, next);
      }
      gap = this.moveEntry(shard, arena, at) ? gap + size : 0;
      largest = Math.max(largest, gap);
      at = next;
    }
    return largest;
  }

  /** The highest of so many random entries of each database. */
  private highestOf(samples: number, shard: number): Ref {
    const { scratch, keyspace } = this;
    let highest: Ref = nullRef;
    for (const database of keyspace.databases) {
      const { keys } = database.partAt(shard);
      if (keys.count === 0) continue;
      for (let sample = 0; sample < samples; sample++) {
        const entry = keys.random(keyspace.nextRandom, scratch);
        if (entry > highest) highest = entry;
      }
    }
    return highest;
  }

  /** Moves what is at `at` elsewhere. Returns false if it is no entry, or there is no gap for it. */
  private moveEntry(shard: number, arena: Arena, at: Ref): boolean {
    if (!couldBeEntry(arena, at) || this.keyspace.keeper?.uses(arena, at) === true) return false;
    const [database] = this.keyspace.databases;
    if (database === undefined) return false;
    // Every table of a shard hashes alike.
    const hash = database.partAt(shard).keys.hashOf(at);
    const keys = this.tableOf(shard, hash, at);
    if (keys === undefined) return false;
    const length = payloadBytes(arena, at);
    const valueBytes = valueLength(arena, at);
    const moved = allocateInGap(arena, length);
    if (moved === nullRef) return false;
    arena.move(moved, at, length);
    // The new block may be a little larger.
    setValueLength(arena, moved, valueBytes);
    keys.replace(hash, at, moved);
    free(arena, at);
    this.moved++;
    return true;
  }

  /** The table that has an entry at `at`. */
  private tableOf(shard: number, hash: number, at: Ref): KeyTable | undefined {
    const has = (database: Database): boolean => {
      const { keys } = database.partAt(shard);
      if (keys.count === 0) return false;
      this.scratch.clear();
      keys.candidates(hash, this.scratch);
      for (let i = 0; i < this.scratch.length; i++) if (this.scratch.at(i) === at) return true;
      return false;
    };
    return this.keyspace.databases.find(has)?.partAt(shard).keys;
  }
}

/** A block that makes the arena no larger, or null. */
function allocateInGap(arena: Arena, length: number): Ref {
  const before = heldBytes(arena);
  try {
    const block = allocate(arena, length);
    if (heldBytes(arena) === before) return block;
    free(arena, block);
  } catch (error) {
    if (!(error instanceof ArenaFullError)) throw error;
  }
  return nullRef;
}
