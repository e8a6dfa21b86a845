// Throughput and server CPU time per request, driven by redis-benchmark: 50 connections, 32-byte values, keys drawn
// from 100 000 that all exist, so that every GET is a hit.
//
// The figure to trust is the CPU time per request: throughput on a small machine is shared with the load generator,
// which often is the slower of the two. Both servers run side by side and take turns, so that whatever disturbs the
// machine disturbs both; each ratio is formed within a round, and the median over the rounds is the result.

import { run } from './children.ts';
import { cpuUs } from './cpu.ts';
import { loadKeys } from './loader.ts';
import { formatNumber, formatTable, type Metric, noFigure, progress, verdict } from './report.ts';
import { contenders, type Lineup, type RunningServer, withServers } from './servers.ts';
import { median } from './stats.ts';
import { info } from './wire.ts';

const connectionCount = 50;
const valueBytes = 32;
const keyCount = 100_000;

type Command = 'SET' | 'GET' | 'INCR' | 'MSET';
interface Workload {
  command: Command;
  pipeline: number;
  /** CPU time per request, subject over peer. MSET has none. */
  cpuRatioMax?: number;
}

/** MSET sets ten keys a request: redis-benchmark's own definition. */
const workloads: Workload[] = [
  { command: 'SET', pipeline: 1, cpuRatioMax: 1.05 },
  { command: 'GET', pipeline: 1, cpuRatioMax: 1.05 },
  { command: 'INCR', pipeline: 1, cpuRatioMax: 1.05 },
  { command: 'MSET', pipeline: 1 },
  { command: 'SET', pipeline: 16, cpuRatioMax: 0.7 },
  { command: 'GET', pipeline: 16, cpuRatioMax: 0.6 },
  { command: 'INCR', pipeline: 16, cpuRatioMax: 0.75 },
  { command: 'MSET', pipeline: 16 },
  { command: 'SET', pipeline: 100, cpuRatioMax: 0.55 },
  { command: 'GET', pipeline: 100, cpuRatioMax: 0.55 },
  { command: 'INCR', pipeline: 100, cpuRatioMax: 0.55 },
  { command: 'MSET', pipeline: 100 },
];

/** How long one run of the faster server should last, and how often it is repeated. */
interface Effort {
  runSeconds: number;
  roundCount: number;
}
const fullEffort: Effort = { runSeconds: 2, roundCount: 5 };
const quickEffort: Effort = { runSeconds: 0.5, roundCount: 3 };

/** What one redis-benchmark run showed of one server. */
interface Sample {
  requestsPerSecond: number;
  /** Undefined where the system has no CPU figure to give. */
  cpuUsPerRequest: number | undefined;
}

/** Measures all workloads, prints their table and returns the metrics. */
export async function measureThroughput(lineup: Lineup, quick: boolean): Promise<Metric[]> {
  const effort = quick ? quickEffort : fullEffort;
  const samples = await withServers(contenders(lineup), async (servers) => {
    for (const server of servers) await loadKeys(server.port, { from: 0, to: keyCount });
    const all: Sample[][][] = [];
    for (const workload of workloads) all.push(await measureWorkload(servers, workload, effort));
    return all;
  });
  const summaries = workloads.map((workload, index) => summarize(workload, samples[index] ?? []));
  print(lineup, summaries);
  return summaries.flatMap(metricsOf);
}

/** Samples by server, then by round. */
async function measureWorkload(
  servers: RunningServer[],
  workload: Workload,
  { runSeconds, roundCount }: Effort,
): Promise<Sample[][]> {
  progress(`${workload.command}, pipeline ${workload.pipeline}`);
  const requestCount = await warmUp(servers, workload, runSeconds);
  const samples: Sample[][] = servers.map(() => []);
  for (let round = 0; round < roundCount; round++) {
    // A B, B A, A B, …: neither always profits from going second.
    const order = [...servers.keys()];
    if (round % 2 === 1) order.reverse();
    for (const index of order) {
      const server = servers[index];
      if (server !== undefined) {
        samples[index]?.push(await measureRun(server, workload, requestCount));
      }
    }
  }
  return samples;
}

/**
 * Runs the workload once against each server without recording it (Zippy's code gets compiled, INCR's counters come
 * to exist) and returns how many requests keep the faster one busy for `runSeconds`.
 */
async function warmUp(
  servers: RunningServer[],
  workload: Workload,
  runSeconds: number,
): Promise<number> {
  const warmUpCount = Math.ceil((workload.pipeline === 1 ? 60_000 : 500_000) * (runSeconds / 2));
  let fastest = 0;
  for (const server of servers) {
    const count = workload.command === 'MSET' ? warmUpCount / 5 : warmUpCount;
    const { requestsPerSecond } = await measureRun(server, workload, Math.ceil(count));
    fastest = Math.max(fastest, requestsPerSecond);
  }
  return Math.ceil(fastest * runSeconds);
}

async function measureRun(
  server: RunningServer,
  { command, pipeline }: Workload,
  requestCount: number,
): Promise<Sample> {
  const missesBefore = (await info(server.port)).get('keyspace_misses');
  const cpuBeforeUs = cpuUs(server.pid);
  const csv = await run('redis-benchmark', [
    ...['-p', `${server.port}`, '-c', `${connectionCount}`, '-d', `${valueBytes}`],
    ...['-r', `${keyCount}`, '-P', `${pipeline}`, '-n', `${requestCount}`],
    ...['-t', command.toLowerCase(), '--csv'],
  ]);
  const cpuAfterUs = cpuUs(server.pid);
  if (command === 'GET' && (await info(server.port)).get('keyspace_misses') !== missesBefore) {
    throw new Error(`${server.name}: GET missed keys that were loaded`);
  }
  return {
    requestsPerSecond: parseRequestsPerSecond(csv),
    cpuUsPerRequest:
      cpuBeforeUs === undefined || cpuAfterUs === undefined
        ? undefined
        : (cpuAfterUs - cpuBeforeUs) / requestCount,
  };
}

/** The requests per second of the only test in redis-benchmark's --csv output (7.0: quoted, with a header). */
export function parseRequestsPerSecond(csv: string): number {
  const rows = csv
    .split('\n')
    .filter((line) => line.startsWith('"'))
    .map((line) => line.split('","').map((cell) => cell.replaceAll('"', '').trim()));
  const column = rows[0]?.indexOf('rps') ?? -1;
  const value = Number(rows[1]?.[column]);
  if (rows.length !== 2 || !(value > 0)) {
    throw new Error(`unexpected output of redis-benchmark:\n${csv}`);
  }
  return value;
}

interface Summary {
  workload: Workload;
  subject: Sample;
  peer: Sample | undefined;
  throughputRatio: number | undefined;
  cpuRatio: number | undefined;
  /** Smallest and largest ratio of a round. */
  cpuRatioRange: [number, number] | undefined;
}

function summarize(workload: Workload, [subject, peer]: Sample[][]): Summary {
  if (subject === undefined) throw new Error('nothing was measured');
  const cpuRatios = ratios(
    subject.map((sample) => sample.cpuUsPerRequest),
    peer?.map((sample) => sample.cpuUsPerRequest),
  );
  const throughputRatios = ratios(
    subject.map((sample) => sample.requestsPerSecond),
    peer?.map((sample) => sample.requestsPerSecond),
  );
  return {
    workload,
    subject: medianSample(subject),
    peer: peer && medianSample(peer),
    throughputRatio: throughputRatios && median(throughputRatios),
    cpuRatio: cpuRatios && median(cpuRatios),
    cpuRatioRange: cpuRatios && [Math.min(...cpuRatios), Math.max(...cpuRatios)],
  };
}

type Figures = readonly (number | undefined)[];

/** Round by round `ours / theirs`; undefined if any figure is missing. */
export function ratios(ours: Figures, theirs: Figures | undefined): number[] | undefined {
  const quotients: number[] = [];
  for (const [round, own] of ours.entries()) {
    const other = theirs?.[round];
    if (own === undefined || other === undefined) return undefined;
    quotients.push(own / other);
  }
  return quotients;
}

function medianSample(samples: Sample[]): Sample {
  const cpu = samples.flatMap(({ cpuUsPerRequest }) => cpuUsPerRequest ?? []);
  return {
    requestsPerSecond: median(samples.map((sample) => sample.requestsPerSecond)),
    cpuUsPerRequest: cpu.length === 0 ? undefined : median(cpu),
  };
}

function print(lineup: Lineup, summaries: Summary[]): void {
  const ours = lineup.subject.name;
  const theirs = lineup.peer?.name ?? 'no peer';
  const header = ['', 'pipeline', `${ours} req/s`, `${theirs} req/s`, 'ratio'];
  header.push(`${ours} µs CPU`, `${theirs} µs CPU`, 'ratio', 'min–max', 'target');
  const rows = summaries.map(({ workload, subject, peer, ...summary }) => [
    workload.command,
    `${workload.pipeline}`,
    formatNumber(subject.requestsPerSecond),
    formatNumber(peer?.requestsPerSecond),
    formatNumber(summary.throughputRatio),
    formatNumber(subject.cpuUsPerRequest),
    formatNumber(peer?.cpuUsPerRequest),
    formatNumber(summary.cpuRatio),
    summary.cpuRatioRange?.map(formatNumber).join('–') ?? noFigure,
    verdict(summary.cpuRatio, workload.cpuRatioMax),
  ]);
  console.log(formatTable(header, rows));
  if (summaries[0]?.subject.cpuUsPerRequest === undefined) {
    console.log('CPU time: not measured on this system');
  }
}

function metricsOf({ workload, subject, peer, throughputRatio, cpuRatio }: Summary): Metric[] {
  const name = `${workload.command}.p${workload.pipeline}`;
  const targetMax = workload.cpuRatioMax;
  const aim = targetMax === undefined ? {} : { targetMax };
  const figures: [string, number | undefined, Metric['unit']][] = [
    ['cpu', subject.cpuUsPerRequest, 'µs'],
    ['cpu_peer', peer?.cpuUsPerRequest, 'µs'],
    ['throughput', subject.requestsPerSecond, 'req/s'],
    ['throughput_peer', peer?.requestsPerSecond, 'req/s'],
    ['throughput_ratio', throughputRatio, 'ratio'],
  ];
  const metrics = figures.flatMap(([suffix, value, unit]) =>
    value === undefined ? [] : [{ name: `${name}.${suffix}`, value, unit }],
  );
  if (cpuRatio === undefined) return metrics;
  return [{ name: `${name}.cpu_ratio`, value: cpuRatio, unit: 'ratio', ...aim }, ...metrics];
}
