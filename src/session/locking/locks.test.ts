import { expect, test } from 'vitest';
import { Slice } from '#memory/slice.ts';
import { SeededRandom } from '#platform/random.ts';
import { LockOwner } from './lock.ts';
import { areCompatible, join, type LockMode, lockMode } from './lock-mode.ts';
import { LockTable } from './lock-table.ts';
import { circleOf } from './wait-graph.ts';

const modes: readonly LockMode[] = Object.values(lockMode);
const database = 0;

/** Owners that lock a few keys at random, beside what their locks have to be: a plain list of holders, and of who waits. */
class Model {
  readonly table = new LockTable();
  readonly owners: LockOwner[] = [];
  private readonly random: SeededRandom;
  private nextId = 1;
  granted = 0;
  circles = 0;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.table.onTurn = () => {
      this.granted++;
    };
  }

  step(): void {
    if (this.owners.length < 8) this.owners.push(new LockOwner(this.nextId++, false));
    const owner = this.owners[this.below(this.owners.length)] as LockOwner;
    if (owner.request === undefined && this.below(4) > 0) this.lock(owner);
    else if (owner.request === undefined || this.below(6) === 0) this.end(owner);
    this.verify();
  }

  end(owner: LockOwner): void {
    this.owners.splice(this.owners.indexOf(owner), 1);
    this.table.release(owner);
  }

  private lock(owner: LockOwner): void {
    const key = this.below(5);
    const slice = new Slice(Buffer.from(`k${key}`));
    // Two keys of one hash.
    const lock = this.table.ofKey(database, key >> 1, slice);
    const mode = modes[this.below(modes.length)] as LockMode;
    const held = lock.holders.get(owner);
    const others = [...lock.holders].filter(([holder]) => holder !== owner);
    const wanted = held === undefined ? mode : join(held, mode);
    const isFree = others.every(([, other]) => areCompatible(wanted, other));
    const isFirst = held !== undefined || lock.queue.length === 0;
    expect(lock.take(owner, mode)).toBe(wanted === held || (isFree && isFirst));
    if (lock.holders.get(owner) === wanted) return;
    lock.wait(owner, mode);
    for (let circle = circleOf(owner); circle !== undefined; circle = circleOf(owner)) {
      this.circles++;
      expect(circle).toContain(owner);
      this.end(circle.reduce((one, other) => (one.id > other.id ? one : other)));
    }
  }

  /** Nobody holds what does not agree, whoever waits has a reason, and all reasons lead to somebody who does not wait. */
  private verify(): void {
    for (const owner of this.owners) {
      for (const lock of owner.held) this.verifyHolders([...lock.holders]);
      const { request } = owner;
      if (request === undefined) continue;
      const before = request.lock.queue.slice(0, request.lock.queue.indexOf(request));
      expect(before.length > 0 || !request.lock.agrees(request.mode, owner)).toBe(true);
      expect(before.filter(({ isUpgrade }) => request.isUpgrade && !isUpgrade)).toEqual([]);
    }
    this.verifyProgress();
  }

  private verifyHolders(holders: readonly (readonly [LockOwner, LockMode])[]): void {
    for (const [owner, mode] of holders) {
      for (const [other, held] of holders) {
        if (owner !== other) expect(areCompatible(mode, held)).toBe(true);
      }
    }
  }

  private verifyProgress(): void {
    const left = new Set(this.owners);
    for (let isMoving = true; isMoving; ) {
      isMoving = false;
      for (const owner of left) {
        const { request } = owner;
        const blockers = [
          ...(request?.lock.holders.keys() ?? []),
          ...(request?.lock.queue ?? []).map((each) => each.owner),
        ];
        const ahead = request === undefined ? [] : this.aheadOf(owner, blockers);
        if (ahead.some((other) => left.has(other))) continue;
        left.delete(owner);
        isMoving = true;
      }
    }
    expect([...left].map(({ id }) => id)).toEqual([]);
  }

  private aheadOf(owner: LockOwner, blockers: readonly LockOwner[]): LockOwner[] {
    const { request } = owner;
    if (request === undefined) return [];
    const { lock, mode } = request;
    const place = lock.queue.indexOf(request);
    return blockers.filter((other) => {
      if (other === owner) return false;
      const held = lock.holders.get(other);
      if (held !== undefined && !areCompatible(mode, held)) return true;
      const at = lock.queue.findIndex((each) => each.owner === other);
      return at >= 0 && at < place;
    });
  }

  private below(limit: number): number {
    return (this.random.int32() >>> 0) % limit;
  }
}

test('whatever owners lock, holders agree, who waits has a reason, and no circle of waits is left', () => {
  let circles = 0;
  let granted = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const model = new Model(seed);
    for (let step = 0; step < 200; step++) model.step();
    circles += model.circles;
    granted += model.granted;
    for (const owner of [...model.owners]) model.end(owner);
    expect(model.table.keyCount).toBe(0);
  }
  expect(circles).toBeGreaterThan(100);
  expect(granted).toBeGreaterThan(100);
});

test('two modes agree as Gray has it, and what is joined is as strong as both', () => {
  const { intendShared, intendExclusive, shared, sharedIntendExclusive, exclusive } = lockMode;
  expect(areCompatible(intendShared, sharedIntendExclusive)).toBe(true);
  expect(areCompatible(intendExclusive, intendExclusive)).toBe(true);
  expect(areCompatible(shared, intendExclusive)).toBe(false);
  expect(areCompatible(exclusive, intendShared)).toBe(false);
  expect(join(shared, intendExclusive)).toBe(sharedIntendExclusive);
  for (const one of modes) {
    for (const other of modes) {
      expect(areCompatible(one, other)).toBe(areCompatible(other, one));
      for (const third of modes) {
        const both = areCompatible(one, third) && areCompatible(other, third);
        expect(areCompatible(join(one, other), third)).toBe(both);
      }
    }
  }
});

test('a command that passes is told its turn, and keeps its place until it has run', () => {
  const table = new LockTable();
  const turns: number[] = [];
  table.onTurn = ({ owner }) => turns.push(owner.id);
  const key = new Slice(Buffer.from('k'));
  const [holder, passer, next] = [1, 2, 3].map((id) => new LockOwner(id, id === 2)) as [
    LockOwner,
    LockOwner,
    LockOwner,
  ];
  const lock = table.ofKey(database, 1, key);
  expect(lock.take(holder, lockMode.exclusive)).toBe(true);
  lock.wait(passer, lockMode.shared);
  lock.wait(next, lockMode.exclusive);
  table.release(holder);
  expect(turns).toEqual([2]);
  table.cancel(passer);
  expect(turns).toEqual([2, 3]);
  expect(lock.holders.get(next)).toBe(lockMode.exclusive);
  table.release(next);
  expect(table.keyCount).toBe(0);
});
