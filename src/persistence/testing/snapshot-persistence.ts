/**
 * Snapshots as histories (history.ts) see them: what was done since the last is lost, and nothing else. Whole ones that are
 * asked for by name, and those that hold what has changed, with their merges.
 */
import { setImmediate } from 'node:timers/promises';
import type { Engine } from '#commands/testing/engine.ts';
import type { Clock, ManualClock } from '#platform/clock.ts';
import type { Disk } from '#platform/disk.ts';
import { silentLog } from '#platform/log.ts';
import { ServerSnapshots } from '#server/snapshots.ts';
import { small } from '../snapshot/testing/random-changes.ts';
import type { Attachment, Persistence } from './history.ts';

export class SnapshotPersistence implements Persistence {
  readonly keeps = 'saved-only';
  /** Who loaded an engine goes on with it. */
  private readonly loaded = new WeakMap<Engine, ServerSnapshots>();

  async recover(disk: Disk, engine: Engine): Promise<void> {
    const snapshots = snapshotsOf(engine, disk);
    this.loaded.set(engine, snapshots);
    await snapshots.load(() => false);
  }

  async attach(engine: Engine, disk: Disk): Promise<Attachment> {
    return new SnapshotAttachment(this.loaded.get(engine) ?? snapshotsOf(engine, disk));
  }
}

function snapshotsOf({ services, keyspace, clock }: Engine, disk: Disk): ServerSnapshots {
  const { config, loading, random, scripts } = services;
  config.set(['save', '1 0', ...small]);
  return new ServerSnapshots({
    config,
    clock: hastyClock(clock),
    keyspace,
    loading,
    log: silentLog,
    openDisk: () => disk,
    id: '1',
    random,
    scripts,
    rest: () => setImmediate(),
    // Whatever changed is little, and two deltas mostly are enough for a merge.
    limits: { deltaShareMax: Number.POSITIVE_INFINITY, mergeShare: 0.9, deltasMax: 3 },
    // Values of a few elements are big.
    pieces: { bigElementsMin: 3, elementsPerLook: 1 },
  });
}

/** A clock by which a slice is over as soon as somebody looks. */
function hastyClock(clock: ManualClock): Clock {
  let looks = 0;
  return { nowMs: () => clock.nowMs(), monotonicMs: () => looks++ };
}

/** Who has a snapshot taken, in turn. */
const kinds = ['point', 'point', 'asked', 'point', 'background'] as const;

class SnapshotAttachment implements Attachment {
  private readonly snapshots: ServerSnapshots;
  private saves = 0;
  private onEnd: (() => void) | undefined;

  constructor(snapshots: ServerSnapshots) {
    this.snapshots = snapshots;
  }

  tick(): void {
    this.snapshots.step(1);
    if (!this.snapshots.isRunning) this.onEnd?.();
  }

  save(): Promise<void> {
    const { snapshots } = this;
    if (snapshots.isRunning) return Promise.reject(new Error('one is under way'));
    this.saves++;
    const { taken } = snapshots;
    return new Promise((resolve, reject) => {
      const end = () => {
        this.onEnd = undefined;
        if (snapshots.taken > taken) resolve();
        else reject(new Error('it failed'));
      };
      const kind = kinds[this.saves % kinds.length];
      if (kind === 'asked') return snapshots.save(end);
      if (kind === 'background') snapshots.begin();
      else {
        // The point in time that the configuration names has come.
        snapshots.lastSavedAtMs = Number.NEGATIVE_INFINITY;
        snapshots.hasFailed = false;
        snapshots.tick();
      }
      this.onEnd = end;
    });
  }

  async close(): Promise<void> {
    const failure = await this.snapshots.saveLast(this.saves % 2 === 0);
    await this.snapshots.cancel();
    if (failure !== undefined) throw new Error(failure);
  }
}
