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
import { Slice } from '#memory/slice.ts';
import { Pack, PackCursor, packCountMax, packElementBytes, packHeaderBytes } from './pack.ts';

/** Bytes of the owner's before the pack. */
const prefixBytes = 12;

/** A pack between two blocks of a neighbour's, which must stay as they are, and what it should hold. */
class Fixture {
  readonly arena = new Arena();
  readonly pack: Pack;
  readonly model: Buffer[] = [];
  readonly cursor = new PackCursor();
  private readonly slice = new Slice();
  private readonly neighbours: Ref[] = [];
  private block: Ref;

  constructor() {
    formatArena(this.arena);
    this.neighbours.push(this.newNeighbour());
    this.block = allocate(this.arena, prefixBytes + packHeaderBytes);
    this.neighbours.push(this.newNeighbour());
    this.pack = new Pack().point(this.arena, this.block + prefixBytes, this.room());
    this.pack.format();
  }

  private newNeighbour(): Ref {
    const ref = allocate(this.arena, 40);
    this.arena.bytes.fill(0xaa, ref, ref + 40);
    return ref;
  }

  private room(): number {
    return payloadBytes(this.arena, this.block) - prefixBytes;
  }

  /** Repeats what was refused for lack of room, in a block that has just enough. */
  withRoom(length: number, operation: () => boolean): void {
    const before = this.elements();
    if (operation()) return;
    expect(this.elements()).toEqual(before);
    const bytes = prefixBytes + this.pack.bytes;
    this.block = reallocate(this.arena, this.block, bytes, bytes + packElementBytes(length));
    this.pack.point(this.arena, this.block + prefixBytes, this.room());
    expect(operation()).toBe(true);
  }

  insert(index: number, bytes: Buffer): void {
    const { pack, model, cursor } = this;
    const source = new Slice(bytes);
    expect(pack.seek(index, cursor)).toBe(index < model.length);
    this.withRoom(bytes.length, () => {
      if (index === 0) return pack.prepend(source);
      return index === model.length ? pack.append(source) : pack.insert(cursor, source);
    });
    model.splice(index, 0, bytes);
  }

  replace(index: number, bytes: Buffer): void {
    const { pack, model, cursor } = this;
    expect(pack.seek(index, cursor)).toBe(true);
    this.withRoom(bytes.length, () => pack.replace(cursor, new Slice(bytes)));
    expect(pack.read(cursor, this.slice).copy()).toEqual(bytes);
    model[index] = bytes;
  }

  remove(index: number, count: number): void {
    const { pack, model, cursor } = this;
    pack.seek(index, cursor);
    model.splice(index, count);
    expect(pack.remove(cursor, count)).toBe(index < model.length);
    if (index < model.length) expect(pack.read(cursor, this.slice).copy()).toEqual(model[index]);
  }

  find(bytes: Buffer, from: number, stride: number): void {
    const { pack, model, cursor } = this;
    const index = model.findIndex(
      (each, i) => i >= from && (i - from) % stride === 0 && each.equals(bytes),
    );
    expect(pack.find(new Slice(bytes), from, stride, cursor)).toBe(index >= 0);
    expect(cursor.index).toBe(index >= 0 ? index : model.length);
    if (index >= 0) expect(pack.read(cursor, this.slice).copy()).toEqual(bytes);
    expect(pack.previous(cursor)).toBe(model.length > 0 && index !== 0);
  }

  elements(): Buffer[] {
    const { pack, cursor, slice } = this;
    const elements: Buffer[] = [];
    const walker = Object.assign(new PackCursor(), cursor);
    for (let more = pack.first(walker); more; more = pack.next(walker)) {
      elements.push(pack.read(walker, slice).copy());
    }
    return elements;
  }

  check(): void {
    verifyHeap(this.arena);
    this.pack.verify();
    expect(this.elements()).toEqual(this.model);
    expect(this.pack.count).toBe(this.model.length);
    const bytes = this.model.reduce((sum, each) => sum + packElementBytes(each.length), 0);
    expect(this.pack.bytes).toBe(packHeaderBytes + bytes);
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

/** Few short strings, so that some are found; some around the lengths where the form changes; all bytes. */
const element = fc
  .oneof(
    { weight: 6, arbitrary: fc.uint8Array({ maxLength: 3, max: 2 }) },
    { weight: 3, arbitrary: fc.uint8Array({ maxLength: 40, min: 250 }) },
    {
      weight: 2,
      arbitrary: fc.integer({ min: 250, max: 260 }).map((n) => new Uint8Array(n).fill(255)),
    },
    { weight: 1, arbitrary: fc.nat(70_000).map((n) => new Uint8Array(n).fill(n & 0xff)) },
  )
  .map((bytes) => Buffer.from(bytes));

const step = fc.record({
  kind: fc.constantFrom('insert', 'insert', 'append', 'prepend', 'replace', 'remove', 'find'),
  pick: fc.nat(),
  run: fc.integer({ min: 1, max: 4 }),
  bytes: element,
});

test('random histories agree with an array of buffers and touch nothing but the room they have', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const fixture = new Fixture();
      const { model } = fixture;
      for (const { kind, pick, run, bytes } of steps) {
        const index = model.length === 0 ? 0 : pick % model.length;
        if (kind === 'insert') fixture.insert(index, bytes);
        else if (kind === 'append') fixture.insert(model.length, bytes);
        else if (kind === 'prepend') fixture.insert(0, bytes);
        else if (kind === 'find') fixture.find(bytes, pick % 3, run);
        else if (model.length > 0 && kind === 'replace') fixture.replace(index, bytes);
        else if (model.length > 0) fixture.remove(index, Math.min(run, model.length - index));
        fixture.check();
      }
      fixture.destroy();
    }),
    { numRuns: 150 },
  );
});

test('a pack takes as many elements as it promises, and one more stops at once', () => {
  const arena = new Arena();
  formatArena(arena);
  const element = new Slice(Buffer.alloc(255, 'x'));
  const room = packHeaderBytes + (packCountMax + 1) * packElementBytes(255);
  const pack = new Pack().point(arena, allocate(arena, room), room);
  pack.format();
  for (let n = 0; n < packCountMax; n++) expect(pack.append(element)).toBe(true);
  pack.verify();
  expect(() => pack.append(element)).toThrow('another element');
  const cursor = new PackCursor();
  pack.first(cursor);
  expect(pack.remove(cursor, packCountMax)).toBe(false);
  expect(pack.bytes).toBe(packHeaderBytes);
});

test('an element costs one byte more than it has, from 255 bytes on six', () => {
  expect([0, 1, 254, 255, 100_000].map((n) => packElementBytes(n) - n)).toEqual([1, 1, 1, 6, 6]);
});
