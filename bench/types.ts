// The data types beside Redis: what their commands cost, what their data takes, a very long list, and set algebra.
// A command that one of the servers does not have makes a row that says so.

import type { Metric } from './report.ts';
import type { Lineup } from './servers.ts';
import { algebraWorkloads } from './types-algebra.ts';
import { commandWorkloads } from './types-commands.ts';
import { lossName, measureLoss, middleWorkload } from './types-long-list.ts';
import { measureTypesMemory, memoryCases } from './types-memory.ts';
import {
  type Effort,
  matching,
  measureWorkloads,
  type Selection,
  type Workload,
} from './workload.ts';
import { reportOutcomes } from './workload-report.ts';

const fullEffort: Effort = { runSeconds: 1, roundCount: 5 };
const quickEffort: Effort = { runSeconds: 0.25, roundCount: 2 };

/** Measures what is chosen of the types, prints the tables and returns the metrics. */
export async function measureTypes(lineup: Lineup, { quick, match }: Selection): Promise<Metric[]> {
  const effort = quick ? quickEffort : fullEffort;
  const metrics: Metric[] = [];
  const inTurns = async (title: string, workloads: readonly Workload[]) => {
    const chosen = matching(workloads, match);
    if (chosen.length === 0) return;
    console.log(`\n${title}`);
    metrics.push(...reportOutcomes(lineup, await measureWorkloads(lineup, chosen, effort)));
  };
  await inTurns('commands', commandWorkloads);
  await inTurns('algebra of 100,000 members each', algebraWorkloads);
  await inTurns('the middle of a long list', [middleWorkload(quick)]);
  if (lossName.includes(match)) {
    console.log('\nlosing a long list');
    metrics.push(...(await measureLoss(lineup, quick)));
  }
  const cases = memoryCases(quick).filter(({ name }) => name.includes(match));
  if (cases.length > 0) {
    console.log('\nmemory');
    metrics.push(...(await measureTypesMemory(lineup, cases)));
  }
  return metrics;
}
