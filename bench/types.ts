// The data types beside Redis: what their commands cost, what their data takes, a very long list, and set algebra.
// A command that one of the servers does not have makes a row that says so.

import type { Metric } from './report.ts';
import type { Lineup } from './servers.ts';
import { algebraWorkloads } from './types-algebra.ts';
import { commandWorkloads } from './types-commands.ts';
import { measureLoss, middleWorkload } from './types-long-list.ts';
import { measureTypesMemory } from './types-memory.ts';
import { type Effort, measureWorkloads, type Workload } from './workload.ts';
import { reportOutcomes } from './workload-report.ts';

const fullEffort: Effort = { runSeconds: 1, roundCount: 5 };
const quickEffort: Effort = { runSeconds: 0.25, roundCount: 2 };

/** Measures all there is about the types, prints the tables and returns the metrics. */
export async function measureTypes(lineup: Lineup, quick: boolean): Promise<Metric[]> {
  const effort = quick ? quickEffort : fullEffort;
  const inTurns = async (title: string, workloads: readonly Workload[]) => {
    console.log(`\n${title}`);
    return reportOutcomes(lineup, await measureWorkloads(lineup, workloads, effort));
  };
  const metrics = [
    ...(await inTurns('commands', commandWorkloads)),
    ...(await inTurns('algebra, 100 k members each', algebraWorkloads)),
    ...(await inTurns('the middle of a long list', [middleWorkload(quick)])),
  ];
  console.log('\nlosing a long list');
  metrics.push(...(await measureLoss(lineup, quick)));
  console.log('\nmemory');
  metrics.push(...(await measureTypesMemory(lineup, quick)));
  return metrics;
}
