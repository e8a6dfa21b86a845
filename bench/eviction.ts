// Whether maxmemory holds for what is resident: a server with a limit of 300 MB is written several gigabytes of
// values of very different sizes, in phases that shift from small to large and back, and looked at every 10 ms.

import { SeededRandom } from '#platform/random.ts';
import { residentBytes } from './cpu.ts';
import { type Mix, writeMix } from './mixed-load.ts';
import { formatNumber, formatTable, type Metric, progress, verdict } from './report.ts';
import { type Lineup, type RunningServer, withServers } from './servers.ts';
import { info } from './wire.ts';

const mebibyte = 2 ** 20;
const limitBytes = 300 * mebibyte;
const sampleEveryMs = 10;
const residentRatioMax = 1.1;
const usedRatioMax = 1;

/** What is written, and how many MiB of it. */
const phases: readonly (readonly [Mix, number])[] = [
  ['mixed', 1200],
  ['small', 300],
  ['large', 1200],
  ['mixed', 600],
  ['medium', 600],
  ['small', 300],
  ['mixed', 800],
  ['large', 600],
];
const quickShare = 0.2;

/** What one phase showed. */
interface PhaseReport {
  readonly mix: Mix;
  readonly seconds: number;
  readonly residentMax: number | undefined;
  readonly used: number;
  readonly arenaUsed: number;
  readonly arenaHeld: number;
  readonly evicted: number;
}

/** Writes all phases to the subject, prints a table with a row for each, and returns the metrics. */
export async function measureEviction({ subject }: Lineup, quick: boolean): Promise<Metric[]> {
  const limited = {
    ...subject,
    args: (port: number) => [
      ...subject.args(port),
      ...['--maxmemory', `${limitBytes}`, '--maxmemory-policy', 'allkeys-lru'],
    ],
  };
  const reports = await withServers([limited], async ([server]) => {
    if (server === undefined) throw new Error('no server');
    const random = new SeededRandom(5);
    const list: PhaseReport[] = [];
    for (const [mix, mebibytes] of phases) {
      progress(`${server.name}: ${mix} values`);
      const bytes = mebibytes * mebibyte * (quick ? quickShare : 1);
      list.push(await runPhase(server, mix, bytes, random));
    }
    return list;
  });
  print(reports);
  return metricsOf(reports);
}

async function runPhase(
  { port, pid }: RunningServer,
  mix: Mix,
  bytes: number,
  random: SeededRandom,
): Promise<PhaseReport> {
  let residentMax = residentBytes(pid);
  const sampler = setInterval(() => {
    const resident = residentBytes(pid);
    if (resident !== undefined) residentMax = Math.max(residentMax ?? 0, resident);
  }, sampleEveryMs);
  const before = await info(port);
  const beganMs = performance.now();
  await writeMix({ port, host: '127.0.0.1', noDelay: true }, { mix, bytes, random }).finally(() =>
    clearInterval(sampler),
  );
  const seconds = (performance.now() - beganMs) / 1000;
  const after = await info(port);
  const field = (name: string) => after.get(name) ?? 0;
  return {
    mix,
    seconds,
    residentMax,
    used: field('used_memory'),
    arenaUsed: field('zippy_arena_used'),
    arenaHeld: field('zippy_arena_held'),
    evicted: field('evicted_keys') - (before.get('evicted_keys') ?? 0),
  };
}

function print(reports: readonly PhaseReport[]): void {
  const inMiB = (bytes: number) => formatNumber(bytes / mebibyte);
  const rows = reports.map(({ mix, seconds, residentMax, ...report }) => [
    mix,
    formatNumber(seconds),
    formatNumber(residentMax && residentMax / limitBytes),
    formatNumber(report.used / limitBytes),
    inMiB(report.arenaUsed),
    inMiB(report.arenaHeld),
    formatNumber(report.evicted),
    verdict(residentMax && residentMax / limitBytes, residentRatioMax),
  ]);
  const header = ['values', 's', 'max resident / limit', 'used / limit'];
  header.push('arenas used, MiB', 'held, MiB', 'evicted', 'target');
  console.log(formatTable(header, rows));
}

function metricsOf(reports: readonly PhaseReport[]): Metric[] {
  const residents = reports.flatMap(({ residentMax }) => residentMax ?? []);
  const metrics: Metric[] = [
    {
      name: 'used_ratio_max',
      value: Math.max(...reports.map(({ used }) => used)) / limitBytes,
      unit: 'ratio',
      targetMax: usedRatioMax,
    },
  ];
  if (residents.length === 0) return metrics;
  const value = Math.max(...residents) / limitBytes;
  return [
    { name: 'resident_ratio_max', value, unit: 'ratio', targetMax: residentRatioMax },
    ...metrics,
  ];
}
