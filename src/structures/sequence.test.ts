import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate, formatArena, free, heapReport, verifyHeap } from '#memory/allocator.ts';
import { Arena, ArenaFullError } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import { Pack } from './pack.ts';
import { Sequence } from './sequence.ts';
import { SequenceCursor, sequenceRootBytes } from './sequence-root.ts';

/** A sequence beside an array of the same strings. */
class Twins {
  readonly arena: Arena;
  readonly sequence: Sequence;
  readonly root;
  model: string[] = [];
  private readonly cursor = new SequenceCursor();
  private readonly slice = new Slice();
  private readonly emptyBlocks: number;

  constructor(bytesMax?: number) {
    this.arena = new Arena(bytesMax);
    formatArena(this.arena);
    this.emptyBlocks = heapReport(this.arena).blocks;
    this.root = allocate(this.arena, sequenceRootBytes);
    this.sequence = new Sequence().point(this.arena, this.root);
    this.sequence.format();
  }

  insert(index: number, text: string): void {
    this.sequence.insert(index, bytesOf(text));
    this.model.splice(index, 0, text);
  }

  replace(index: number, text: string): void {
    this.sequence.replace(index, bytesOf(text));
    this.model[index] = text;
  }

  remove(index: number, count: number): void {
    this.sequence.remove(index, count);
    this.model.splice(index, count);
  }

  /** All elements, by a walk from `index` on or back to the beginning. */
  walk(index: number, isForward: boolean): string[] {
    const { sequence, cursor, slice } = this;
    const seen: string[] = [];
    let more = sequence.seek(index, cursor);
    while (more) {
      seen.push(cursor.pack.read(cursor.place, slice).latin1());
      more = isForward ? sequence.next(cursor) : sequence.previous(cursor);
    }
    return seen;
  }

  check(): void {
    this.sequence.verify();
    expect(this.sequence.count).toBe(this.model.length);
    expect(this.walk(0, true)).toEqual(this.model);
    const last = Math.max(0, this.model.length - 1);
    expect(this.walk(last, false)).toEqual(this.model.toReversed());
    verifyHeap(this.arena);
  }

  /** Frees everything and checks that nothing is left. */
  balance(): void {
    while (this.sequence.dispose());
    free(this.arena, this.root);
    verifyHeap(this.arena);
    expect(heapReport(this.arena).blocks).toBe(this.emptyBlocks);
  }
}

function bytesOf(text: string): Slice {
  return new Slice(Buffer.from(text, 'latin1'));
}

/** Mostly short ones, some that only a few of fit a pack, some that none fits. */
const texts = fc.oneof(
  { weight: 6, arbitrary: fc.string({ maxLength: 20, unit: 'binary-ascii' }) },
  { weight: 2, arbitrary: fc.integer({ min: 200, max: 300 }).map((n) => 'm'.repeat(n)) },
  { weight: 1, arbitrary: fc.integer({ min: 1000, max: 4100 }).map((n) => 'l'.repeat(n)) },
  { weight: 1, arbitrary: fc.integer({ min: 4000, max: 9000 }).map((n) => 'h'.repeat(n)) },
);

const share = fc.double({ min: 0, max: 1, noNaN: true });
const change = fc.oneof(
  fc.record({ kind: fc.constantFrom('first', 'last'), text: texts, times: fc.nat(700), share }),
  fc.record({ kind: fc.constantFrom('insert', 'replace'), text: texts, times: fc.nat(60), share }),
  fc.record({ kind: fc.constantFrom('pop', 'shift'), text: texts, times: fc.nat(900), share }),
  fc.record({ kind: fc.constant('remove'), text: texts, times: fc.nat(300), share }),
);

function apply(twins: Twins, kind: string, text: string, times: number, share: number): void {
  if (kind === 'remove') {
    const index = Math.floor(share * twins.model.length);
    twins.remove(index, Math.min(times, twins.model.length - index));
    return;
  }
  for (let time = 0; time < times; time++) {
    const { length } = twins.model;
    const index = Math.floor(share * length);
    const each = text.length > 1000 && time > 9 ? `${time}` : `${text}${time}`;
    if (kind === 'first') twins.insert(0, each);
    else if (kind === 'last') twins.insert(length, each);
    else if (kind === 'insert') twins.insert(index, each);
    else if (length === 0) return;
    else if (kind === 'replace') twins.replace(Math.min(index, length - 1), each);
    else twins.remove(kind === 'shift' ? 0 : length - 1, 1);
  }
}

describe('a sequence', () => {
  it('is what an array is, whatever is done to it, and gives all memory back', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 14, size: 'max' }), share, (changes, middle) => {
        const twins = new Twins();
        for (const { kind, text, times, share } of changes) apply(twins, kind, text, times, share);
        twins.check();
        const index = Math.floor(middle * twins.model.length);
        expect(twins.walk(index, true)).toEqual(twins.model.slice(index));
        twins.balance();
      }),
      { numRuns: 150 },
    );
  });

  it('keeps its order in a tree of several levels that grows and shrinks in the middle', () => {
    const twins = new Twins();
    const long = 'x'.repeat(1500);
    for (let i = 0; i < 9000; i++)
      twins.insert((i * 7919) % (twins.model.length + 1), `${i}${long}`);
    twins.check();
    while (twins.model.length > 100) twins.remove((twins.model.length * 0.37) | 0, 40);
    twins.check();
    twins.remove(0, twins.model.length);
    twins.check();
    twins.insert(0, 'again');
    twins.check();
    twins.balance();
  });

  it('is a queue and a stack across the borders of packs', () => {
    const twins = new Twins();
    for (let i = 0; i < 3000; i++) {
      twins.insert(twins.model.length, `queued ${i}`);
      if (i % 3 !== 0) twins.remove(0, 1);
    }
    twins.check();
    for (let i = 0; i < 2000; i++) {
      twins.insert(0, 'stacked');
      twins.remove(0, i % 5 === 0 ? 2 : 1);
      if (twins.model.length === 0) break;
    }
    twins.check();
    twins.balance();
  });

  it('has what is inserted at the borders of its first pack where it belongs', () => {
    const twins = new Twins();
    const long = 'x'.repeat(500);
    for (let i = 0; i < 20; i++) twins.insert(twins.model.length, `${i}${long}`);
    for (let i = 0; i < 3; i++) twins.insert(0, `first ${i}`);
    // The pack behind the first has no room for this, so it goes to the end of the first.
    twins.insert(3, 'before the tree'.repeat(50));
    twins.insert(2, 'in the head');
    twins.check();
    twins.balance();
  });

  it('takes few bytes beside its elements when it was pushed, from either end', () => {
    for (const isFirst of [true, false]) {
      const twins = new Twins();
      const before = heapReport(twins.arena).usedBytes;
      const element = bytesOf('sixteen bytes ok');
      const count = 500_000;
      for (let i = 0; i < count; i++) {
        if (isFirst) twins.sequence.pushFirst(element);
        else twins.sequence.pushLast(element);
      }
      const bytes = heapReport(twins.arena).usedBytes - before;
      expect(bytes / count).toBeLessThan(17.2);
      expect(twins.sequence.blockBytes(0) / bytes).toBeCloseTo(1, 1);
      expect(twins.sequence.blockBytes(5) / bytes).toBeCloseTo(1, 1);
      twins.balance();
    }
  });

  it('stays at least a third full however elements come and go', () => {
    const twins = new Twins();
    for (let i = 0; i < 20_000; i++) twins.insert((i * 7919) % (i + 1), 'sixteen bytes ok');
    const full = heapReport(twins.arena).usedBytes;
    expect((20_000 * 17) / full).toBeGreaterThan(0.55);
    for (let i = 0; i < 15_000; i++) twins.remove((i * 7919) % twins.model.length, 1);
    expect((5000 * 17) / heapReport(twins.arena).usedBytes).toBeGreaterThan(1 / 3);
    twins.check();
    twins.balance();
  });

  it('takes over a pack, and copies itself to another arena', () => {
    const from = new Twins();
    const pack = new Pack(from.arena, allocate(from.arena, 3000), 3000);
    pack.format();
    for (let i = 0; i < 100; i++) pack.append(bytesOf(`element ${i}`));
    // The block was just allocated there.
    from.sequence.adopt(pack.at as typeof from.root, pack.count);
    from.model = Array.from({ length: 100 }, (_, i) => `element ${i}`);
    for (let i = 0; i < 2000; i++) from.insert(50, 'y'.repeat(i % 300));
    for (let i = 0; i < 3; i++) from.insert(0, `first ${i}`);
    from.check();
    const to = new Twins();
    to.sequence.copyFrom(from.sequence);
    to.model = [...from.model];
    to.check();
    to.insert(1, 'only here');
    to.check();
    from.check();
    from.balance();
    to.balance();
  });

  it('tells how small it is, and of a large one only that it is', () => {
    const twins = new Twins();
    for (let i = 0; i < 300; i++) twins.insert(i, 'sixteen bytes ok');
    expect(twins.sequence.elementBytes(10_000)).toBe(300 * 17);
    expect(twins.sequence.elementBytes(300 * 17 - 1)).toBeGreaterThan(300 * 17 - 1);
    twins.balance();
  });

  it('is freed in slices that are small', () => {
    const twins = new Twins();
    for (let i = 0; i < 100_000; i++) twins.sequence.pushLast(bytesOf('sixteen bytes ok'));
    let slices = 1;
    const { blocks } = heapReport(twins.arena);
    while (twins.sequence.dispose()) {
      const left = heapReport(twins.arena).blocks;
      expect(left).toBeGreaterThanOrEqual(blocks - slices * 330);
      slices++;
    }
    expect(slices).toBeGreaterThan(1);
    twins.balance();
  });

  it('is what it was after an operation for which there was no memory', () => {
    const twins = new Twins(1 << 17);
    let refused = 0;
    for (let i = 0; i < 4000; i++) {
      const index = (i * 7919) % (twins.model.length + 1);
      try {
        if (i % 5 === 4) twins.replace(index % twins.model.length, 'r'.repeat((i * 131) % 5000));
        else twins.insert(index, 'i'.repeat((i * 37) % (i % 11 === 0 ? 3000 : 60)));
      } catch (error) {
        if (!(error instanceof ArenaFullError)) throw error;
        if (refused++ % 50 === 0) twins.check();
        if (refused % 3 === 0)
          twins.remove(index >> 1, Math.min(3, twins.model.length - (index >> 1)));
      }
    }
    expect(refused).toBeGreaterThan(300);
    twins.check();
    twins.balance();
  });
});
