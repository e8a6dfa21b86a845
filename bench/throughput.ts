// Throughput and server CPU time per request of strings, driven by redis-benchmark: 50 connections, 32-byte values,
// keys drawn from 100 000 that all exist, so that every GET is a hit.

import { loadKeys } from './loader.ts';
import type { Metric } from './report.ts';
import type { Lineup } from './servers.ts';
import {
  type Effort,
  matching,
  measureWorkloads,
  type Selection,
  type Workload,
} from './workload.ts';
import { reportOutcomes } from './workload-report.ts';

const keyCount = 100_000;

/** CPU time per request, subject over peer, at each pipeline. MSET has no target. */
const targets: readonly { pipeline: number; cpuRatioMax: Record<string, number> }[] = [
  { pipeline: 1, cpuRatioMax: { SET: 1.05, GET: 1.05, INCR: 1.05 } },
  { pipeline: 16, cpuRatioMax: { SET: 0.7, GET: 0.6, INCR: 0.75 } },
  { pipeline: 100, cpuRatioMax: { SET: 0.55, GET: 0.55, INCR: 0.55 } },
];

const fullEffort: Effort = { runSeconds: 2, roundCount: 5 };
const quickEffort: Effort = { runSeconds: 0.5, roundCount: 3 };

/** Measures all workloads, prints their table and returns the metrics. */
export async function measureThroughput(
  lineup: Lineup,
  { quick, match }: Selection,
): Promise<Metric[]> {
  const effort = quick ? quickEffort : fullEffort;
  const makeReady = (port: number) => loadKeys(port, { from: 0, to: keyCount });
  const chosen = matching(workloads(), match);
  if (chosen.length === 0) return [];
  return reportOutcomes(lineup, await measureWorkloads(lineup, chosen, effort, makeReady));
}

/** MSET sets ten keys a request: redis-benchmark's own definition. */
function workloads(): Workload[] {
  return targets.flatMap(({ pipeline, cpuRatioMax }) =>
    ['SET', 'GET', 'INCR', 'MSET'].map((name) => {
      const target = cpuRatioMax[name];
      return {
        ...{ name, pipeline, request: ['-t', name.toLowerCase()], commands: [name] },
        ...{ weight: name === 'MSET' ? 5 : 1, alwaysHits: name === 'GET' },
        ...(target === undefined ? {} : { cpuRatioMax: target }),
      };
    }),
  );
}
