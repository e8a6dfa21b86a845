/** What must hold of a {@link Tree}'s nodes, whatever its order. For tests: O(n). */
import type { Arena } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import {
  capacityOn,
  childIn,
  countIn,
  elementAt,
  elementsIn,
  elementsUnder,
  entryAt,
  highAt,
  leafRoom,
  lowAt,
  type Node,
  nextOf,
  previousOf,
  valueAt,
} from './tree-node.ts';
import { countAt, firstAt, heightAt, heightMax, rootAt } from './tree-path.ts';

/** Checks counts, separators, links and room in all nodes of the tree whose header is at `tree`. */
export function verifyNodes(arena: Arena, tree: number): void {
  const root = arena.ref(tree + rootAt);
  const height = arena.word(tree + heightAt);
  const count = arena.word(tree + countAt);
  assert((root === 0) === (count === 0), 'tree: it has nodes if it has elements');
  assert(height <= heightMax && (root === 0) === (height === 0), 'tree: its height is possible');
  if (root === 0) {
    assert(arena.word(tree + firstAt) === 0, 'tree: without nodes there is no first leaf');
    return;
  }
  assert(height === 1 || countIn(arena, root) > 1, 'tree: an inner root has children');
  let node = root;
  for (let level = height - 1; level > 0; level--) {
    assert(verifyLevel(arena, node, level) === count, 'tree: its count is that of its nodes');
    node = childIn(arena, node, 0);
  }
  assert(node === arena.ref(tree + firstAt), 'tree: its first leaf is known');
  assert(previousOf(arena, node) === 0, 'tree: nothing comes before its first leaf');
  const room = height === 1 ? leafRoom(arena, node) : capacityOn(0);
  assert(verifyLeaves(arena, node, room) === count, 'tree: its count is that of its leaves');
}

/** Checks what the nodes of a level, from its first on, say about those below; returns their elements. */
function verifyLevel(arena: Arena, first: Node, level: number): number {
  let below = childIn(arena, first, 0);
  let elements = 0;
  for (let node = first; node !== 0; node = nextOf(arena, node)) {
    const count = countIn(arena, node);
    assert(count > 0 && count <= capacityOn(level), 'tree: a node holds what it can');
    for (let index = 0; index < count; index++) {
      const child = childIn(arena, node, index);
      assert(child === below, 'tree: the nodes of a level are linked in order');
      const under = elementsIn(arena, child, level - 1, 0, countIn(arena, child));
      assert(under === elementsUnder(arena, node, index), 'tree: elements are counted');
      if (index > 0) verifySeparator(arena, entryAt(node, index), child, level - 1);
      elements += under;
      below = nextOf(arena, below);
      assert(below === 0 || previousOf(arena, below) === child, 'tree: levels are linked back');
    }
  }
  assert(below === 0, 'tree: every node has a parent');
  return elements;
}

function verifySeparator(arena: Arena, entry: number, child: Node, level: number): void {
  for (; level > 0; level--) child = childIn(arena, child, 0);
  for (const word of [highAt, lowAt, valueAt]) {
    const exact = arena.word(entry + word) === arena.word(elementAt(child, 0) + word);
    assert(exact, 'tree: a separator is the first element below');
  }
}

function verifyLeaves(arena: Arena, first: Node, room: number): number {
  let elements = 0;
  for (let leaf = first; leaf !== 0; leaf = nextOf(arena, leaf)) {
    const count = countIn(arena, leaf);
    assert(count > 0 && count <= room, 'tree: a leaf holds what it can');
    elements += count;
  }
  return elements;
}

/** Checks that no element is above the one after it, in the words of the tree's own comparison. */
export function verifyOrder(
  arena: Arena,
  tree: number,
  isInOrder: (element: number, high: number, low: number, value: number) => boolean,
): void {
  let last = 0;
  for (let leaf = arena.ref(tree + firstAt); leaf !== 0; leaf = nextOf(arena, leaf)) {
    for (let index = 0; index < countIn(arena, leaf); index++) {
      const at = elementAt(leaf, index);
      const [high, low] = [arena.word(at + highAt), arena.word(at + lowAt)];
      const isNext = last === 0 || isInOrder(last, high, low, arena.word(at + valueAt));
      assert(isNext, 'tree: elements are in order');
      last = at;
    }
  }
}
