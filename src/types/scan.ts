/**
 * Walking over the keys of a database: SCAN, a few at a time, and KEYS, all at once.
 *
 * What was found is kept as references into the arenas, so neither makes a string or a copy of a key: ten
 * million keys take ten million numbers. They are for the reply of the command that took them.
 */
import type { Database } from '#keyspace/database.ts';
import { expireAtMs, keyAt, keyLength, typeOf, type ValueType } from '#keyspace/entry.ts';
import type { Arena, Ref } from '#memory/arena.ts';
import { byteAt } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import { RefList } from '#structures/ref-list.ts';
import { globMatch } from './glob.ts';

const asterisk = 0x2a;
/** The bytes that make a pattern match anything but itself: `*`, `?`, `[` and `\`. */
const globBytes = [asterisk, 0x3f, 0x5b, 0x5c];

/** How many buckets one call of SCAN looks into for each key it was asked for, as in Redis: most may be empty. */
const bucketsPerKeyMax = 10;

/** Which keys are wanted. */
export class KeyFilter {
  private readonly pattern = new Slice();
  private hasPattern = false;
  /** Only this type; `'unknown'` is what no key has. */
  type: ValueType | 'unknown' | undefined;

  /** Lets every key through. */
  reset(): this {
    this.hasPattern = false;
    this.type = undefined;
    return this;
  }

  /** Only keys that match the glob pattern; the pattern `*` lets the empty key through too, as nothing else does. */
  match(pattern: Slice): this {
    const { bytes, at, length } = pattern;
    this.hasPattern = !(length === 1 && byteAt(bytes, at) === asterisk);
    this.pattern.point(bytes, at, length);
    return this;
  }

  acceptsType(arena: Arena, entry: Ref): boolean {
    return this.type === undefined || typeOf(arena, entry) === this.type;
  }

  acceptsName(arena: Arena, entry: Ref): boolean {
    if (!this.hasPattern) return true;
    const { bytes, at, length } = this.pattern;
    const textAt = keyAt(arena, entry);
    return globMatch(bytes, at, length, arena.bytes, textAt, keyLength(arena, entry), false);
  }
}

/** Keys that were found, where they lie. References hold as long as the keys do. */
export class FoundKeys {
  private readonly entries = new RefList();
  /** Where the entries of one arena end and those of the next begin. */
  private readonly runs: { readonly arena: Arena; end: number }[] = [];

  get length(): number {
    return this.entries.length;
  }

  add(arena: Arena, entry: Ref): void {
    this.entries.push(entry);
    const run = this.runs.at(-1);
    if (run?.arena === arena) run.end = this.entries.length;
    else this.runs.push({ arena, end: this.entries.length });
  }

  /** Calls `visit` with each key's bytes. */
  each(visit: (bytes: Buffer, at: number, length: number) => void): void {
    let index = 0;
    for (const { arena, end } of this.runs) {
      for (; index < end; index++) {
        const entry = this.entries.at(index);
        visit(arena.bytes, keyAt(arena, entry), keyLength(arena, entry));
      }
    }
  }
}

const bucket = new RefList();

/**
 * One call of SCAN: looks at about `count` keys from `cursor` on, adds those that `filter` lets through to `found`
 * and returns where to go on, 0 at the end. A cursor that cannot be one of this database's finds nothing.
 *
 * A key that is there from the first call to the last is found at least once, maybe more than once. Keys whose time
 * has come are removed where the pattern matches them, as in Redis.
 */
export function scanKeys(
  database: Database,
  cursor: number,
  count: number,
  filter: KeyFilter,
  found: FoundKeys,
): number {
  if (!database.isCursor(cursor)) return 0;
  let bucketsLeft = count * bucketsPerKeyMax;
  let looked = 0;
  do {
    const shard = database.shardOfCursor(cursor);
    bucket.clear();
    cursor = database.scan(cursor, bucket);
    looked += bucket.length;
    // Removing an entry moves no other one.
    takeBucket(database, shard, filter, found, true);
  } while (cursor !== 0 && looked < count && --bucketsLeft > 0);
  return cursor;
}

/** Adds those of the bucket that are wanted to `found`. */
function takeBucket(
  database: Database,
  shard: number,
  filter: KeyFilter,
  found: FoundKeys,
  removesExpired: boolean,
): void {
  const { arena } = database.partAt(shard).keys;
  const { nowMs } = database.keyspace;
  for (let i = 0; i < bucket.length; i++) {
    const entry = bucket.at(i);
    if (!filter.acceptsName(arena, entry)) continue;
    const atMs = expireAtMs(arena, entry);
    if (atMs !== 0 && atMs <= nowMs) {
      if (removesExpired) database.dropIfExpired(database.openEntry(shard, entry));
    } else if (filter.acceptsType(arena, entry)) found.add(arena, entry);
  }
}

const keysFilter = new KeyFilter();

/**
 * Adds all keys that match the glob pattern to `found`, each once: so it removes nothing, which could shrink a
 * table under it. O(n), but O(1) for a pattern that is just a key.
 */
export function findKeys(database: Database, pattern: Slice, found: FoundKeys): void {
  if (isLiteral(pattern)) {
    const cursor = database.peek(pattern);
    if (cursor.exists) found.add(cursor.arena, cursor.entry);
    return;
  }
  keysFilter.reset().match(pattern);
  let cursor = 0;
  do {
    const shard = database.shardOfCursor(cursor);
    bucket.clear();
    cursor = database.scan(cursor, bucket);
    takeBucket(database, shard, keysFilter, found, false);
  } while (cursor !== 0);
}

function isLiteral({ bytes, at, length }: Slice): boolean {
  for (let i = 0; i < length; i++) if (globBytes.includes(byteAt(bytes, at + i))) return false;
  return true;
}
