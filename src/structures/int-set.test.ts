import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  allocate,
  formatArena,
  free,
  heapReport,
  payloadBytes,
  reallocate,
  verifyHeap,
} from '#memory/allocator.ts';
import { Arena, type Ref } from '#memory/arena.ts';
import { IntSet, intSetHeaderBytes } from './int-set.ts';

/** Bytes of the owner's before the int-set. */
const prefixBytes = 12;

function high(value: bigint): number {
  return Number(value >> 32n);
}

function low(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}

/** An int-set between two blocks of a neighbour's, which must stay as they are, and what it should hold. */
class Fixture {
  readonly arena = new Arena();
  readonly set: IntSet;
  readonly model: bigint[] = [];
  private readonly neighbours: Ref[] = [];
  private block: Ref;

  constructor() {
    formatArena(this.arena);
    this.neighbours.push(this.newNeighbour());
    this.block = allocate(this.arena, prefixBytes + intSetHeaderBytes);
    this.neighbours.push(this.newNeighbour());
    this.set = new IntSet();
    this.point();
    this.set.format();
  }

  private newNeighbour(): Ref {
    const ref = allocate(this.arena, 40);
    this.arena.bytes.fill(0xaa, ref, ref + 40);
    return ref;
  }

  private point(): void {
    const room = payloadBytes(this.arena, this.block) - prefixBytes;
    this.set.point(this.arena, this.block + prefixBytes, room);
  }

  add(value: bigint): void {
    const { set, model } = this;
    const found = set.find(high(value), low(value));
    expect(found >= 0).toBe(model.includes(value));
    if (found >= 0) return;
    const index = -1 - found;
    expect(index).toBe(model.filter((each) => each < value).length);
    const bytes = set.bytesWith(high(value), low(value));
    if (!set.insert(index, high(value), low(value))) {
      expect(this.values()).toEqual(model);
      const used = prefixBytes + set.bytes;
      this.block = reallocate(this.arena, this.block, used, prefixBytes + bytes);
      this.point();
      expect(set.insert(index, high(value), low(value))).toBe(true);
    }
    expect(set.bytes).toBe(bytes);
    model.splice(index, 0, value);
  }

  remove(value: bigint): void {
    const { set, model } = this;
    const found = set.find(high(value), low(value));
    expect(found >= 0 ? found : -1).toBe(model.indexOf(value));
    if (found < 0) return;
    set.remove(found);
    model.splice(found, 1);
  }

  values(): bigint[] {
    return Array.from({ length: this.set.count }, (_, index) => {
      this.set.read(index);
      return (BigInt(this.set.high) << 32n) | BigInt.asUintN(32, BigInt(this.set.low));
    });
  }

  check(): void {
    verifyHeap(this.arena);
    this.set.verify();
    expect(this.values()).toEqual(this.model);
    for (const ref of this.neighbours) {
      expect(this.arena.bytes.subarray(ref, ref + 40).every((byte) => byte === 0xaa)).toBe(true);
    }
  }

  destroy(): void {
    for (const ref of [...this.neighbours, this.block]) free(this.arena, ref);
    verifyHeap(this.arena);
    expect(heapReport(this.arena).usedBytes).toBe(0);
  }
}

/** Around every edge where a width or a sign changes. */
const edges = [0n, 2n ** 15n, 2n ** 16n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n];

const value = fc
  .record({
    edge: fc.oneof(fc.constantFrom(0n, 2n ** 15n), fc.constantFrom(...edges)),
    distance: fc.bigInt(-3n, 3n),
    isNegative: fc.boolean(),
  })
  .map(({ edge, distance, isNegative }) =>
    BigInt.asIntN(64, isNegative ? -edge - distance : edge + distance),
  );

const step = fc.record({ kind: fc.constantFrom('add', 'add', 'remove'), value });

test('random histories agree with a sorted array and touch nothing but the room they have', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const fixture = new Fixture();
      for (const each of steps) {
        if (each.kind === 'add') fixture.add(each.value);
        else fixture.remove(each.value);
        fixture.check();
      }
      fixture.destroy();
    }),
    { numRuns: 200 },
  );
});

test('a value takes 2, 4 or 8 bytes, as the widest needs', () => {
  const fixture = new Fixture();
  const bytesAfter = (added: bigint) => {
    fixture.add(added);
    return fixture.set.bytes - intSetHeaderBytes;
  };
  expect(bytesAfter(-32_768n)).toBe(2);
  expect(bytesAfter(32_767n)).toBe(4);
  expect(bytesAfter(32_768n)).toBe(12);
  expect(bytesAfter(-(2n ** 31n))).toBe(16);
  expect(bytesAfter(2n ** 31n)).toBe(40);
  expect(bytesAfter(-(2n ** 63n))).toBe(48);
  fixture.check();
});
