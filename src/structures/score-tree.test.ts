/** The order of scores and members against a sorted array, at the edges of doubles and for members of any bytes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocate, formatArena, free, usedBytes, verifyHeap } from '#memory/allocator.ts';
import { Arena, type Ref } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import { createMember, memberAt, memberLength } from './member-table.ts';
import { Probe } from './probe.ts';
import { ScoreTree } from './score-tree.ts';
import { TreeCursor, treeHeaderBytes } from './tree.ts';

const edges = [
  0,
  -0,
  5e-324,
  -5e-324,
  2.2250738585072014e-308,
  1,
  1 + 2 ** -52,
  -1,
  2 ** 53,
  1.7976931348623157e308,
  -1.7976931348623157e308,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  // The next but one of these only differs in the high word.
  4294967295 * 2 ** -1074,
  4294967296 * 2 ** -1074,
];
const score = fc.oneof(fc.constantFrom(...edges), fc.double({ noNaN: true }), fc.nat(2));
const member = fc.oneof(
  fc.uint8Array({ maxLength: 9 }),
  fc.constantFrom('', 'a', 'ab', 'abcd', 'abcde', 'abcd\0', 'ab\xff', 'ab\x80c').map(bytesOf),
  fc.uint8Array({ minLength: 95, maxLength: 120 }),
);

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

interface Scored {
  readonly score: number;
  readonly bytes: Buffer;
  readonly item: Ref;
}

function compare(a: Scored, b: Scored): number {
  return a.score - b.score || Buffer.compare(a.bytes, b.bytes);
}

test('items are in the order of their scores and then of their bytes, and ranks count them', () => {
  const arena = new Arena();
  formatArena(arena);
  const header = allocate(arena, treeHeaderBytes);
  const before = usedBytes(arena);
  const tree = new ScoreTree().point(arena, header);
  const probe = new Probe();
  const cursor = new TreeCursor();
  fc.assert(
    fc.property(fc.array(fc.record({ score, member }), { maxLength: 150 }), (drawn) => {
      tree.format();
      const model: Scored[] = [];
      const known = new Set<string>();
      for (const { score, member } of drawn) {
        const bytes = Buffer.from(member);
        const name = `${score + 0} ${bytes.toString('hex')}`;
        if (known.has(name)) continue;
        known.add(name);
        probe.load({ low: 1, high: 2 }, new Slice(bytes));
        const item = createMember(arena, probe, 8);
        tree.add(score, item);
        model.push({ score, bytes, item });
      }
      model.sort((a, b) =>
        a.score === b.score ? Buffer.compare(a.bytes, b.bytes) : compare(a, b),
      );
      tree.verify();
      expect(tree.count).toBe(model.length);
      let more = tree.first(cursor);
      for (const [rank, { score, item }] of model.entries()) {
        expect(more && tree.value(cursor)).toBe(item);
        expect(tree.rankOfItem(score, item)).toBe(rank);
        expect(tree.countBelowScore(score)).toBe(model.filter((each) => each.score < score).length);
        expect(tree.countUpToScore(score)).toBe(model.filter((each) => each.score <= score).length);
        more = tree.next(cursor);
      }
      for (const { score, item } of model) {
        tree.take(score, item);
        free(arena, item);
      }
      expect(tree.count).toBe(0);
      verifyHeap(arena);
    }),
    { numRuns: 60 },
  );
  expect(usedBytes(arena)).toBe(before);
});

test('among equal scores any bytes are placed as if they were a member', () => {
  const arena = new Arena();
  formatArena(arena);
  const tree = new ScoreTree().point(arena, allocate(arena, treeHeaderBytes));
  const probe = new Probe();
  fc.assert(
    fc.property(
      fc.uniqueArray(member, { minLength: 1, maxLength: 60, selector: (each) => each.join() }),
      member,
      (members, sought) => {
        tree.format();
        const items = members.map((bytes) => {
          probe.load({ low: 1, high: 2 }, new Slice(Buffer.from(bytes)));
          const item = createMember(arena, probe, 8);
          expect(memberLength(arena, item)).toBe(bytes.length);
          expect(arena.byte(memberAt(item))).toBe(bytes[0] ?? arena.byte(memberAt(item)));
          tree.add(7, item);
          return item;
        });
        const below = members.filter((bytes) => Buffer.compare(bytes, sought) < 0).length;
        expect(tree.countBelowMember(new Slice(Buffer.from(sought)))).toBe(below);
        for (const item of items) {
          tree.take(7, item);
          free(arena, item);
        }
      },
    ),
    { numRuns: 100 },
  );
});
