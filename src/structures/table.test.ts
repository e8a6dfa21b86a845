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
import { Slice } from '#memory/slice.ts';
import { Probe } from './probe.ts';
import { RefList } from './ref-list.ts';
import { Table, tableHeaderBytes } from './table.ts';
import { tableBytes } from './table-size.ts';

/** Items here are a word with the key's length, and the key. */
class KeyTable extends Table {
  protected override keyAt(item: Ref): number {
    return item + 4;
  }
  protected override keyLength(item: Ref): number {
    return this.arena.word(item);
  }
}

const seed = { low: 0x0badcafe, high: 0x1eadbeef };

class Fixture {
  readonly arena = new Arena();
  readonly table: KeyTable;
  private readonly header: Ref;

  constructor() {
    formatArena(this.arena);
    this.header = allocate(this.arena, tableHeaderBytes);
    this.table = new KeyTable(this.arena, this.header, seed);
    this.table.format();
  }

  find(key: string): Ref {
    return this.table.find(this.probe(key));
  }

  add(key: string): void {
    const item = allocate(this.arena, 4 + key.length + 3);
    this.arena.setWord(item, key.length);
    const probe = this.probe(key);
    probe.store(this.arena.words, (item + 4) >> 2);
    this.table.insert(probe.hash, item);
  }

  remove(key: string): void {
    const item = this.find(key);
    this.table.remove(this.hash.hash, item);
    free(this.arena, item);
  }

  move(key: string): void {
    const item = this.find(key);
    const length = 4 + key.length;
    const moved = allocate(this.arena, length);
    this.arena.move(moved, item, length);
    this.table.replace(this.hash.hash, item, moved);
    free(this.arena, item);
  }

  keyOf(item: Ref): string {
    return this.arena.bytes.toString('latin1', item + 4, item + 4 + this.arena.word(item));
  }

  private readonly hash = new Probe();

  private probe(key: string): Probe {
    this.hash.load(seed, new Slice(Buffer.from(key)));
    return this.hash;
  }

  check(model: ReadonlySet<string>): void {
    verifyHeap(this.arena);
    this.table.verify();
    expect(this.table.count).toBe(model.size);
  }

  /** What the table takes beside its items. */
  get bytes(): number {
    return tableBytes(this.arena, this.header);
  }

  destroy(): void {
    const items = new RefList();
    while (this.table.dismantle(items));
    for (let i = 0; i < items.length; i++) free(this.arena, items.at(i));
    free(this.arena, this.header);
  }
}

/** Runs of operations on neighbouring keys, so that a few steps fill and empty whole segments. */
const step = fc.record({
  kind: fc.constantFrom('add', 'add', 'remove', 'move'),
  from: fc.nat(6000),
  count: fc.oneof(fc.nat(3), fc.nat(3000)),
});

function apply(fixture: Fixture, model: Set<string>, kind: string, key: string): void {
  const known = model.has(key);
  expect(fixture.find(key) !== 0).toBe(known);
  if (kind === 'add' && !known) {
    fixture.add(key);
    model.add(key);
  } else if (kind === 'remove' && known) {
    fixture.remove(key);
    model.delete(key);
  } else if (kind === 'move' && known) fixture.move(key);
}

test('random histories agree with a Set, and taking the table apart gives every byte back', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
      const fixture = new Fixture();
      const model = new Set<string>();
      for (const { kind, from, count } of steps) {
        for (let n = from; n < from + count; n++) apply(fixture, model, kind, `k${n}`);
        fixture.check(model);
      }
      fixture.destroy();
      expect(heapReport(fixture.arena).usedBytes).toBe(0);
    }),
    { numRuns: 25 },
  );
});

test.each([100, 3000, 12_000, 1e15])(
  'a table that is told to expect %f items is a table as any other',
  (expected) => {
    const fixture = new Fixture();
    const before = usedBytes(fixture.arena);
    fixture.table.expect(expected);
    expect(usedBytes(fixture.arena)).toBe(before);
    const model = new Set<string>();
    for (let i = 0; i < 12_000; i++) {
      apply(fixture, model, 'add', `key:${i}`);
      if (i % 1000 === 0) fixture.check(model);
    }
    fixture.check(model);
    for (const key of [...model]) apply(fixture, model, 'remove', key);
    fixture.check(model);
    fixture.destroy();
    expect(usedBytes(fixture.arena)).toBe(0);
  },
);

test('an announcement that is wrong takes no more than sixteen times the table that is needed', () => {
  const fixture = new Fixture();
  fixture.table.expect(Number.MAX_SAFE_INTEGER);
  for (let i = 0; i < 700; i++) fixture.add(`key:${i}`);
  const { bytes } = fixture;
  expect(bytes / 700).toBeLessThan(14 * 16);
});

test.each([
  [0, 4],
  [100_000, 21],
])('a table that expects %i and found no memory to split loses nothing', (expected, end) => {
  for (let allocations = 1; allocations < end; allocations++) {
    const fixture = new Fixture();
    fixture.table.expect(expected);
    const { arena } = fixture;
    const keys: string[] = [];
    const reach = arena.reach.bind(arena);
    let left = Number.POSITIVE_INFINITY;
    arena.reach = (length) => {
      if (left-- <= 0) throw new ArenaFullError('full, for a test');
      reach(length);
    };
    // One that is full: the next key splits it.
    for (; keys.length < 640; keys.push(`k${keys.length}`)) fixture.add(`k${keys.length}`);
    // The key itself is the first.
    left = allocations;
    const before = usedBytes(arena);
    expect(() => fixture.add('one more')).toThrow(ArenaFullError);
    left = Number.POSITIVE_INFINITY;
    // Less than a segment: the key, and the larger directory.
    expect(usedBytes(arena) - before).toBeLessThan(200);
    verifyHeap(arena);
    for (const key of keys.splice(0, 600)) fixture.remove(key);
    for (const key of keys) expect(fixture.find(key)).not.toBe(0);
    fixture.table.verify();
  }
});

test('a scan returns every key that stays, whatever is added and removed between its steps', () => {
  fc.assert(
    fc.property(fc.nat(4000), fc.infiniteStream(step), (stayers, changes) => {
      const fixture = new Fixture();
      const model = new Set<string>();
      for (let n = 0; n < stayers; n++) fixture.add(`stays${n}`);
      const seen = new Set<string>();
      const items = new RefList();
      let cursor = 0;
      let steps = 0;
      do {
        items.clear();
        cursor = fixture.table.scan(cursor, items);
        for (let i = 0; i < items.length; i++) seen.add(fixture.keyOf(items.at(i)));
        if (steps++ % 16 === 0) {
          const { kind, from, count } = changes.next().value;
          for (let n = from; n < from + count; n++) apply(fixture, model, kind, `k${n}`);
        }
      } while (cursor !== 0);
      for (let n = 0; n < stayers; n++) expect(seen.has(`stays${n}`)).toBe(true);
    }),
    { numRuns: 8 },
  );
});

test('a scan of an unchanging table returns each key once', () => {
  const fixture = new Fixture();
  for (let n = 0; n < 5000; n++) fixture.add(`key${n}`);
  const items = new RefList();
  let cursor = 0;
  do cursor = fixture.table.scan(cursor, items);
  while (cursor !== 0);
  expect(items.length).toBe(5000);
});

test('random items are uniform within what chance allows', () => {
  const fixture = new Fixture();
  const keys = 60;
  for (let n = 0; n < keys; n++) fixture.add(`key${n}`);
  let state = 12345;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
  };
  const scratch = new RefList();
  const hits = new Map<string, number>();
  const draws = 60_000;
  for (let n = 0; n < draws; n++) {
    const key = fixture.keyOf(fixture.table.random(next, scratch));
    hits.set(key, (hits.get(key) ?? 0) + 1);
  }
  expect(hits.size).toBe(keys);
  let chiSquare = 0;
  for (const hit of hits.values()) chiSquare += (hit - draws / keys) ** 2 / (draws / keys);
  // 59 degrees of freedom: 120 is passed by chance once in a hundred thousand draws of the seed.
  expect(chiSquare).toBeLessThan(120);
});

test('the table itself costs between 7 and 14 bytes an item from ten thousand items on', () => {
  const fixture = new Fixture();
  let itemBytes = 0;
  for (let n = 0; n < 200_000; n++) {
    const key = `key:${n}`;
    itemBytes += Math.max(16, (4 + key.length + 3 + 4 + 3) & ~3);
    fixture.add(key);
    if (n > 10_000 && n % 10_000 === 0) {
      const share = (usedBytes(fixture.arena) - itemBytes) / (n + 1);
      expect(share).toBeGreaterThan(7);
      expect(share).toBeLessThan(14);
    }
  }
});
