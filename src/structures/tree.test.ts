import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  allocate,
  formatArena,
  free,
  heapReport,
  usedBytes,
  verifyHeap,
} from '#memory/allocator.ts';
import { Arena, ArenaFullError, type Ref } from '#memory/arena.ts';
import { RefList } from './ref-list.ts';
import { Tree, TreeCursor, treeHeaderBytes } from './tree.ts';

type Element = readonly [high: number, low: number, value: number];

function compare(a: Element, b: Element): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** The index of the first element of a sorted array that is not below `element`. */
function lowerBound(sorted: readonly Element[], element: Element): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (compare(sorted[middle] as Element, element) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

class Fixture {
  readonly arena: Arena;
  readonly tree: Tree;
  readonly model: Element[] = [];
  private readonly header: Ref;
  private readonly cursor = new TreeCursor();

  constructor(bytesMax?: number) {
    this.arena = new Arena(bytesMax);
    formatArena(this.arena);
    this.header = allocate(this.arena, treeHeaderBytes);
    this.tree = new Tree(this.arena, this.header);
    this.tree.format();
  }

  insert(element: Element): void {
    this.tree.insert(...element);
    this.model.splice(lowerBound(this.model, element), 0, element);
  }

  remove(element: Element): void {
    const index = lowerBound(this.model, element);
    const found = this.model[index];
    const known = found !== undefined && compare(found, element) === 0;
    expect(this.tree.remove(...element)).toBe(known);
    if (known) this.model.splice(index, 1);
  }

  removeFirst(): void {
    if (this.model.length === 0) return;
    const first = [this.tree.firstHigh(), this.tree.firstLow(), this.tree.firstValue() >>> 0];
    expect(first).toEqual(this.model.shift());
    this.tree.removeFirst();
  }

  at(cursor: TreeCursor): Element {
    const { tree } = this;
    return [tree.high(cursor), tree.low(cursor), tree.value(cursor) >>> 0];
  }

  /** Asks for an element, its order words and its rank, and looks at the neighbours of what it finds. */
  ask(element: Element): void {
    const { tree, model, cursor } = this;
    const [high, low] = element;
    const below = lowerBound(model, [high, low, 0]);
    expect(tree.countBelow(high, low)).toBe(below);
    this.expectAround(tree.seek(high, low, cursor), below);
    const index = lowerBound(model, element);
    this.expectAround(tree.seekElement(...element, cursor), index);
    const found = model[index];
    const known = found !== undefined && compare(found, element) === 0;
    expect(tree.rankOf(...element)).toBe(known ? index : -1);
    this.expectAround(tree.seekRank(index, cursor), index);
  }

  private expectAround(found: boolean, index: number): void {
    const { tree, model, cursor } = this;
    expect(found).toBe(index < model.length);
    if (!found) return;
    expect(this.at(cursor)).toEqual(model[index]);
    if (tree.previous(cursor)) {
      expect(this.at(cursor)).toEqual(model[index - 1]);
      expect(tree.next(cursor)).toBe(true);
    } else {
      expect(index).toBe(0);
      expect(tree.first(cursor)).toBe(true);
    }
    expect(tree.next(cursor)).toBe(index + 1 < model.length);
    if (index + 1 < model.length) expect(this.at(cursor)).toEqual(model[index + 1]);
  }

  check(): void {
    const { tree, model, cursor } = this;
    verifyHeap(this.arena);
    tree.verify();
    expect(tree.count).toBe(model.length);
    const walked: Element[] = [];
    for (let more = tree.first(cursor); more; more = tree.next(cursor))
      walked.push(this.at(cursor));
    expect(walked).toEqual(model);
    expect(tree.last(cursor)).toBe(model.length > 0);
    if (model.length > 0) expect(this.at(cursor)).toEqual(model.at(-1));
  }

  destroy(): void {
    const values = new RefList();
    for (let before = 0; this.tree.dismantle(values); before = values.length) {
      expect(values.length - before).toBeLessThan(500);
      if (before === 0) this.tree.verify();
    }
    expect(this.tree.count).toBe(0);
    const dismantled = Array.from({ length: values.length }, (_, i) => values.at(i) >>> 0);
    expect(dismantled).toEqual(this.model.map((element) => element[2]));
    free(this.arena, this.header);
    verifyHeap(this.arena);
    expect(heapReport(this.arena).usedBytes).toBe(0);
  }
}

/** A fixed shuffle of the 32-bit numbers. */
function mix(n: number): number {
  n = Math.imul(n ^ (n >>> 16), 0x45d9f3b);
  n = Math.imul(n ^ (n >>> 16), 0x45d9f3b);
  return (n ^ (n >>> 16)) >>> 0;
}

const orders = {
  /** Nearly all order words differ, on both sides of the sign bit. */
  scattered: (n: number): Element => [mix(n), mix(n + 1), mix(n) & 3],
  /** Few order words, so that values decide, and whole elements repeat. */
  crowded: (n: number): Element => [0, mix(n) % 3, mix(n) % 2000],
  ascending: (n: number): Element => [0, n, mix(n)],
  descending: (n: number): Element => [0, 0xffffffff - n, mix(n)],
  /** Times to come, close together: nearly ascending. */
  expiries: (n: number): Element => [400, (n >>> 4) + (mix(n) & 63), mix(n)],
};

const step = fc.record({
  kind: fc.constantFrom('insert', 'insert', 'remove', 'pop', 'ask'),
  order: fc.constantFrom(...(Object.keys(orders) as (keyof typeof orders)[])),
  from: fc.nat(4000),
  count: fc.oneof(fc.nat(5), fc.nat(3000)),
});

test('random histories agree with a sorted array, and dismantling gives every byte and value back', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
      const fixture = new Fixture();
      for (const { kind, order, from, count } of steps) {
        for (let n = from; n < from + count; n++) {
          const element = orders[order](n);
          if (kind === 'insert') fixture.insert(element);
          else if (kind === 'remove') fixture.remove(element);
          else if (kind === 'pop') fixture.removeFirst();
          else if (n % 8 === 0) fixture.ask(element);
        }
        fixture.check();
      }
      fixture.destroy();
    }),
    { numRuns: 25 },
  );
});

test('a tree of three levels that is emptied in every order ends with no node', () => {
  for (const kind of ['remove', 'backwards', 'pop'] as const) {
    const fixture = new Fixture();
    for (let n = 0; n < 12_000; n++) fixture.insert(orders.scattered(n));
    fixture.check();
    for (let n = 0; n < 12_000; n++) {
      if (kind === 'pop') fixture.removeFirst();
      else if (kind === 'backwards') fixture.remove(fixture.model.at(-1) as Element);
      else fixture.remove(orders.scattered(n));
      if (n % 1000 === 0) fixture.check();
    }
    fixture.check();
    fixture.destroy();
  }
});

/** Values are references to blocks of one word, ordered by that word; as members of a sorted set would be. */
class MemberTree extends Tree {
  protected override compareValues(a: number, b: number): number {
    return this.arena.word(a) - this.arena.word(b);
  }
}

test('values can be references: those of removed elements are never followed, moved ones can be told', () => {
  const arena = new Arena();
  formatArena(arena);
  const tree = new MemberTree(arena, allocate(arena, treeHeaderBytes));
  tree.format();
  const poison = 0x7fffffff;
  const refs = new Map<number, Ref>();
  const newMember = (n: number) => {
    const ref = allocate(arena, 4);
    arena.setWord(ref, n);
    refs.set(n, ref);
    return ref;
  };
  for (let n = 0; n < 6000; n++) tree.insert(1, mix(n) % 5, newMember(mix(n) >>> 2));
  for (let n = 0; n < 12_000; n++) {
    const member = mix(n % 6000) >>> 2;
    const score = mix(n % 6000) % 5;
    const ref = refs.get(member);
    if (ref === undefined) continue;
    if (mix(n) % 3 === 0) {
      expect(tree.remove(1, score, ref)).toBe(true);
      refs.delete(member);
    } else expect(tree.replaceValue(1, score, ref, newMember(member))).toBe(true);
    arena.setWord(ref, poison);
    free(arena, ref);
    if (n % 500 === 0) tree.verify();
  }
  tree.verify();
  verifyHeap(arena);
  expect(tree.count).toBe(refs.size);
  for (const [member, ref] of refs) {
    const rank = [0, 1, 2, 3, 4].map((score) => tree.rankOf(1, score, ref));
    expect(
      rank.some((each) => each >= 0),
      `member ${member} is found`,
    ).toBe(true);
  }
});

test('an arena that is full stops an insertion with the tree as it was', () => {
  const fixture = new Fixture(1 << 20);
  const fill = () => {
    for (let n = 0; ; n++) fixture.insert(orders.scattered(n));
  };
  expect(fill).toThrow(ArenaFullError);
  fixture.check();
  expect(fixture.model.length).toBeGreaterThan(50_000);
  while (fixture.model.length > 50_000) fixture.remove(fixture.model.at(-1) as Element);
  fixture.insert([0, 0, 0]);
  fixture.check();
});

test('an element costs at most 16 bytes in random order and 13 in ascending, and a small tree little', () => {
  const bytesPerElement = (order: (n: number) => Element, count: number) => {
    const { arena, tree } = new Fixture();
    const before = usedBytes(arena);
    for (let n = 0; n < count; n++) tree.insert(...order(n));
    return (usedBytes(arena) - before) / count;
  };
  expect(bytesPerElement(orders.scattered, 100_000)).toBeLessThan(16);
  expect(bytesPerElement(orders.expiries, 100_000)).toBeLessThan(16);
  expect(bytesPerElement(orders.ascending, 100_000)).toBeLessThan(13);
  expect(bytesPerElement(orders.descending, 100_000)).toBeLessThan(16);
  expect(bytesPerElement(orders.scattered, 1)).toBe(64);
  expect(bytesPerElement(orders.scattered, 30)).toBeLessThan(16);
});
