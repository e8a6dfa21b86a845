/** The harness of histories: it finds nothing wrong with a log that is right, and each of the flaws of one that is not. */
import { describe, expect, test } from 'vitest';
import { historySeeds, type Persistence, runHistory } from './history.ts';
import { type Flaw, ReferenceLog } from './reference-log.ts';

const flawSeeds = 150;

/** The first seed whose history fails, and how. */
async function firstFailure(
  persistence: Persistence,
  diskFails: boolean,
): Promise<{ seed: number; message: string } | undefined> {
  for (let seed = 0; seed < flawSeeds; seed++) {
    try {
      await runHistory(persistence, { seed, diskFails });
    } catch (error) {
      return { seed, message: error instanceof Error ? error.message : String(error) };
    }
  }
  return undefined;
}

describe('a log that is right passes', () => {
  test.each(['always', 'everysec', 'no'] as const)('with %s', async (policy) => {
    let lost = 0;
    let states = 0;
    for (const seed of historySeeds(100)) {
      const summary = await runHistory(new ReferenceLog(policy), {
        seed,
        diskFails: seed % 2 === 0,
      });
      lost += summary.lost;
      states += summary.states;
    }
    // Otherwise nothing was at stake.
    expect(states).toBeGreaterThan(0);
    expect(lost).toBeGreaterThan(0);
  });
});

describe('a log with a flaw is found out:', () => {
  test.each<[Flaw, 'always' | 'everysec' | 'no', RegExp]>([
    ['acknowledges-early', 'always', /recovered state \d+, though \d+ was promised/],
    ['drops-failed-writes', 'everysec', /a state that never was/],
    ['keeps-torn-tail', 'everysec', /recovered (a )?state/],
    ['applies-half-units', 'no', /a state that never was/],
    ['forgets-directory', 'always', /recovered state \d+, though \d+ was promised/],
    ['expires-while-loading', 'everysec', /a state that never was/],
    ['loses-while-busy', 'everysec', /recovered (a )?state/],
    ['never-syncs', 'everysec', /recovered state \d+, though \d+ was promised/],
  ])('%s', async (flaw, policy, reason) => {
    const failure = await firstFailure(
      new ReferenceLog(policy, flaw),
      flaw === 'drops-failed-writes',
    );
    expect(failure?.message).toMatch(reason);
  });
});

test('a failing seed fails again in the same way', async () => {
  const persistence = new ReferenceLog('always', 'acknowledges-early');
  const first = await firstFailure(persistence, true);
  const seed = first?.seed ?? 0;
  await expect(runHistory(persistence, { seed, diskFails: true })).rejects.toThrow(first?.message);
});
