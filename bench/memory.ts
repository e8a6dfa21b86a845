// Memory per key and the longest stall while a server grows: one server at a time is filled with 1 M and then on to
// 10 M keys (16-byte keys, 32-byte values) while a probe pings it every millisecond.
//
// Used memory is what INFO reports, resident memory what the operating system sees; both are read when used memory
// has held still for a second. That lets short clean-ups finish, not every one: Redis moves an idle table to its larger
// successor for 1 ms in 100, so for about a minute after the last of 10 M keys its figure includes both (7 B a key).
//
// Where the user may, each server's thread goes before the load generator: on a machine of two CPUs it would otherwise wait
// for its turn, for several ms, and that is no stall of the server's.

import { preferThread, residentBytes } from './cpu.ts';
import { type Figure, metricsOfFigures, printFigures } from './figures.ts';
import { loadKeys } from './loader.ts';
import { type ProbeReport, startProbe } from './probe.ts';
import { formatNumber, type Metric, progress } from './report.ts';
import { contenders, type Lineup, type RunningServer, withServers } from './servers.ts';
import { settledInfo } from './settle.ts';
import { ask, info } from './wire.ts';

const usedBytesPerKeyMax = 79;
const residentPerUsedMax = 1.1;
const stallMsMax = 5;
/**
 * The heap must not grow with the keys. Uncollected garbage makes 16 MB or so of difference between two readings,
 * 2 B a key here; the smallest object kept for each key would be 12 B or more.
 */
const heapBytesPerKeyMax = 4;

/** A server at one point of its growth, in bytes. */
interface Footprint {
  keys: number;
  used: number;
  resident: number | undefined;
  /** Zippy only. */
  heap: number | undefined;
}

interface Growth {
  empty: Footprint;
  small: Footprint;
  large: Footprint;
  probe: ProbeReport;
  /** By the server's own account, where it gives one. */
  ownStallMaxMs: number | undefined;
}

/** Fills each server in turn, prints the table and returns the metrics. */
export async function measureMemory(lineup: Lineup, quick: boolean): Promise<Metric[]> {
  const [smallKeys, largeKeys] = quick ? [100_000, 1_000_000] : [1_000_000, 10_000_000];
  const growths: Growth[] = [];
  for (const contender of contenders(lineup)) {
    growths.push(
      await withServers([contender], async ([server]) => {
        if (server === undefined) throw new Error('no server');
        return grow(server, smallKeys, largeKeys);
      }),
    );
  }
  // The targets are set for 10 M keys; with fewer, what a process costs empty weighs too much.
  const figures = growths.map(figuresOf).map((list) => (quick ? list.map(withoutTarget) : list));
  printFigures(
    contenders(lineup).map(({ name }) => name),
    figures,
  );
  return metricsOfFigures(figures);
}

async function grow(server: RunningServer, smallKeys: number, largeKeys: number): Promise<Growth> {
  progress(`${server.name}: ${formatNumber(largeKeys)} keys`);
  preferThread(server.pid);
  const empty = await settledFootprint(server, 0);
  await ask(server.port, 'CONFIG', 'RESETSTAT');
  const stopProbe = await startProbe(server.port);
  await loadKeys(server.port, { from: 0, to: smallKeys });
  const small = await settledFootprint(server, smallKeys);
  await loadKeys(server.port, { from: smallKeys, to: largeKeys });
  const probe = await stopProbe();
  const ownStallMaxMs = (await info(server.port)).get('zippy_loop_stall_max_ms');
  const large = await settledFootprint(server, largeKeys);
  return { empty, small, large, probe, ownStallMaxMs };
}

async function settledFootprint(server: RunningServer, keys: number): Promise<Footprint> {
  const fields = await settledInfo(server.port);
  const used = fields.get('used_memory');
  if (used === undefined) throw new Error(`${server.name}: INFO has no used_memory`);
  const size = Number(await ask(server.port, 'DBSIZE'));
  if (size !== keys) throw new Error(`${server.name}: ${size} keys instead of ${keys}`);
  const resident = residentBytes(server.pid) ?? fields.get('used_memory_rss');
  return { keys, used, resident, heap: fields.get('zippy_heap_used') };
}

function figuresOf({ empty, small, large, probe, ownStallMaxMs }: Growth): Figure[] {
  const figure = (
    name: string,
    label: string,
    unit: Metric['unit'],
    value: number | undefined,
    targetMax?: number,
  ): Figure => ({ name, label, unit, value, ...(targetMax === undefined ? {} : { targetMax }) });

  const atSize = (point: Footprint, aimed: boolean): Figure[] => {
    const size = countName(point.keys);
    const perKey = (bytes: number | undefined, before = 0) =>
      bytes === undefined ? undefined : (bytes - before) / point.keys;
    const used = perKey(point.used, empty.used);
    const resident = perKey(point.resident, empty.resident);
    const ratio = point.resident && point.resident / point.used;
    const aim = (max: number) => (aimed ? max : undefined);
    return [
      figure(`used_per_key.${size}`, `used B/key, ${size}`, 'B', used, aim(usedBytesPerKeyMax)),
      figure(`resident_per_key.${size}`, `resident B/key, ${size}`, 'B', resident),
      figure(
        `resident_ratio.${size}`,
        `resident / used, ${size}`,
        'ratio',
        ratio,
        aim(residentPerUsedMax),
      ),
    ];
  };
  const heapGrowth =
    large.heap === undefined || small.heap === undefined
      ? undefined
      : (large.heap - small.heap) / (large.keys - small.keys);
  const late = probe.ownLateMaxMs;
  return [
    ...atSize(small, false),
    ...atSize(large, true),
    figure('heap_growth_per_key', 'JS heap growth, B/key', 'B', heapGrowth, heapBytesPerKeyMax),
    figure('stall_max', 'longest stall, own account, ms', 'ms', ownStallMaxMs, stallMsMax),
    figure('wait_max', 'longest wait of a client, ms', 'ms', probe.maxMs, stallMsMax),
    figure('wait_p999', 'p99.9 wait of a client, ms', 'ms', probe.p999Ms),
    figure('probe_late_max', "the probe's own lateness, max, ms", 'ms', late),
    figure('probe_late_p999', "the probe's own lateness, p99.9, ms", 'ms', probe.ownLateP999Ms),
  ];
}

function withoutTarget({ targetMax: _, ...figure }: Figure): Figure {
  return figure;
}

function countName(keys: number): string {
  return keys >= 1_000_000 ? `${keys / 1_000_000}M` : `${keys / 1000}k`;
}
