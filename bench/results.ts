// Results on disk: one JSON file a run and part, `<time>-<part>.json`, never rewritten, with what is needed to judge
// later whether two of them may be compared: commit, runtime, CPU, peers. The trend reads them all back and sets
// the latest values of each metric side by side.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './children.ts';
import type { Metric } from './report.ts';

const folder = fileURLToPath(new URL('./results/', import.meta.url));

/** The parts of the bench, in the order they run. */
export const parts = [
  'startup',
  'structures',
  'throughput',
  'types',
  'memory',
  'eviction',
  'persistence',
  'connections',
  'transactions',
  'doors',
  'grpc',
  'embedded',
] as const;
export type Part = (typeof parts)[number];

/** One stored run of one part. */
export interface Result {
  part: Part;
  /** ISO 8601, UTC. */
  at: string;
  commit: string;
  /** The work tree differed from the commit. */
  dirty: boolean;
  node: string;
  cpu: string;
  /** Load average over the minute before: what else kept the machine busy. */
  loadBefore: number;
  peers: Record<string, string>;
  /** Smaller numbers: only comparable with other quick runs. */
  quick: boolean;
  metrics: Metric[];
}

/** The model of this machine's CPU, which results are only compared within. */
export function cpuModel(): string {
  return `${cpus()[0]?.model.trim() ?? 'unknown'} × ${cpus().length}`;
}

/** The machine's load average over the last minute. */
export function loadAverage(): number {
  return loadavg()[0] ?? 0;
}

/** Writes a result and returns the path of its file. */
export async function store(
  part: Part,
  metrics: Metric[],
  facts: Pick<Result, 'loadBefore' | 'peers' | 'quick'>,
): Promise<string> {
  const result: Result = {
    part,
    at: new Date().toISOString(),
    commit: (await git('rev-parse', '--short', 'HEAD')) ?? 'unknown',
    dirty: (await git('status', '--porcelain', '--untracked-files=no')) !== '',
    node: process.version,
    cpu: cpuModel(),
    ...facts,
    metrics,
  };
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${result.at.replaceAll(':', '-')}-${part}.json`);
  await writeFile(path, `${JSON.stringify(result, undefined, 2)}\n`);
  return path;
}

/** Every stored result, oldest first. Empty when there are none. */
export async function stored(): Promise<Result[]> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    // `store` is the only writer of this folder.
    files.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as Result),
  );
}

/** The latest values of one metric. */
export interface Trend {
  part: Part;
  metric: Metric;
  /** Oldest first. */
  values: number[];
  /** Last against the one before, as a share: 0.1 is 10 % more. Undefined with fewer than two values. */
  change: number | undefined;
}

/**
 * The trend of each metric over `results` (oldest first), at most `valuesMax` values of each. Targets and units are
 * those of the latest result that has the metric.
 */
export function trends(results: readonly Result[], valuesMax: number): Trend[] {
  const byName = new Map<string, Trend>();
  for (const { part, metrics } of results) {
    for (const metric of metrics) {
      const key = `${part} ${metric.name}`;
      const earlier = byName.get(key)?.values ?? [];
      const values = [...earlier, metric.value].slice(-valuesMax);
      byName.set(key, { part, metric, values, change: lastChange(values) });
    }
  }
  return [...byName.values()].sort((a, b) => parts.indexOf(a.part) - parts.indexOf(b.part));
}

function lastChange(values: readonly number[]): number | undefined {
  const last = values.at(-1);
  const before = values.at(-2);
  if (last === undefined || before === undefined || before === 0) return undefined;
  return last / before - 1;
}

async function git(...args: string[]): Promise<string | undefined> {
  const here = fileURLToPath(new URL('.', import.meta.url));
  return run('git', ['-C', here, ...args]).then(
    (text) => text.trim(),
    () => undefined,
  );
}
