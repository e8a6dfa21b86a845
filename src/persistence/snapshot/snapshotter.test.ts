import { describe, expect, test } from 'vitest';
import { Engine } from '#commands/testing/engine.ts';
import { systemClock } from '#platform/clock.ts';
import { Draw } from '../../../test/differential/draw.ts';
import { families } from '../../../test/differential/families.ts';
import { contentsOf, engineFrom } from '../testing/contents.ts';
import { MemoryDisk } from '../testing/memory-disk.ts';
import { type SnapshotOptions, Snapshotter } from './snapshotter.ts';

const seeds = Number(process.env.ZIPPY_SEEDS ?? 60);
const notOfData = new Set(['connection', 'server', 'pubsub']);
const ofData = families.filter(({ name }) => !notOfData.has(name));
const databases = 3;
const small = [
  ...['hash-max-listpack-entries', '2', 'set-max-listpack-entries', '2'],
  ...['set-max-intset-entries', '2', 'zset-max-listpack-entries', '2'],
  ...['list-max-listpack-size', '2'],
];

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

/** Takes a step of random commands: of a type, or those that move whole keys and databases about. */
function doSomething(draw: Draw, engines: readonly Engine[]): void {
  if (draw.chance(0.12)) {
    const database = () => draw.integer(0, databases - 1);
    const name = draw.pick(['a', 'b', 'c', 'k', 'key', 'dst', 'src']);
    const command = draw.pick([
      ['SELECT', database()],
      ['SELECT', database()],
      ['SWAPDB', database(), database()],
      ['MOVE', name, database()],
      ['COPY', name, 'copied', 'DB', database(), 'REPLACE'],
      ['RENAME', name, 'renamed'],
      ['PEXPIRE', name, 5],
      ['FLUSHDB', draw.pick(['SYNC', 'ASYNC'])],
      ['FLUSHALL'],
    ]);
    for (const engine of engines) engine.run(...command);
    return;
  }
  const generator = draw.pickWeighted(draw.pickWeighted(ofData).generators);
  for (const part of generator.draw(draw)) {
    const command = part.kind === 'exchange' ? part.command : [...part.before, '0', ...part.after];
    const [replies, ...others] = engines.map(({ client }) => client.runAll(...command));
    // Whoever saves what a command is about to change does not get in its way.
    for (const other of others) expect(other).toEqual(replies);
  }
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
  const disk = new MemoryDisk();
  for (let step = draw.integer(0, 150); step > 0; step--) doSomething(draw, engines);
  for (const one of engines) one.run('EXEC');
  for (let round = draw.integer(1, 3); round > 0; round--) {
    for (let step = draw.integer(0, 20); step > 0; step--) doSomething(draw, engines);
    const before = contentsOf(engine.keyspace);
    const ended = new Promise((resolve) => {
      snapshotter.start(optionsFor(disk, resolve));
    });
    const pace = draw.pick([0, 3, 20, 80]);
    const isCancelled = draw.chance(0.2);
    do {
      if (isCancelled && draw.chance(0.3)) snapshotter.cancel();
      for (let step = draw.integer(0, pace); step > 0; step--) doSomething(draw, engines);
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
  }, 120_000);
});
