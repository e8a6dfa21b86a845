/** Random histories of a keyspace beside a model: what is announced, what is there, and that the books balance. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allTypes, ModelledKeyspace } from './testing/model.ts';

const databases = 3;
const verifyEvery = 4;
const manyKeys = 2000;
/** Few enough to meet again. Around the length from which a key's length takes a word of its own. */
const shortKeys = ['', 'a', 'b', 'key:1', 'key:2', 'key:3', 'a key that is somewhat longer'];
const longKeys = [65_534, 65_535, 65_536, 70_001].map((length) => 'L'.repeat(length));
const key = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...shortKeys) },
  { weight: 1, arbitrary: fc.constantFrom(...longKeys) },
);
const index = fc.nat({ max: databases - 1 });
/** Around what slack can tell in a byte, and far beyond. */
const length = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 40 }) },
  { weight: 3, arbitrary: fc.integer({ min: 240, max: 530 }) },
  { weight: 1, arbitrary: fc.constantFrom(1000, 4096, 70_000, 300_000) },
);
const byte = fc.nat({ max: 255 });
/** From now on, in ms; beyond 32 bits as well; 0 for never. */
const expiry = fc.constantFrom(0, -1, 1, 2, 50, 100, 1000, 2 ** 32 + 5, 2 ** 45);

/** A step says what it is when it is part of a counterexample. */
type Step = (world: ModelledKeyspace) => void;
function step(name: string, step: Step): Step {
  return Object.assign(step, { [fc.toStringMethod]: () => name });
}

const changes: fc.Arbitrary<Step>[] = [
  fc
    .tuple(index, key, fc.constantFrom(...allTypes), length, byte, fc.boolean())
    .map(([i, k, type, size, fill, expires]) =>
      step(`overwrite ${i} ${named(k)} ${type} ${size} ${expires}`, (world) => {
        world.overwrite(i, k, type, Buffer.alloc(size, fill), expires);
      }),
    ),
  fc
    .tuple(index, key, length, byte)
    .map(([i, k, size, fill]) =>
      step(`resize ${i} ${named(k)} ${size}`, (world) => world.resize(i, k, size, fill)),
    ),
  fc
    .tuple(index, key, byte)
    .map(([i, k, b]) => step(`edit ${i} ${named(k)}`, (world) => world.edit(i, k, b))),
  fc.tuple(index, key, expiry).map(([i, k, inMs]) =>
    step(`expire ${i} ${named(k)} ${inMs}`, (world) => {
      world.changeExpiry(i, k, inMs === 0 ? 0 : world.clock.nowMs() + inMs);
    }),
  ),
  fc
    .tuple(index, key)
    .map(([i, k]) => step(`remove ${i} ${named(k)}`, (world) => world.remove(i, k))),
  fc.tuple(index, key).map(([i, k]) => step(`read ${i} ${named(k)}`, (world) => world.read(i, k))),
  fc
    .constantFrom(0, 1, 49, 100, 2 ** 33)
    .map((ms) => step(`pass ${ms}`, (world) => world.pass(ms))),
  fc.constant(step('sweep', (world) => world.sweep())),
  fc.tuple(index).map(([i]) => step(`random ${i}`, (world) => world.random(i))),
];
const upheavals: fc.Arbitrary<Step>[] = [
  fc
    .tuple(index, fc.boolean())
    .map(([i, async]) => step(`flush ${i} ${async}`, (world) => world.flush(i, async))),
  fc.constant(step('free', (world) => world.keyspace.lazyFree.step())),
  fc.constant(step('flushAll', (world) => world.flushAll())),
  fc.tuple(index, index).map(([a, b]) => step(`swap ${a} ${b}`, (world) => world.swap(a, b))),
];
const happening = fc.oneof(
  { weight: 12, arbitrary: fc.oneof(...changes) },
  { weight: 1, arbitrary: fc.oneof(...upheavals) },
);

/** A key, cut. */
function named(key: string): string {
  return JSON.stringify(key.length > 60 ? `L × ${key.length}` : key);
}

const history = fc.array(happening, { maxLength: 120, size: 'max' });

test('a keyspace does what its model does, whatever happens to it', () => {
  const shards = fc.constantFrom(1, 2, 8);
  fc.assert(
    fc.property(shards, history, (count, happenings) => {
      const world = new ModelledKeyspace({ shards: count, databases, seed: 1 });
      for (const [at, happens] of happenings.entries()) {
        happens(world);
        // Often enough to know what broke it, seldom enough to try much.
        if (at % verifyEvery === 0) world.verify();
      }
      world.end();
    }),
    { numRuns: 100 },
  );
});

test('what fails for want of memory has changed nothing', () => {
  let failures = 0;
  const attempts = fc.array(fc.tuple(happening, fc.boolean()), { maxLength: 60, size: 'max' });
  fc.assert(
    fc.property(attempts, (happenings) => {
      const world = new ModelledKeyspace({ shards: 1, databases, seed: 1 });
      // Enough keys for the table and the index to want room of their own now and then.
      for (let i = 0; i < manyKeys; i++) {
        const grow = () => {
          world.overwrite(0, `many ${i}`, 0, Buffer.alloc(3), i % 2 === 0);
          if (i % 3 === 0) world.changeExpiry(0, `many ${i}`, world.clock.nowMs() + i + 1);
        };
        if (world.withoutRoom(grow)) {
          failures++;
          grow();
        }
      }
      world.verify();
      // Removing needs no memory.
      for (let i = 0; i < manyKeys; i += 1 + (i % 2)) {
        expect(world.withoutRoom(() => world.remove(0, `many ${i}`))).toBe(false);
      }
      world.verify();
      for (const [happens, isFull] of happenings) {
        if (!isFull) happens(world);
        else if (world.withoutRoom(() => happens(world))) {
          failures++;
          world.verify();
        }
      }
      world.end();
    }),
    { numRuns: 10 },
  );
  expect(failures).toBeGreaterThan(200);
});
