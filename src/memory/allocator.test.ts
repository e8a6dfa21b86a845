import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  allocate,
  formatArena,
  free,
  heapReport,
  payloadBytes,
  reallocate,
  resizeInPlace,
  usedBytes,
  verifyHeap,
} from './allocator.ts';
import { Arena, ArenaFullError, type Ref } from './arena.ts';

function newHeap(bytesMax?: number): Arena {
  const arena = new Arena(bytesMax);
  formatArena(arena);
  return arena;
}

/** Live blocks, each filled with a byte of its own, so that an overlap shows as a wrong byte. */
class Model {
  readonly arena = newHeap();
  readonly blocks: { ref: Ref; length: number; fill: number }[] = [];
  private nextFill = 1;

  add(length: number): void {
    const ref = allocate(this.arena, length);
    expect(payloadBytes(this.arena, ref)).toBeGreaterThanOrEqual(length);
    const fill = this.nextFill++ & 0xff;
    this.arena.bytes.fill(fill, ref, ref + length);
    this.blocks.push({ ref, length, fill });
  }

  remove(pick: number): void {
    const [block] = this.blocks.splice(pick % this.blocks.length, 1);
    if (block !== undefined) free(this.arena, block.ref);
  }

  resize(pick: number, length: number): void {
    const block = this.blocks[pick % this.blocks.length];
    if (block === undefined) return;
    const keep = Math.min(block.length, length);
    block.ref = reallocate(this.arena, block.ref, keep, length);
    block.length = length;
    this.arena.bytes.fill(block.fill, block.ref + keep, block.ref + length);
  }

  check(): void {
    verifyHeap(this.arena);
    for (const { ref, length, fill } of this.blocks) {
      const intact = this.arena.bytes.subarray(ref, ref + length).every((byte) => byte === fill);
      expect(intact, `the block at ${ref} keeps its content`).toBe(true);
    }
    expect(heapReport(this.arena).blocks).toBe(this.blocks.length);
  }
}

const length = fc.oneof(
  { weight: 6, arbitrary: fc.nat(100) },
  { weight: 3, arbitrary: fc.integer({ min: 100, max: 3000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 3000, max: 300_000 }) },
);

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('add' as const), length }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('remove' as const), pick: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('resize' as const), pick: fc.nat(), length }),
  },
);

test('random histories keep every block intact, the books balanced, and end with nothing held', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const model = new Model();
      const empty = heapReport(model.arena);
      for (const each of steps) {
        if (each.kind === 'add') model.add(each.length);
        else if (each.kind === 'remove') model.remove(each.pick);
        else model.resize(each.pick, each.length);
      }
      model.check();
      while (model.blocks.length > 0) model.remove(model.blocks.length * 7919);
      model.check();
      expect(heapReport(model.arena)).toEqual(empty);
    }),
    { numRuns: 150 },
  );
});

test('a freed block serves the next request of its size', () => {
  const arena = newHeap();
  const first = allocate(arena, 60);
  allocate(arena, 60);
  free(arena, first);
  expect(allocate(arena, 60)).toBe(first);
});

test('neighbours that are freed become one block', () => {
  const arena = newHeap();
  const blocks = [100, 100, 100, 100].map((size) => allocate(arena, size));
  const [a, b, c] = blocks as [Ref, Ref, Ref];
  free(arena, a);
  free(arena, c);
  free(arena, b);
  verifyHeap(arena);
  expect(allocate(arena, 300)).toBe(a);
});

test('a block grows in place into free memory behind it, and gives it back when it shrinks', () => {
  const arena = newHeap();
  const block = allocate(arena, 50);
  const behind = allocate(arena, 500);
  const wall = allocate(arena, 8);
  expect(resizeInPlace(arena, block, 200)).toBe(false);
  free(arena, behind);
  expect(resizeInPlace(arena, block, 200)).toBe(true);
  expect(resizeInPlace(arena, block, 20)).toBe(true);
  verifyHeap(arena);
  free(arena, block);
  free(arena, wall);
  expect(usedBytes(arena)).toBe(0);
});

test('a full arena refuses, unharmed, and serves again once something is freed', () => {
  const arena = newHeap(4 << 20);
  const refs: Ref[] = [];
  const fill = () => {
    for (;;) refs.push(allocate(arena, 100_000));
  };
  expect(fill).toThrow(ArenaFullError);
  verifyHeap(arena);
  free(arena, refs[3] as Ref);
  expect(allocate(arena, 90_000)).toBe(refs[3]);
});

test('freeing twice stops at once', () => {
  const arena = newHeap();
  const block = allocate(arena, 40);
  allocate(arena, 40);
  free(arena, block);
  expect(() => free(arena, block)).toThrow('in use');
});
