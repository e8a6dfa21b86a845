/** Items of a member table: their payloads at every size, and finding them among many. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  allocate,
  formatArena,
  free,
  payloadBytes,
  usedBytes,
  verifyHeap,
} from '#memory/allocator.ts';
import { Arena, ArenaFullError, nullRef, type Ref } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import { createDirectoryFor } from './directory.ts';
import {
  createMember,
  fitsMember,
  MemberTable,
  memberAt,
  memberFlag,
  memberLength,
  payloadAt,
  payloadLength,
  setPayloadLength,
} from './member-table.ts';
import { Probe } from './probe.ts';
import { RefList } from './ref-list.ts';
import { tableHeaderBytes } from './table.ts';

const seed = { low: 3, high: 5 };
const probe = new Probe();

function probeOf(bytes: Uint8Array): Probe {
  probe.load(seed, new Slice(Buffer.from(bytes)));
  return probe;
}

function newArena(): Arena {
  const arena = new Arena();
  formatArena(arena);
  return arena;
}

test('an item has its member, its flag and a payload of just the length it was given', async () => {
  const arena = newArena();
  const bytes = fc.uint8Array({ maxLength: 40 });
  await fc.assert(
    fc.property(bytes, fc.nat(300), fc.boolean(), (member, length, flag) => {
      const item = createMember(arena, probeOf(member), length, flag);
      expect(memberFlag(arena, item)).toBe(flag);
      expect(memberLength(arena, item)).toBe(member.length);
      expect(payloadLength(arena, item)).toBe(length);
      const start = memberAt(item);
      expect(arena.bytes.subarray(start, start + member.length).equals(member)).toBe(true);
      expect(payloadAt(arena, item) + length).toBeLessThanOrEqual(item + payloadBytes(arena, item));
      const shorter = Math.max(0, length - 3);
      setPayloadLength(arena, item, shorter);
      expect(payloadLength(arena, item)).toBe(shorter);
      expect(memberFlag(arena, item)).toBe(flag);
      free(arena, item);
      verifyHeap(arena);
    }),
  );
});

test('an item fits another payload only where it would take a block of the same size', () => {
  const arena = newArena();
  const item = createMember(arena, probeOf(Buffer.from('field')), 20);
  expect(fitsMember(arena, item, 20)).toBe(true);
  expect(fitsMember(arena, item, 23)).toBe(true);
  expect(fitsMember(arena, item, 24)).toBe(false);
  expect(fitsMember(arena, item, 10)).toBe(false);
});

test('a view finds the members of whichever table it is pointed at', () => {
  const arena = newArena();
  const roots = [0, 1].map(() => allocate(arena, tableHeaderBytes));
  const before = usedBytes(arena);
  const table = new MemberTable();
  for (const [index, root] of roots.entries()) {
    table.point(arena, root, seed).format();
    for (let i = 0; i < 1000; i++) {
      const member = probeOf(Buffer.from(`${index}:${i}`));
      table.insert(member.hash, createMember(arena, member, 0));
    }
  }
  for (const [index, root] of roots.entries()) {
    table.point(arena, root, seed).verify();
    expect(table.count).toBe(1000);
    expect(table.find(probeOf(Buffer.from(`${index}:77`)))).not.toBe(0);
    expect(table.find(probeOf(Buffer.from(`${1 - index}:77`)))).toBe(0);
    const items = new RefList();
    while (table.dismantle(items));
    for (let i = 0; i < items.length; i++) free(arena, items.at(i));
  }
  expect(usedBytes(arena)).toBe(before);
});

test.each([0, 1, 560, 561, 5000])(
  'a table made for %i members is a table as any other',
  (expected) => {
    const arena = newArena();
    const root = allocate(arena, tableHeaderBytes);
    const before = usedBytes(arena);
    createDirectoryFor(arena, root, expected);
    const table = new MemberTable().point(arena, root, seed);
    table.verify();
    const empty = usedBytes(arena);
    const count = Math.max(expected, 1500);
    for (let i = 0; i < count; i++) {
      const member = probeOf(Buffer.from(`member:${i}`));
      table.insert(member.hash, createMember(arena, member, 0));
    }
    table.verify();
    for (let i = 0; i < count; i++) {
      const member = probeOf(Buffer.from(`member:${i}`));
      const item = table.find(member);
      table.remove(member.hash, item);
      free(arena, item);
    }
    table.verify();
    expect(usedBytes(arena)).toBeLessThanOrEqual(empty);
    expect(table.dismantle(new RefList())).toBe(true);
    while (table.dismantle(new RefList()));
    expect(usedBytes(arena)).toBe(before);
  },
);

test('a table made for more members than there is room for leaves nothing behind', () => {
  const arena = new Arena(1 << 20);
  formatArena(arena);
  const root = allocate(arena, tableHeaderBytes);
  const before = usedBytes(arena);
  expect(() => createDirectoryFor(arena, root, 1_000_000)).toThrow(ArenaFullError);
  expect(usedBytes(arena)).toBe(before);
  verifyHeap(arena);
});

test('a table made for many has its segments from the start', () => {
  const arena = newArena();
  const root = allocate(arena, tableHeaderBytes);
  createDirectoryFor(arena, root, 5000);
  const table = new MemberTable().point(arena, root, seed);
  const tableBytes = usedBytes(arena);
  const items: Ref[] = [];
  let itemBytes = 0;
  for (let i = 0; i < 5000; i++) {
    const member = probeOf(Buffer.from(`member:${i}`));
    items.push(createMember(arena, member, 0));
    itemBytes += payloadBytes(arena, items.at(-1) ?? nullRef) + 4;
    table.insert(member.hash, items.at(-1) ?? nullRef);
  }
  // Only chained buckets came later.
  expect(usedBytes(arena) - itemBytes).toBeLessThan(tableBytes * 1.1);
});
