/**
 * Whether a keyspace's books balance: what every test of the engine may ask after anything it did. The
 * structures check themselves; here is what holds between them.
 */

import { heapReport, verifyHeap } from '#memory/allocator.ts';
import type { Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import { Slice } from '#memory/slice.ts';
import { RefList } from '#structures/ref-list.ts';
import { TreeCursor } from '#structures/tree.ts';
import type { Database } from '../database.ts';
import { fieldExpireAtMs, typeOf, valueLength, valueRoom, valueType } from '../entry.ts';
import type { ExpiryIndex } from '../expiry-index.ts';
import { KeyCursor } from '../key-cursor.ts';
import type { Keyspace } from '../keyspace.ts';

/** A block that was free keeps what would be too small to be one of its own. */
const roundingBytesMax = 12;

/** Checks heaps, tables, expiry indexes and what they say of one another. O(everything). */
export function verifyKeyspace(keyspace: Keyspace): void {
  for (const shard of keyspace.shards) verifyHeap(shard.arena);
  for (const database of keyspace.databases) {
    for (let shard = 0; shard < keyspace.shards.length; shard++) verifyPart(database, shard);
  }
}

function verifyPart(database: Database, shard: number): void {
  const part = database.partAt(shard);
  const { shards, shardMask } = database.keyspace;
  assert(part.keys.arena === shards[shard]?.arena, 'books: a part is of its shard as it is now');
  part.keys.verify();
  part.expiries.verify();
  part.fieldExpiries.verify();
  const cursor = new KeyCursor(database, part);
  const expected: string[] = [];
  const expectedFields: string[] = [];
  for (const entry of entriesOf(database, shard)) {
    const { arena, hash, probe, expireAtMs } = database.openEntry(shard, entry, cursor);
    assert((hash & shardMask) === shard, 'books: a key is in the shard of its hash');
    assert(part.keys.find(probe) === entry, 'books: a key is found by its hash');
    const length = valueLength(arena, entry);
    assert(length >= 0 && length <= valueRoom(arena, entry), 'books: a value is in its block');
    const type = typeOf(arena, entry);
    assert(Object.values(valueType).includes(type), 'books: a value has a type');
    database.keyspace.hooks[type]?.verify(database.openEntry(shard, entry, cursor));
    if (expireAtMs !== 0) expected.push(`${expireAtMs} ${hash | 0}`);
    const fieldAtMs = fieldExpireAtMs(arena, entry);
    if (fieldAtMs !== 0) expectedFields.push(`${fieldAtMs} ${hash | 0}`);
  }
  verifyIndex(part.expiries, expected);
  verifyIndex(part.fieldExpiries, expectedFields);
}

function verifyIndex(index: ExpiryIndex, expected: string[]): void {
  const indexed = indexedIn(index);
  assert(indexed.length === index.count, 'books: the expiry index counts its keys');
  assert(
    indexed.sort().join() === expected.sort().join(),
    'books: the expiry index has the keys that expire, and no others',
  );
}

/** Every entry of a part, once each. */
function entriesOf(database: Database, shard: number): Set<Ref> {
  const { keys } = database.partAt(shard);
  const list = new RefList();
  let at = 0;
  do at = keys.scan(at, list);
  while (at !== 0);
  const entries = new Set(Array.from({ length: list.length }, (_, index) => list.at(index)));
  assert(entries.size === keys.count, 'books: a scan meets every key');
  return entries;
}

function indexedIn(expiries: ExpiryIndex): string[] {
  const cursor = new TreeCursor();
  const indexed: string[] = [];
  for (let more = expiries.first(cursor); more; more = expiries.next(cursor)) {
    const atMs = expiries.high(cursor) * 2 ** 32 + expiries.low(cursor);
    indexed.push(`${atMs} ${expiries.value(cursor) | 0}`);
  }
  return indexed;
}

/**
 * Flushes every database the long way, which frees each block: while another database has a key, no arena may
 * be dropped whole. Throws InvariantError when a shard then uses more than an empty one.
 */
export function emptyCompletely(keyspace: Keyspace): void {
  const [first, second] = keyspace.databases;
  assert(first !== undefined && second !== undefined, 'books: a second database is there');
  plantGuard(first);
  keyspace.flush(second, false);
  plantGuard(second);
  for (const database of keyspace.databases) {
    if (database !== second) keyspace.flush(database, false);
  }
  second.peek(guard).discard();
  keyspace.dropPendingParts();
  keyspace.lazyFree.finish();
  verifyKeyspace(keyspace);
  const left = keyspace.shards.map(({ arena }) => heapReport(arena));
  keyspace.flushAll();
  for (const [index, { arena }] of keyspace.shards.entries()) {
    const empty = heapReport(arena);
    const { blocks = 0, usedBytes = 0 } = left[index] ?? {};
    assert(blocks === empty.blocks, 'books: every block was freed');
    const surplusBytes = usedBytes - empty.usedBytes;
    const isFreed = surplusBytes >= 0 && surplusBytes <= blocks * roundingBytesMax;
    assert(isFreed, 'books: every byte was freed');
  }
}

const guard = new Slice(Buffer.from('guard'));

function plantGuard(database: Database): void {
  database.peek(guard).overwrite('set', valueType.string, 0);
}
