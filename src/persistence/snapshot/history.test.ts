/** Snapshots over a disk that crashes and fails: histories from many seeds (testing/history.ts). */
import { expect, test } from 'vitest';
import { historySeeds, runHistory } from '../testing/history.ts';
import { SnapshotPersistence } from '../testing/snapshot-persistence.ts';

test.each([false, true])(
  'what is recovered is what was saved, on a disk that fails: %s',
  async (diskFails) => {
    let lost = 0;
    for (const seed of historySeeds(60)) {
      lost += (await runHistory(new SnapshotPersistence(), { seed, diskFails })).lost;
    }
    // Otherwise nothing was at stake.
    if (process.env.ZIPPY_HISTORY_SEED === undefined) expect(lost).toBeGreaterThan(0);
  },
);
