// What a snapshot costs while clients write: how long it takes, how much memory more, and how long clients wait, beside
// redis-server, which forks; and how long it takes to load it again. One server at a time: they would share the processor.

import { preferThread, residentBytes } from './cpu.ts';
import { loadKeys } from './loader.ts';
import { startProbe } from './probe.ts';
import { formatNumber, formatTable, type Metric, noFigure, progress, verdict } from './report.ts';
import {
  type Contender,
  contenders,
  type Lineup,
  type RunningServer,
  withServers,
} from './servers.ts';
import { ask, info } from './wire.ts';

const keyCount = 10_000_000;
const quickKeyCount = 1_000_000;
const pollEveryMs = 20;
/** Keys that the load overwrites between two looks at whether it is to go on. */
const writtenPerRound = 200_000;
const peakRatioMax = 1.25;
const p999MsMax = 10;

interface Cost {
  readonly name: string;
  readonly saveMs: number;
  /** Resident at most while it was taken, as a part of what was before; a fork's copies are counted. */
  readonly peakRatio: number | undefined;
  readonly stallMs: number;
  readonly p999Ms: number;
  readonly loadMs: number;
}

/** Takes a snapshot of 16-byte keys with 32-byte values under writes, prints a table, and returns the metrics. */
export async function measurePersistence(who: Lineup, quick: boolean): Promise<Metric[]> {
  const keys = quick ? quickKeyCount : keyCount;
  const costs: Cost[] = [];
  for (const contender of contenders(who)) {
    costs.push(await withServers([withReload(contender)], ([server]) => measure(server, keys)));
  }
  print(costs);
  return metricsOf(costs);
}

function withReload(contender: Contender): Contender {
  return {
    ...contender,
    args: (port) => [...contender.args(port), '--enable-debug-command', 'yes'],
  };
}

async function measure(server: RunningServer | undefined, keys: number): Promise<Cost> {
  if (server === undefined) throw new Error('no server');
  const { name, port, pid } = server;
  preferThread(pid);
  progress(`${name}: loading ${formatNumber(keys)} keys`);
  await loadKeys(port, { from: 0, to: keys });
  progress(`${name}: taking a snapshot under writes`);
  const before = residentBytes(pid);
  let peak = before ?? 0;
  let isSaving = true;
  const writes = overwrite(port, keys, () => isSaving);
  const endProbe = await startProbe(port);
  const beganMs = performance.now();
  await ask(port, 'BGSAVE');
  while (isSaving) {
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs));
    peak = Math.max(peak, residentBytes(pid) ?? 0);
    isSaving = (await info(port)).get('rdb_bgsave_in_progress') === 1;
  }
  const saveMs = performance.now() - beganMs;
  const { maxMs: stallMs, p999Ms } = await endProbe();
  await writes;
  const copied = (await info(port)).get('rdb_last_cow_size') ?? 0;
  progress(`${name}: loading the snapshot`);
  const loadBeganMs = performance.now();
  await ask(port, 'DEBUG', 'RELOAD', 'NOSAVE');
  const loadMs = performance.now() - loadBeganMs;
  const peakRatio = before === undefined ? undefined : (peak + copied) / before;
  return { name, saveMs, peakRatio, stallMs, p999Ms, loadMs };
}

/** Overwrites keys, all over the table, for as long as `goesOn` says. */
async function overwrite(port: number, keys: number, goesOn: () => boolean): Promise<void> {
  for (let from = 0; goesOn(); from = (from + writtenPerRound) % keys) {
    await loadKeys(port, { from, to: Math.min(keys, from + writtenPerRound) });
  }
}

function print(costs: readonly Cost[]): void {
  const rows = costs.map(({ name, saveMs, peakRatio, stallMs, p999Ms, loadMs }) => [
    name,
    formatNumber(saveMs),
    peakRatio === undefined ? noFigure : formatNumber(peakRatio),
    formatNumber(stallMs),
    formatNumber(p999Ms),
    formatNumber(loadMs),
    verdict(p999Ms, p999MsMax),
  ]);
  const header = ['server', 'snapshot, ms', 'peak memory ×', 'longest stall, ms', 'p99.9, ms'];
  console.log(formatTable([...header, 'load, ms', 'p99.9 target'], rows));
}

function metricsOf([own, peer]: readonly Cost[]): Metric[] {
  if (own === undefined) return [];
  const { saveMs, stallMs, p999Ms, loadMs, peakRatio } = own;
  const metrics: Metric[] = [
    { name: 'snapshot', value: saveMs, unit: 'ms' },
    { name: 'snapshot.stall', value: stallMs, unit: 'ms' },
    { name: 'snapshot.p999', value: p999Ms, unit: 'ms', targetMax: p999MsMax },
    { name: 'load', value: loadMs, unit: 'ms' },
  ];
  if (peakRatio !== undefined) {
    metrics.push({
      name: 'snapshot.peak_ratio',
      value: peakRatio,
      unit: 'ratio',
      targetMax: peakRatioMax,
    });
  }
  if (peer !== undefined) {
    metrics.push({ name: 'load.redis_ratio', value: loadMs / peer.loadMs, unit: 'ratio' });
  }
  return metrics;
}
