/**
 * A sorted set becoming big. The new form is built beside the pack, which stays as it was until nothing can fail any
 * more; then its headers take the pack's place in the entry.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { allocate, free } from '#memory/allocator.ts';
import type { Ref } from '#memory/arena.ts';
import { createMember } from '#structures/member-table.ts';
import { RefList } from '#structures/ref-list.ts';
import { Member } from './set-member.ts';
import {
  SortedSetView,
  scoreBytes,
  setScoreOfItem,
  sortedSetForm,
  treeRootBytes,
} from './sorted-set-view.ts';

/** How many items are freed at once at least; a leaf more at most. */
const itemsPerSlice = 400;

const from = new SortedSetView();
const to = new SortedSetView();
const member = new Member();
const items = new RefList();

/** Gives a small sorted set the big form. O(n). Throws ArenaFullError, with all as it was. */
export function becomeTree(cursor: KeyCursor): void {
  const { arena, rootLength } = cursor;
  if (rootLength < treeRootBytes) cursor.resizeRoot(treeRootBytes, rootLength);
  const root = allocate(arena, treeRootBytes);
  try {
    buildTree(from.point(cursor), root);
    arena.move(cursor.rootAt, root, treeRootBytes);
  } finally {
    free(arena, root);
  }
  cursor.resizeRoot(treeRootBytes, treeRootBytes);
  cursor.form = sortedSetForm.tree;
}

/** Makes the members of `source` a big form whose root is at `root`, in the same arena. */
function buildTree(source: SortedSetView, root: Ref): void {
  const { arena, seed } = source;
  to.pointTree(arena, root, seed);
  to.table.format();
  to.tree.format();
  try {
    for (let more = source.first(); more; more = source.next()) {
      insertItem(to, source.read(member), source.score);
    }
  } catch (error) {
    while (freeSlice(to));
    throw error;
  }
}

/** Adds a member that a big sorted set does not have. O(log n). Throws ArenaFullError, with all as it was. */
export function insertItem(into: SortedSetView, member: Member, score: number): void {
  const { arena, table, tree } = into;
  const probe = member.probe(into.seed);
  const item = createMember(arena, probe, scoreBytes);
  setScoreOfItem(arena, item, score);
  try {
    table.insert(probe.hash, item);
  } catch (error) {
    free(arena, item);
    throw error;
  }
  try {
    tree.add(score, item);
  } catch (error) {
    table.remove(probe.hash, item);
    free(arena, item);
    throw error;
  }
}

/**
 * Frees some hundreds of items of a big sorted set, and the nodes and segments that lead to them. Returns whether there
 * are more. Nothing else may be called in between.
 */
export function freeSlice({ arena, table, tree }: SortedSetView): boolean {
  let freed = 0;
  while (freed < itemsPerSlice && tree.count > 0) {
    items.clear();
    tree.dismantle(items);
    for (let i = 0; i < items.length; i++) free(arena, items.at(i));
    freed += items.length;
  }
  while (freed < itemsPerSlice) {
    // The items are gone already; the table no longer looks at them.
    items.clear();
    if (!table.dismantle(items)) return false;
    freed += items.length;
  }
  return true;
}
