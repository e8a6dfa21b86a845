import { describe, expect, test } from 'vitest';
import { Engine } from '#commands/testing/engine.ts';
import { systemClock } from '#platform/clock.ts';
import { Draw } from '../../../test/differential/draw.ts';
import { contentsOf, engineFrom } from '../testing/contents.ts';
import { MemoryDisk } from '../testing/memory-disk.ts';
import { type SnapshotOptions, Snapshotter } from './snapshotter.ts';
import { databases, doSomething, small, type Witness } from './testing/random-changes.ts';

const seeds = Number(process.env.ZIPPY_SEEDS ?? 60);
/** Values of a few elements are big. */
const pieces = { bigElementsMin: 3, elementsPerLook: 2 };
let waits = 0;

function optionsFor(disk: MemoryDisk, onEnd: SnapshotOptions['onEnd']): SnapshotOptions {
  return {
    disk,
    name: 'dump.rdb',
    temporaryName: 'temp.rdb',
    aux: [['redis-ver', '7.0.15']],
    compresses: true,
    hasChecksum: true,
    use: 'idle',
    syncsInSteps: true,
    onEnd,
  };
}

/** Replies are the same, whether or not they had to wait. */
function witnessOf(snapshotter: Snapshotter): Witness {
  return {
    onDifference: (replies, other) => expect(other).toEqual(replies),
    goOnSaving() {
      waits++;
      snapshotter.step(0);
    },
  };
}

async function run(seed: number): Promise<void> {
  const draw = new Draw(seed);
  const engine = new Engine({ shards: 2, databases, seed });
  // Does the same without snapshots.
  const twin = new Engine({ shards: 2, databases, seed });
  const engines = [engine, twin];
  // Half of them keep little in compact forms.
  if (draw.chance(0.5)) for (const { services } of engines) services.config.set(small);
  const snapshotter = new Snapshotter(engine.keyspace, systemClock);
  const witness = witnessOf(snapshotter);
  const disk = new MemoryDisk();
  for (let step = draw.integer(0, 150); step > 0; step--) doSomething(draw, engines, witness);
  for (const one of engines) one.run('EXEC');
  for (let round = draw.integer(1, 3); round > 0; round--) {
    for (let step = draw.integer(0, 20); step > 0; step--) doSomething(draw, engines, witness);
    const before = contentsOf(engine.keyspace);
    const ended = new Promise((resolve) => {
      snapshotter.start({ ...optionsFor(disk, resolve), pieces });
    });
    const pace = draw.pick([0, 1, 4, 16]);
    const isCancelled = draw.chance(0.2);
    do {
      if (isCancelled && draw.chance(0.3)) snapshotter.cancel();
      for (let step = draw.integer(0, pace); step > 0; step--) doSomething(draw, engines, witness);
      if (draw.chance(0.1)) {
        const ms = draw.integer(0, 20);
        for (const one of engines) one.advance(ms);
      }
    } while (snapshotter.step(0));
    if ((await ended) !== undefined) {
      expect(isCancelled).toBe(true);
      expect([...disk.files.keys()]).not.toContain('temp.rdb');
      continue;
    }
    const loaded = await engineFrom(disk.content('dump.rdb'));
    expect(contentsOf(loaded.keyspace)).toEqual(before);
    loaded.balanced();
  }
  for (const one of engines) one.run('EXEC');
  expect(contentsOf(engine.keyspace)).toEqual(contentsOf(twin.keyspace));
  engine.balanced();
}

describe('a snapshot', () => {
  test('is of the moment of its start, whatever is done meanwhile', async () => {
    for (let seed = 1; seed <= seeds; seed++) {
      await run(seed).catch((error: unknown) => {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      });
    }
    // Only such as wait half of the time, and are of values that have not been saved.
    expect(waits).toBeGreaterThan(seeds);
  }, 120_000);
});

test('a snapshot ends when the disk is too far behind with what changes', async () => {
  const engine = new Engine({ shards: 2 });
  const snapshotter = new Snapshotter(engine.keyspace, systemClock);
  const disk = new MemoryDisk();
  let proceed = () => {};
  const stuck = new Promise<void>((resolve) => {
    proceed = resolve;
  });
  disk.onCall = (name) => (name === 'append' ? stuck : undefined);
  for (let key = 0; key < 100; key++) engine.run('SET', `key:${key}`, `${key}`.repeat(5000));
  const ended = new Promise<Error | undefined>((resolve) => {
    const options = optionsFor(disk, resolve);
    snapshotter.start({ ...options, compresses: false, backlogBytesMax: 300_000 });
  });
  for (let key = 0; key < 100; key++) engine.run('SET', `key:${key}`, 'short');
  while (snapshotter.step(1));
  proceed();
  expect((await ended)?.message).toBe('the disk does not keep up with what clients write');
  expect(disk.files.size).toBe(0);
});
