/** Runs the workloads that `zippy bench` was asked for, one after another, and prints a line for each. */
import { systemRandom } from '#platform/random.ts';
import { Connection } from '../client/connection.ts';
import type { Endpoint } from '../client/endpoint.ts';
import { usageFailure } from '../failure.ts';
import { formatCount } from '../terminal/units.ts';
import type { BenchOptions } from './command.ts';
import { type Measured, runLoad } from './load.ts';
import { preparationFor, type Workload, workloadsOf } from './workloads.ts';

const percentiles = [50, 95, 99] as const;
const csvHead =
  '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"';
const titleChars = 18;

export async function runBench(
  endpoint: Endpoint,
  words: readonly string[],
  options: BenchOptions,
): Promise<void> {
  const workloads =
    words.length > 0
      ? [{ name: 'custom', title: words.join(' '), command: words }]
      : chosen(workloadsOf(options.dataSize), options.tests);
  print(options.csv === true ? csvHead : head());
  for (const workload of workloads) {
    const measured = await measure(endpoint, workload, options);
    print(options.csv === true ? csvLine(workload, measured) : line(workload, measured));
  }
}

async function measure(
  endpoint: Endpoint,
  workload: Workload,
  { clients, requests, pipeline, random, dataSize }: BenchOptions,
): Promise<Measured> {
  await prepare(endpoint, preparationFor(workload, dataSize));
  const count = Math.min(clients, Math.ceil(requests / pipeline));
  const connections = await Promise.all(
    Array.from({ length: count }, () => Connection.open(endpoint)),
  );
  try {
    const { command } = workload;
    const load = { command, requests, pipeline, numbers: random, random: systemRandom() };
    return await runLoad(connections, load);
  } finally {
    for (const connection of connections) connection.close();
  }
}

async function prepare(endpoint: Endpoint, command: readonly string[] | undefined): Promise<void> {
  if (command === undefined) return;
  using connection = await Connection.open(endpoint);
  await connection.ask('DEL', 'mylist');
  await connection.ask(...command);
}

/** The workloads that a list names; `lrange` names all that begin so. */
function chosen(workloads: readonly Workload[], names: string | undefined): readonly Workload[] {
  if (names === undefined) return workloads;
  const wanted = names
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  const fits = (name: string, want: string) => name === want || name.startsWith(`${want}_`);
  const unknown = wanted.find((want) => !workloads.some(({ name }) => fits(name, want)));
  if (unknown !== undefined) {
    const known = workloads.map(({ name }) => name).join(' ');
    throw usageFailure(`there is no test '${unknown}'; there are ${known}`);
  }
  return workloads.filter(({ name }) => wanted.some((want) => fits(name, want)));
}

function head(): string {
  const names = ['requests/s', 'mean', 'p50', 'p95', 'p99', 'max', 'ms'];
  return `${''.padEnd(titleChars)} ${names.map(cell).join(' ').replace(/ +ms$/, ' ms')}`;
}

function line({ title }: Workload, measured: Measured): string {
  const { requests, seconds, meanMs, mostMs } = measured;
  const rate = formatCount(requests / seconds);
  const times = [meanMs, ...percentilesOf(measured), mostMs].map((ms) => ms.toFixed(3));
  const shown = title.length > titleChars ? `${title.slice(0, titleChars - 1)}…` : title;
  return `${shown.padEnd(titleChars)} ${[rate, ...times].map(cell).join(' ')}`;
}

function cell(text: string): string {
  return text.padStart(10);
}

function csvLine({ title }: Workload, measured: Measured): string {
  const { requests, seconds, meanMs, leastMs, mostMs } = measured;
  const times = [meanMs, leastMs, ...percentilesOf(measured), mostMs].map((ms) => ms.toFixed(3));
  const cells = [title.replaceAll('"', '""'), (requests / seconds).toFixed(2), ...times];
  return cells.map((each) => `"${each}"`).join(',');
}

function percentilesOf({ latencies }: Measured): number[] {
  return percentiles.map((percentile) => latencies.percentileNs(percentile) / 1e6);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
