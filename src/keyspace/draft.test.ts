/** Drafts, and values that own blocks: what is put in their place, and when their blocks are freed. */
import { describe, expect, test } from 'vitest';
import { allocate, free } from '#memory/allocator.ts';
import type { Arena, Ref } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import { SeededRandom } from '#platform/random.ts';
import { rootAt, valueType } from './entry.ts';
import type { KeyCursor } from './key-cursor.ts';
import { Keyspace } from './keyspace.ts';
import { emptyCompletely, verifyKeyspace } from './testing/books.ts';
import type { HooksByType } from './value-hooks.ts';

const chainForm = 4;

/** A list whose root leads to a chain of blocks, freed one a call. */
const hooks: HooksByType = {
  [valueType.list]: {
    dispose(arena: Arena, entry: Ref): boolean {
      const root = rootAt(arena, entry);
      const block = arena.ref(root);
      if (block === 0) return false;
      arena.setWord(root, arena.word(block));
      free(arena, block);
      return arena.word(root) !== 0;
    },
    verify() {},
  },
};

function setUp() {
  const random = new SeededRandom(1);
  const seed = { low: 1, high: 2 };
  const keyspace = new Keyspace({ shards: 2, databases: 2, random, seed, hooks });
  keyspace.setNow(1000);
  const events: string[] = [];
  keyspace.writes.subscribe({
    beforeWrite: (event, cursor) => events.push(`${event} ${cursor.key.latin1()}`),
    beforeFlush() {},
    beforeSwap() {},
  });
  const { firstDatabase } = keyspace;
  const open = (key: string) => firstDatabase.write(new Slice(Buffer.from(key)));
  return { keyspace, events, open };
}

function fillChain(cursor: KeyCursor, blocks: number): void {
  const { arena } = cursor;
  arena.setWord(cursor.rootAt, 0);
  for (let i = 0; i < blocks; i++) {
    const block = allocate(arena, 16);
    arena.setWord(block, arena.word(cursor.rootAt));
    arena.setWord(cursor.rootAt, block);
  }
}

describe('a draft', () => {
  test('is seen by nobody until it is published, and then is all there is', () => {
    const { keyspace, events, open } = setUp();
    open('k').overwrite('set', valueType.string, 5, true);
    open('k').setExpiry(5000);
    const cursor = open('k');
    cursor.draft(valueType.list, chainForm, 4);
    fillChain(cursor, 3);
    cursor.change('rpush');
    expect(events).toEqual(['set k']);
    cursor.publish('lists');
    expect(events).toEqual(['set k', 'lists k']);
    expect(open('k').type).toBe(valueType.list);
    expect(open('k').expireAtMs).toBe(0);
    verifyKeyspace(keyspace);
    emptyCompletely(keyspace);
  });

  test('that is abandoned leaves the key as it was, and no memory', () => {
    const { keyspace, open } = setUp();
    open('k').overwrite('set', valueType.string, 5);
    const { usedBytes } = keyspace;
    const cursor = open('k');
    cursor.draft(valueType.list, chainForm, 4);
    fillChain(cursor, 1);
    cursor.abandon();
    expect(open('k').type).toBe(valueType.string);
    expect(keyspace.usedBytes).toBe(usedBytes);
  });

  test('whose last element is removed is gone, and the key still what it was', () => {
    const { open } = setUp();
    open('k').overwrite('set', valueType.string, 5);
    const cursor = open('k');
    cursor.draft(valueType.list, 0, 8);
    cursor.remove('del');
    cursor.abandon();
    expect(open('k').type).toBe(valueType.string);
  });

  test('may move when it grows', () => {
    const { keyspace, open } = setUp();
    const cursor = open('key');
    cursor.draft(valueType.list, 0, 8);
    cursor.arena.setWord(cursor.rootAt, 77);
    cursor.resizeRoot(5000, 8);
    expect(cursor.arena.word(cursor.rootAt)).toBe(77);
    expect(cursor.rootLength).toBe(5000);
    cursor.publish('lists');
    expect(open('key').rootLength).toBe(5000);
    verifyKeyspace(keyspace);
    emptyCompletely(keyspace);
  });
});

describe('a value that owns blocks', () => {
  test('is freed in slices when its key goes', () => {
    const { keyspace, open } = setUp();
    open('other').overwrite('set', valueType.string, 5);
    const { usedBytes } = keyspace;
    const cursor = open('k');
    cursor.createCollection('rpush', valueType.list, chainForm, 4);
    fillChain(cursor, 3);
    open('k').remove('del');
    expect(open('k').exists).toBe(false);
    expect(keyspace.lazyFree.pendingKeys).toBe(1);
    keyspace.lazyFree.step();
    keyspace.lazyFree.step();
    expect(keyspace.lazyFree.pending).toBe(false);
    expect(keyspace.usedBytes).toBe(usedBytes);
  });

  test('gives way to a string of the same expiry', () => {
    const { keyspace, open } = setUp();
    const cursor = open('k');
    cursor.createCollection('rpush', valueType.list, chainForm, 4);
    fillChain(cursor, 3);
    cursor.setExpiry(9000);
    open('k').overwrite('set', valueType.string, 5);
    expect(open('k').type).toBe(valueType.string);
    expect(open('k').form).toBe(0);
    expect(open('k').expireAtMs).toBe(9000);
    verifyKeyspace(keyspace);
    emptyCompletely(keyspace);
  });
});
