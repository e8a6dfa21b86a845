/** Snapshots as histories (history.ts) see them: what was done since the last is lost, and nothing else. */
import type { Engine } from '#commands/testing/engine.ts';
import type { Clock, ManualClock } from '#platform/clock.ts';
import type { Disk } from '#platform/disk.ts';
import { silentLog } from '#platform/log.ts';
import { ServerSnapshots } from '#server/snapshots.ts';
import type { Attachment, Persistence } from './history.ts';

export class SnapshotPersistence implements Persistence {
  readonly keeps = 'saved-only';

  async recover(disk: Disk, engine: Engine): Promise<void> {
    await snapshotsOf(engine, disk).load(() => false);
  }

  async attach(engine: Engine, disk: Disk): Promise<Attachment> {
    return new SnapshotAttachment(snapshotsOf(engine, disk));
  }
}

function snapshotsOf({ services, keyspace, clock }: Engine, disk: Disk): ServerSnapshots {
  const { config, loading } = services;
  return new ServerSnapshots({
    config,
    clock: hastyClock(clock),
    keyspace,
    loading,
    log: silentLog,
    openDisk: () => disk,
    id: '1',
  });
}

/** A clock by which a slice is over as soon as somebody looks. */
function hastyClock(clock: ManualClock): Clock {
  let looks = 0;
  return { nowMs: () => clock.nowMs(), monotonicMs: () => looks++ };
}

class SnapshotAttachment implements Attachment {
  private readonly snapshots: ServerSnapshots;
  private isInBackground = false;
  private onEnd: (() => void) | undefined;

  constructor(snapshots: ServerSnapshots) {
    this.snapshots = snapshots;
  }

  tick(): void {
    this.snapshots.step(1);
    if (!this.snapshots.isRunning) this.onEnd?.();
  }

  /** Those that somebody waits for and those that nobody does in turn. */
  save(): Promise<void> {
    const { snapshots } = this;
    if (snapshots.isRunning) return Promise.reject(new Error('one is under way'));
    this.isInBackground = !this.isInBackground;
    const { taken } = snapshots;
    return new Promise((resolve, reject) => {
      const end = () => {
        this.onEnd = undefined;
        if (snapshots.taken > taken) resolve();
        else reject(new Error('it failed'));
      };
      if (!this.isInBackground) return snapshots.save(end);
      snapshots.begin();
      this.onEnd = end;
    });
  }

  async close(): Promise<void> {
    const failure = await this.snapshots.saveLast();
    if (failure !== undefined) throw new Error(failure);
  }
}
