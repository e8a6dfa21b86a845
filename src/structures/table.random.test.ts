/** Random picks from a table are uniform, whatever its segments are like. */
import { expect, test } from 'vitest';
import { allocate, formatArena } from '#memory/allocator.ts';
import { Arena } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import { SeededRandom } from '#platform/random.ts';
import { createMember, MemberTable } from './member-table.ts';
import { Probe } from './probe.ts';
import { RefList } from './ref-list.ts';
import { tableHeaderBytes } from './table.ts';

const seed = { low: 3, high: 5 };

/** How far `draws` picks of `count` items are from uniform: chi-square, less its mean, in standard deviations. */
function deviationOf(count: number, draws: number): number {
  const arena = new Arena();
  formatArena(arena);
  const table = new MemberTable().point(arena, allocate(arena, tableHeaderBytes), seed);
  table.format();
  const probe = new Probe();
  for (let i = 0; i < count; i++) {
    probe.load(seed, new Slice(Buffer.from(`member:${i}`)));
    table.insert(probe.hash, createMember(arena, probe, 0));
  }
  const random = new SeededRandom(count);
  const scratch = new RefList();
  const times = new Map<number, number>();
  for (let i = 0; i < draws; i++) {
    const item = table.random(() => random.int32(), scratch);
    times.set(item, (times.get(item) ?? 0) + 1);
  }
  const expected = draws / count;
  let chiSquare = expected * (count - times.size);
  for (const each of times.values()) chiSquare += (each - expected) ** 2 / expected;
  const freedom = count - 1;
  return (chiSquare - freedom) / Math.sqrt(2 * freedom);
}

// From 640 items on segments are split, and at these counts some are and others are not yet.
test.each([2, 3, 10, 100, 639, 700, 900, 1500, 5000])(
  'each of %i items is picked as often as any other',
  (count) => {
    expect(Math.abs(deviationOf(count, count * 50))).toBeLessThan(4);
  },
);
