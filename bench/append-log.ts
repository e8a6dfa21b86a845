// What the append-only log costs: SETs driven by redis-benchmark with the log on, beside redis-server with its own.

import type { Metric } from './report.ts';
import type { Contender, Lineup } from './servers.ts';
import { type Effort, measureWorkloads, type Workload } from './workload.ts';
import { reportOutcomes } from './workload-report.ts';

const policies = ['everysec', 'always'] as const;
type Policy = (typeof policies)[number];

const fullEffort: Effort = { runSeconds: 2, roundCount: 5 };
const quickEffort: Effort = { runSeconds: 0.5, roundCount: 3 };

/** Prints a table for each policy of syncing, and returns the metrics. */
export async function measureAppendLog(who: Lineup, quick: boolean): Promise<Metric[]> {
  const metrics: Metric[] = [];
  for (const policy of policies) {
    const effort = quick ? quickEffort : fullEffort;
    const lineup = withLog(who, policy);
    const outcomes = await measureWorkloads(lineup, workloads(policy), effort, async () => {});
    metrics.push(...reportOutcomes(lineup, outcomes));
  }
  return metrics;
}

/** With `always`, both wait for the disk: the figure is the throughput. */
function workloads(policy: Policy): Workload[] {
  const set = { name: `SET.${policy}`, request: ['-t', 'set'], commands: ['SET'] };
  if (policy === 'always') return [{ ...set, pipeline: 1, ownPace: true }];
  return [
    { ...set, pipeline: 1, cpuRatioMax: 1 },
    { ...set, pipeline: 16, cpuRatioMax: 0.7 },
  ];
}

function withLog({ subject, peer }: Lineup, policy: Policy): Lineup {
  const on = (contender: Contender): Contender => ({
    ...contender,
    args: (port) => [...contender.args(port), ...['--appendonly', 'yes', '--appendfsync', policy]],
  });
  return { subject: on(subject), peer: peer === undefined ? undefined : on(peer) };
}
