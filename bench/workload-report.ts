// From the samples of workloads to their table and their metrics: ratios within each round, medians over the rounds.

import {
  formatNumber,
  formatTable,
  type Metric,
  noFigure,
  notSupported,
  verdict,
} from './report.ts';
import type { Lineup } from './servers.ts';
import { median } from './stats.ts';
import { metricName, type Outcome, type Sample, type Workload } from './workload.ts';

interface Summary {
  workload: Workload;
  subject: Sample;
  peer: Sample | undefined;
  throughputRatio: number | undefined;
  cpuRatio: number | undefined;
  /** Smallest and largest ratio of a round. */
  cpuRatioRange: [number, number] | undefined;
}

/** Prints a row for each outcome and returns the metrics of those that were measured. */
export function reportOutcomes(lineup: Lineup, outcomes: readonly Outcome[]): Metric[] {
  const ours = lineup.subject.name;
  const theirs = lineup.peer?.name ?? 'no peer';
  const header = ['', 'pipeline', `${ours} req/s`, `${theirs} req/s`, 'ratio'];
  header.push(`${ours} µs CPU`, `${theirs} µs CPU`, 'ratio', 'min–max', 'target');
  const summaries: Summary[] = [];
  const rows = outcomes.map((outcome) => {
    const { workload, lacking } = outcome;
    const title = [workload.name, `${workload.pipeline}`];
    if (lacking !== undefined) {
      return [...title, ...Array(7).fill(noFigure), notSupported(lacking)];
    }
    const summary = summarize(outcome);
    summaries.push(summary);
    return [...title, ...cellsOf(summary)];
  });
  console.log(formatTable(header, rows));
  const lackingCount = outcomes.length - summaries.length;
  if (lackingCount > 0) console.log(`${lackingCount} not supported: their targets do not count`);
  if (summaries.some(({ subject }) => subject.cpuUsPerRequest === undefined)) {
    console.log('CPU time: not measured on this system');
  }
  return summaries.flatMap(metricsOf);
}

function cellsOf({ workload, subject, peer, ...summary }: Summary): string[] {
  return [
    formatNumber(subject.requestsPerSecond),
    formatNumber(peer?.requestsPerSecond),
    formatNumber(summary.throughputRatio),
    formatNumber(subject.cpuUsPerRequest),
    formatNumber(peer?.cpuUsPerRequest),
    formatNumber(summary.cpuRatio),
    summary.cpuRatioRange?.map(formatNumber).join('–') ?? noFigure,
    verdict(summary.cpuRatio, workload.cpuRatioMax),
  ];
}

function summarize({ workload, samples: [subject, peer] }: Outcome): Summary {
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

function metricsOf({ workload, subject, peer, throughputRatio, cpuRatio }: Summary): Metric[] {
  const name = metricName(workload);
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
