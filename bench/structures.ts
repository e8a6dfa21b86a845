// CPU time per operation of the structures, in this process and without a server: mitata repeats each case in batches,
// on a clock that counts this process's CPU time (garbage collection and compilation included) instead of wall time.
// The median batch counts.

import { measure } from 'mitata';
import { structureCases } from './cases.ts';
import { formatNumber, formatTable, type Metric, progress } from './report.ts';

/** The CPU clock advances in µs: batches must be long against that. */
const batchRuns = 1 << 16;
/** Until it is compiled: mitata times calls that seem slow one by one, which this clock is too coarse for. */
const warmUpRuns = 20_000;
const cpuTimeNs = 600e6;
const quickCpuTimeNs = 100e6;

/** Measures every registered case, prints the table and returns the metrics. */
export async function measureStructures(quick: boolean): Promise<Metric[]> {
  const metrics: Metric[] = [];
  const rows: string[][] = [];
  for (const { name, opsPerRun, prepare } of structureCases) {
    progress(name);
    const run = prepare();
    for (let call = 0; call < warmUpRuns; call++) run();
    const stats = await measure(run, {
      now: cpuNowNs,
      gc: false,
      batch_samples: batchRuns,
      min_cpu_time: quick ? quickCpuTimeNs : cpuTimeNs,
    });
    const value = stats.p50 / opsPerRun;
    metrics.push({ name, value, unit: 'ns' });
    rows.push([name, formatNumber(value), formatNumber(stats.p75 / opsPerRun)]);
  }
  console.log(formatTable(['', 'ns/op (CPU)', 'p75'], rows));
  return metrics;
}

function cpuNowNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}
