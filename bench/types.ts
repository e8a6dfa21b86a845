// The data types beside Redis: what their commands cost, what their data takes, a very long list, and set algebra.
// A command that one of the servers does not have makes a row that says so.

import type { Metric } from './report.ts';
import { contenders, type Lineup, withServers } from './servers.ts';
import { algebraWorkloads } from './types-algebra.ts';
import { commandWorkloads } from './types-commands.ts';
import { measureLoss, middleWorkload } from './types-long-list.ts';
import { measureTypesMemory } from './types-memory.ts';
import { type Effort, measureWorkload, type Outcome, type Workload } from './workload.ts';
import { reportOutcomes } from './workload-report.ts';

const fullEffort: Effort = { runSeconds: 1, roundCount: 5 };
const quickEffort: Effort = { runSeconds: 0.25, roundCount: 2 };

/** Measures all there is about the types, prints the tables and returns the metrics. */
export async function measureTypes(lineup: Lineup, quick: boolean): Promise<Metric[]> {
  const effort = quick ? quickEffort : fullEffort;
  const inTurns = (workloads: readonly Workload[]) => measureAll(lineup, workloads, effort);
  return [
    ...(await inTurns(commandWorkloads)),
    ...(await inTurns(algebraWorkloads)),
    ...(await inTurns([middleWorkload(quick)])),
    ...(await withServers(contenders(lineup), (servers) => measureLoss(servers, lineup, quick))),
    ...(await measureTypesMemory(lineup, quick)),
  ];
}

/** Measures workloads against servers just started, prints their table and returns the metrics. */
async function measureAll(
  lineup: Lineup,
  workloads: readonly Workload[],
  effort: Effort,
): Promise<Metric[]> {
  const outcomes = await withServers(contenders(lineup), async (servers) => {
    const all: Outcome[] = [];
    for (const workload of workloads) all.push(await measureWorkload(servers, workload, effort));
    return all;
  });
  const metrics = reportOutcomes(lineup, outcomes);
  console.log();
  return metrics;
}
