// What a snapshot costs while clients write: how long it takes, how much memory more, and how long clients wait, beside
// redis-server, which forks; how long it takes to load it again; and what one costs that holds only what changed. One server at
// a time: they would share the processor.

import { measureAppendLog } from './append-log.ts';
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
const ownStallMsMax = 5;
/** Keys that have changed before a delta is written, of all. */
const changedShare = 0.01;
const deltaRatioMax = 0.03;
const loadRatioMax = 0.9;
const saveRatioMax = 1;
/** Points in time that never come, to begin with. */
const never = '1000000 1000000000';

interface Cost {
  readonly name: string;
  readonly saveMs: number;
  /** Resident at most while it was taken, as a part of what was before; a fork's copies are counted. */
  readonly peakRatio: number | undefined;
  readonly stallMs: number;
  /** The longest stall by the server's own account, if it keeps one. */
  readonly ownStallMs: number | undefined;
  readonly p999Ms: number;
  /** How late the probe's own timer was at most: shorter stalls say nothing. */
  readonly lateMs: number;
  readonly loadMs: number;
  /** A snapshot of what changed, as a part of one of everything, both without a load; undefined where there is none. */
  readonly deltaRatio: number | undefined;
}

/** Takes a snapshot of 16-byte keys with 32-byte values under writes, prints a table, and returns the metrics. */
export async function measurePersistence(who: Lineup, quick: boolean): Promise<Metric[]> {
  const keys = quick ? quickKeyCount : keyCount;
  const costs: Cost[] = [];
  for (const contender of contenders(who)) {
    costs.push(await withServers([withReload(contender)], ([server]) => measure(server, keys)));
  }
  print(costs);
  return [...metricsOf(costs), ...(await measureAppendLog(who, quick))];
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
  await ask(port, 'CONFIG', 'RESETSTAT');
  const beganMs = performance.now();
  await ask(port, 'BGSAVE');
  while (isSaving) {
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs));
    peak = Math.max(peak, residentBytes(pid) ?? 0);
    isSaving = (await info(port)).get('rdb_bgsave_in_progress') === 1;
  }
  const saveMs = performance.now() - beganMs;
  const { maxMs: stallMs, p999Ms, ownLateMaxMs: lateMs } = await endProbe();
  await writes;
  const ownStallMs = (await info(port)).get('zippy_loop_stall_max_ms');
  const copied = (await info(port)).get('rdb_last_cow_size') ?? 0;
  const deltaRatio = await measureDelta(server, keys);
  progress(`${name}: loading the snapshot`);
  const loadBeganMs = performance.now();
  await ask(port, 'DEBUG', 'RELOAD', 'NOSAVE');
  const loadMs = performance.now() - loadBeganMs;
  const peakRatio = before === undefined ? undefined : (peak + copied) / before;
  return { name, saveMs, peakRatio, stallMs, ownStallMs, p999Ms, lateMs, loadMs, deltaRatio };
}

/** How long a snapshot of 1 % takes against one of everything, where the server takes any. */
async function measureDelta(
  { port, name }: RunningServer,
  keys: number,
): Promise<number | undefined> {
  if (!(await info(port)).has('rdb_deltas')) return undefined;
  progress(`${name}: taking a snapshot of what changed`);
  const save = async () => {
    const { taken } = await savesOf(port);
    while ((await savesOf(port)).taken === taken) {
      await new Promise((resolve) => setTimeout(resolve, pollEveryMs));
    }
    return (await savesOf(port)).lastMs;
  };
  await ask(port, 'CONFIG', 'SET', 'save', never);
  await ask(port, 'BGSAVE');
  const fullMs = await save();
  await loadKeys(port, { from: 0, to: keys * changedShare });
  await ask(port, 'CONFIG', 'SET', 'save', '1 1');
  const deltaMs = await save();
  await ask(port, 'CONFIG', 'SET', 'save', '');
  const { deltas } = await savesOf(port);
  if (deltas !== 1) throw new Error(`there are ${deltas} deltas and not one`);
  // What is loaded next is one file, as Redis's.
  await ask(port, 'SAVE');
  return deltaMs / fullMs;
}

async function savesOf(port: number): Promise<{ taken: number; lastMs: number; deltas: number }> {
  const fields = await info(port);
  const field = (name: string) => fields.get(name) ?? 0;
  return {
    taken: field('rdb_saves'),
    lastMs: field('rdb_last_bgsave_time_ms'),
    deltas: field('rdb_deltas'),
  };
}

/** Overwrites keys, all over the table, for as long as `goesOn` says. */
async function overwrite(port: number, keys: number, goesOn: () => boolean): Promise<void> {
  for (let from = 0; goesOn(); from = (from + writtenPerRound) % keys) {
    await loadKeys(port, { from, to: Math.min(keys, from + writtenPerRound) });
  }
}

function print(costs: readonly Cost[]): void {
  const rows = costs.map((cost) => [
    cost.name,
    formatNumber(cost.saveMs),
    cost.peakRatio === undefined ? noFigure : formatNumber(cost.peakRatio),
    formatNumber(cost.ownStallMs),
    formatNumber(cost.stallMs),
    formatNumber(cost.p999Ms),
    formatNumber(cost.lateMs),
    formatNumber(cost.loadMs),
    formatNumber(cost.deltaRatio),
    verdict(cost.p999Ms, p999MsMax),
  ]);
  const header = ['server', 'snapshot, ms', 'peak memory ×', 'own stall, ms', 'longest wait, ms'];
  header.push('p99.9, ms', 'probe late, ms', 'load, ms', 'delta of 1 % ×', 'p99.9 target');
  console.log(formatTable(header, rows));
}

function metricsOf([own, peer]: readonly Cost[]): Metric[] {
  if (own === undefined) return [];
  const { saveMs, stallMs, p999Ms, loadMs, peakRatio, deltaRatio } = own;
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
  if (own.ownStallMs !== undefined) {
    const value = own.ownStallMs;
    metrics.push({ name: 'snapshot.own_stall', value, unit: 'ms', targetMax: ownStallMsMax });
  }
  if (deltaRatio !== undefined) {
    const value = deltaRatio;
    metrics.push({ name: 'delta.ratio', value, unit: 'ratio', targetMax: deltaRatioMax });
  }
  if (peer !== undefined) {
    const ratio = (name: string, value: number, targetMax: number): Metric => {
      return { name, value, unit: 'ratio', targetMax };
    };
    metrics.push(ratio('load.redis_ratio', loadMs / peer.loadMs, loadRatioMax));
    metrics.push(ratio('snapshot.redis_ratio', saveMs / peer.saveMs, saveRatioMax));
  }
  return metrics;
}
