import { describe, expect, test } from 'vitest';
import { Engine } from '#commands/testing/engine.ts';
import { systemClock } from '#platform/clock.ts';
import { Draw } from '../../../test/differential/draw.ts';
import { type Contents, contentsOf, engineFrom, sourceOf, targetOf } from '../testing/contents.ts';
import { MemoryDisk } from '../testing/memory-disk.ts';
import { applyDelta } from './apply-delta.ts';
import { ChangeTracker } from './change-tracker.ts';
import { chainField, sequenceField } from './delta-format.ts';
import { DeltaSnapshotter } from './delta-snapshotter.ts';
import { mergeSave } from './merge.ts';
import { OutputFile } from './output-file.ts';
import { type SnapshotOptions, Snapshotter } from './snapshotter.ts';
import { databases, doSomething, small, type Witness } from './testing/random-changes.ts';

const seeds = Number(process.env.ZIPPY_SEEDS ?? 40);
/** Values of a few elements are big. */
const pieces = { bigElementsMin: 3, elementsPerLook: 2 };

/** A store whose changes are saved, step by step and while they go on, beside one that does the same without. */
class Saving implements Witness {
  readonly disk = new MemoryDisk();
  readonly deltas: { readonly name: string; readonly sequence: number }[] = [];
  readonly engine: Engine;
  readonly draw: Draw;
  private readonly engines: readonly Engine[];
  private readonly tracker: ChangeTracker;
  private readonly full: Snapshotter;
  private readonly delta: DeltaSnapshotter;
  private sequence = 0;

  constructor(seed: number) {
    this.draw = new Draw(seed);
    this.engine = new Engine({ shards: 2, databases, seed });
    this.engines = [this.engine, new Engine({ shards: 2, databases, seed })];
    if (this.draw.chance(0.5)) for (const { services } of this.engines) services.config.set(small);
    const { keyspace } = this.engine;
    this.tracker = new ChangeTracker(keyspace);
    this.full = new Snapshotter(keyspace, systemClock);
    this.delta = new DeltaSnapshotter(keyspace, systemClock, this.tracker);
  }

  change(steps: number): void {
    for (let step = this.draw.integer(0, steps); step > 0; step--) {
      doSomething(this.draw, this.engines, this);
    }
  }

  onDifference(replies: unknown, other: unknown): void {
    expect(other).toEqual(replies);
  }

  readonly goOnSaving = () => {
    this.full.step(0);
    this.delta.step(0);
  };

  /** Saves everything. Returns what there was. */
  async saveAll(): Promise<Contents> {
    const before = contentsOf(this.engine.keyspace);
    this.deltas.length = 0;
    const ended = new Promise((resolve) => {
      this.full.start(this.options('base.rdb', 0, resolve), this.tracker);
    });
    while (this.full.step(0)) this.change(5);
    expect(await ended).toBeUndefined();
    return before;
  }

  /** Saves what has changed. Returns what there was, or undefined if it was called off or the disk failed. */
  async saveChanges(): Promise<Contents | undefined> {
    const { draw, delta, disk } = this;
    const before = contentsOf(this.engine.keyspace);
    const sequence = ++this.sequence;
    const name = `${sequence}.delta`;
    let isOver = false;
    let failure: Error | undefined;
    delta.start(
      this.options(name, sequence, (error) => {
        isOver = true;
        failure = error;
      }),
    );
    const fails = draw.chance(0.2);
    const cancels = draw.chance(0.2);
    if (fails) {
      disk.onCall = () => {
        throw new Error('EIO');
      };
    }
    const pace = draw.pick([0, 1, 6]);
    while (!isOver) {
      if (cancels && draw.chance(0.2)) delta.cancel();
      this.change(pace);
      if (!delta.step(0)) await new Promise((resolve) => setImmediate(resolve));
    }
    disk.onCall = () => {};
    if (failure !== undefined) {
      expect(fails || cancels).toBe(true);
      return undefined;
    }
    this.deltas.push({ name, sequence });
    return before;
  }

  /** What base and deltas come to. */
  async loaded(): Promise<Contents> {
    const { disk, deltas } = this;
    const engine = await engineFrom(disk.content('base.rdb'));
    for (const { name } of deltas) {
      await applyDelta(sourceOf(name, disk.content(name)), targetOf(engine));
    }
    const contents = contentsOf(engine.keyspace);
    engine.balanced();
    return contents;
  }

  /** What they come to when they are merged. */
  async merged(): Promise<Contents> {
    const { disk, deltas } = this;
    const output = new OutputFile({
      disk,
      name: 'merged.rdb',
      temporaryName: 'temp.rdb',
      syncsInSteps: false,
    });
    await mergeSave({
      disk,
      save: { base: 'base.rdb', chain: 'c', sequence: 0, deltas, hasForeignManifest: false },
      output,
      aux: [],
      hasChecksum: true,
      index: new Engine({ shards: 1, databases }).keyspace,
      nowMs: 0,
      pace: { clock: systemClock, rest: async () => {} },
    });
    await output.finish();
    return contentsOf((await engineFrom(disk.content('merged.rdb'))).keyspace);
  }

  verify(): void {
    for (const one of this.engines) one.run('EXEC');
    const [own, twin] = this.engines.map(({ keyspace }) => contentsOf(keyspace));
    expect(own).toEqual(twin);
    this.engine.balanced();
  }

  private options(
    name: string,
    sequence: number,
    onEnd: (failure: Error | undefined) => void,
  ): SnapshotOptions {
    return {
      disk: this.disk,
      name,
      temporaryName: 'temp.rdb',
      aux: [
        [chainField, 'c'],
        [sequenceField, String(sequence)],
      ],
      compresses: this.draw.chance(0.5),
      hasChecksum: true,
      use: this.draw.pick(['none', 'idle', 'frequency']),
      syncsInSteps: true,
      pieces,
      onEnd,
    };
  }
}

async function run(seed: number): Promise<void> {
  const saving = new Saving(seed);
  saving.change(100);
  let expected = await saving.saveAll();
  for (let round = 0; round < 4; round++) {
    saving.change(20);
    // A full save begins a chain anew, whatever has changed since the last delta.
    if (saving.draw.chance(0.25)) expected = await saving.saveAll();
    saving.change(20);
    expected = (await saving.saveChanges()) ?? expected;
    expect(await saving.loaded()).toEqual(expected);
  }
  expect(await saving.merged()).toEqual(expected);
  saving.verify();
}

describe('a base and its deltas', () => {
  test('come to what there was when the last began, whatever was done meanwhile, merged or not', async () => {
    for (let seed = 1; seed <= seeds; seed++) {
      await run(seed).catch((error: unknown) => {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      });
    }
  }, 120_000);
});
