/** The append-only log over a disk that crashes and fails: histories from many seeds (testing/history.ts). */
import { describe, expect, test } from 'vitest';
import { AppendLogPersistence } from '../testing/append-log-persistence.ts';
import { historySeeds, runHistory } from '../testing/history.ts';

describe.each([false, true])('on a disk that fails now and then: %s', (diskFails) => {
  test.each(['always', 'everysec', 'no'] as const)(
    'nothing that was promised is lost with %s',
    async (policy) => {
      let lost = 0;
      for (const seed of historySeeds(40)) {
        const options = { seed, diskFails, failedSyncLoses: diskFails && seed % 2 === 0 };
        lost += (await runHistory(new AppendLogPersistence(policy), options)).lost;
      }
      // Otherwise nothing was at stake.
      if (process.env.ZIPPY_HISTORY_SEED === undefined) expect(lost).toBeGreaterThan(0);
    },
  );
});
