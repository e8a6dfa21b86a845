/**
 * A set changing its form. The new one is built beside the old, which stays as it was until nothing can fail any more,
 * and then takes its place in the entry: a pack or a table's header is moved there.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { allocate, free } from '#memory/allocator.ts';
import type { Arena } from '#memory/arena.ts';
import { createDirectoryFor } from '#structures/directory.ts';
import { createMember, MemberTable } from '#structures/member-table.ts';
import { Pack, packElementBytes, packHeaderBytes } from '#structures/pack.ts';
import type { Probe } from '#structures/probe.ts';
import { RefList } from '#structures/ref-list.ts';
import { tableHeaderBytes } from '#structures/table.ts';
import { Member } from './set-member.ts';
import { SetView, setForm } from './set-view.ts';

/** How many items are freed at once at least; a segment more at most. */
const itemsPerSlice = 500;

const from = new SetView();
const member = new Member();
const table = new MemberTable();
const pack = new Pack();
const items = new RefList();

/** Makes the small set a table, for about `expected` members. O(n). Throws ArenaFullError, with all as it was. */
export function becomeTable(cursor: KeyCursor, expected = 0): void {
  const { arena } = cursor;
  const { rootLength } = cursor;
  if (rootLength < tableHeaderBytes) cursor.resizeRoot(tableHeaderBytes, rootLength);
  from.point(cursor);
  const header = allocate(arena, tableHeaderBytes);
  try {
    buildTable(arena, header, expected);
    arena.move(cursor.rootAt, header, tableHeaderBytes);
  } finally {
    free(arena, header);
  }
  cursor.resizeRoot(tableHeaderBytes, tableHeaderBytes);
  cursor.form = setForm.table;
}

function buildTable(arena: Arena, header: number, expected: number): void {
  createDirectoryFor(arena, header, expected);
  table.point(arena, header, from.seed);
  try {
    for (from.begin(); from.next(member); ) insertItem(table, member.probe(from.seed));
  } catch (error) {
    while (freeSlice(table));
    throw error;
  }
}

/** Makes the set, whose members are few and short enough, a pack. O(n). Throws ArenaFullError, with all as it was. */
export function becomePack(cursor: KeyCursor): void {
  const { arena } = cursor;
  from.point(cursor);
  const wasTable = from.form === setForm.table;
  const bytes = packedBytes();
  const headerAt = (bytes + 3) & ~3;
  const block = allocate(arena, headerAt + tableHeaderBytes);
  try {
    pack.point(arena, block, bytes).format();
    for (from.begin(); from.next(member); ) pack.append(member.text);
    if (wasTable) arena.move(block + headerAt, cursor.rootAt, tableHeaderBytes);
    cursor.resizeRoot(bytes, Math.min(bytes, cursor.rootLength));
    arena.move(cursor.rootAt, block, bytes);
    cursor.form = setForm.pack;
    if (wasTable) while (freeSlice(table.point(arena, block + headerAt, from.seed)));
  } finally {
    free(arena, block);
  }
}

/** Bytes of the pack that the set at `from` would be. */
function packedBytes(): number {
  let bytes = packHeaderBytes;
  for (from.begin(); from.next(member); ) bytes += packElementBytes(member.text.length);
  return bytes;
}

/** Adds a member that the table does not have. O(1). Throws ArenaFullError, with all as it was. */
export function insertItem(into: MemberTable, probe: Probe): void {
  const { arena } = into;
  const item = createMember(arena, probe, 0);
  try {
    into.insert(probe.hash, item);
  } catch (error) {
    free(arena, item);
    throw error;
  }
}

/** Frees some hundreds of items of a table, and their segments. Returns whether there are more. Nothing else may be called in between. */
export function freeSlice(of: MemberTable): boolean {
  for (let freed = 0; freed < itemsPerSlice; freed += items.length) {
    items.clear();
    if (!of.dismantle(items)) return false;
    for (let i = 0; i < items.length; i++) free(of.arena, items.at(i));
  }
  return true;
}
