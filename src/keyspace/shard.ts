/**
 * A shard: an arena with its share of every database's keys. The unit of memory, later of locks, snapshot
 * progress and slot moves. Which keys it has follows from their hash alone; whatever describes them is inside
 * its arena, and everything here is a view of that.
 *
 * The arena's root block has one word for each database: a block with the header of its key table and, after it, those
 * of its expiry indexes: of the keys, and of the keys whose members expire. As many words again are for what transactions
 * have pending (pending.ts), 0 until there is something.
 */
import {
  allocate,
  formatArena,
  free,
  heldBytes,
  rootOf,
  setRoot,
  usedBytes,
} from '#memory/allocator.ts';
import { Arena, type Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import type { HashSeed } from '#structures/halfsiphash.ts';
import { RefList } from '#structures/ref-list.ts';
import { tableHeaderBytes } from '#structures/table.ts';
import { treeHeaderBytes } from '#structures/tree.ts';
import { ExpiryIndex } from './expiry-index.ts';
import { KeyTable } from './key-table.ts';

/** An arena that holds no more than this is used again when it is emptied. */
const keptBytesMax = 256 * 1024;

const expiriesAt = tableHeaderBytes;
const fieldExpiriesAt = expiriesAt + treeHeaderBytes;

/** A database's keys in one shard. */
export interface Part {
  readonly keys: KeyTable;
  readonly expiries: ExpiryIndex;
  /** When the first member of each collection with members that expire does. */
  readonly fieldExpiries: ExpiryIndex;
  /** The block with all headers. */
  readonly header: Ref;
}

export class Shard {
  arena: Arena;
  private readonly seed: HashSeed;
  private readonly databases: number;

  constructor(databases: number, seed: HashSeed) {
    this.databases = databases;
    this.seed = seed;
    this.arena = this.prepare(new Arena());
  }

  get usedBytes(): number {
    return usedBytes(this.arena);
  }

  get heldBytes(): number {
    return heldBytes(this.arena);
  }

  /**
   * Drops everything at once. All parts are invalid afterwards. The arena itself goes, and its memory back to the system,
   * if it holds much or `isShared`: somebody may still read from it. Else it is used again, for a new one takes 0.4 ms.
   */
  reset(isShared: boolean): void {
    const isKept = !isShared && this.heldBytes <= keptBytesMax;
    this.arena = this.prepare(isKept ? this.arena : new Arena());
  }

  /** The view of a database's part. */
  part(database: number): Part {
    return this.viewOf(this.arena.ref(rootOf(this.arena) + database * 4));
  }

  /** The part for what transactions have pending of a database, made when it is first asked for. Throws ArenaFullError. */
  pendingPart(database: number): Part {
    const { arena } = this;
    const at = this.pendingWordOf(database);
    if (arena.word(at) === 0) arena.setWord(at, this.newPart(arena));
    return this.viewOf(arena.ref(at));
  }

  /** Gives back what the parts for pending keys take, all of which have to be empty. */
  dropPendingParts(): void {
    const { arena } = this;
    const scratch = new RefList();
    for (let database = 0; database < this.databases; database++) {
      const at = this.pendingWordOf(database);
      if (arena.word(at) === 0) continue;
      const part = this.pendingPart(database);
      assert(part.keys.count === 0, 'shard: nothing is pending');
      arena.setWord(at, 0);
      while (this.dismantle(part, scratch, scratch));
    }
  }

  /** Makes sure that blocks of `bytes` in all can be had. Throws ArenaFullError. */
  assureRoom(bytes: number): void {
    free(this.arena, allocate(this.arena, bytes));
  }

  private pendingWordOf(database: number): number {
    return rootOf(this.arena) + (this.databases + database) * 4;
  }

  /** Gives `database` an empty part and returns the one it had, which is the caller's to take apart. */
  detach(database: number): Part {
    const part = this.part(database);
    const fresh = this.newPart(this.arena);
    this.arena.setWord(rootOf(this.arena) + database * 4, fresh);
    return part;
  }

  /** Exchanges two databases' parts. */
  swap(a: number, b: number): void {
    const root = rootOf(this.arena);
    const first = this.arena.word(root + a * 4);
    this.arena.setWord(root + a * 4, this.arena.word(root + b * 4));
    this.arena.setWord(root + b * 4, first);
  }

  /**
   * Takes one slice of a detached part apart, adding its entries to `entries` for the caller to free.
   * Returns false when nothing was left of it.
   */
  dismantle(part: Part, entries: RefList, scratch: RefList): boolean {
    scratch.clear();
    // The keys last: a table says only once that nothing is left of it.
    if (part.expiries.dismantle(scratch) || part.fieldExpiries.dismantle(scratch)) return true;
    if (part.keys.dismantle(entries)) return true;
    free(this.arena, part.header);
    return false;
  }

  /** Makes an arena one of a shard without keys. */
  private prepare(arena: Arena): Arena {
    formatArena(arena);
    const root = allocate(arena, this.databases * 2 * 4);
    setRoot(arena, root);
    for (let database = 0; database < this.databases; database++) {
      arena.setWord(root + database * 4, this.newPart(arena));
      arena.setWord(root + (this.databases + database) * 4, 0);
    }
    return arena;
  }

  private newPart(arena: Arena): Ref {
    const header = allocate(arena, fieldExpiriesAt + treeHeaderBytes);
    new KeyTable(arena, header, this.seed).format();
    new ExpiryIndex(arena, header + expiriesAt).format();
    new ExpiryIndex(arena, header + fieldExpiriesAt).format();
    return header;
  }

  private viewOf(header: Ref): Part {
    return {
      header,
      keys: new KeyTable(this.arena, header, this.seed),
      expiries: new ExpiryIndex(this.arena, header + expiriesAt),
      fieldExpiries: new ExpiryIndex(this.arena, header + fieldExpiriesAt),
    };
  }
}
