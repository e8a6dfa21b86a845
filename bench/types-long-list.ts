// A list of 10 M items: the cost of reaching its middle, and how long a server is deaf when the whole of it goes.

import { type Figure, metricsOfFigures, printFigures } from './figures.ts';
import { startProbe } from './probe.ts';
import { type Metric, notSupported, progress } from './report.ts';
import { contenders, type Lineup, type RunningServer, withServers } from './servers.ts';
import { settledInfo } from './settle.ts';
import { median } from './stats.ts';
import { listOf, refill } from './types-data.ts';
import { ask, info } from './wire.ts';
import { lackingCommand, type Workload } from './workload.ts';

const fullItems = 10_000_000;
const quickItems = 1_000_000;
/** The median of so many: a longest stall is a single moment, which may have been another process's. */
const lossCount = 3;
/** Whatever is left to free is freed without pause. */
const patience = { pollMs: 100, pollsEqual: 4 };
const itemBytes = 16;
const stallMsMax = 5;
const middleCpuRatioMax = 0.01;
const key = 'long';

/** What the metrics of losing it begin with. */
export const lossName = 'list_loss';

/** The ways in which a key goes. */
const losses = [
  { name: 'DEL', label: 'DEL', request: ['DEL', key] },
  { name: 'UNLINK', label: 'UNLINK', request: ['UNLINK', key] },
  { name: 'SET', label: 'SET over it', request: ['SET', key, 'x'] },
] as const;

/** LINDEX at the middle: of 10 M items, to take a hundredth of the time of a server that walks there. */
export function middleWorkload(quick: boolean): Workload {
  const items = quick ? quickItems : fullItems;
  return {
    ...{ name: 'LINDEX_middle', request: ['LINDEX', key, `${items / 2}`] },
    ...{ pipeline: 100, ownPace: true, commands: ['LINDEX', 'RPUSH'] },
    ...(quick ? {} : { cpuRatioMax: middleCpuRatioMax }),
    prepare: (port) => refill(port, listOf(key, itemBytes), items),
  };
}

/** Lets each server lose the list in each of the ways, prints the table and returns the metrics. */
export async function measureLoss(lineup: Lineup, quick: boolean): Promise<Metric[]> {
  const items = quick ? quickItems : fullItems;
  const list = contenders(lineup);
  const columns: Figure[][] = [];
  for (const contender of list) {
    columns.push(await withServers([contender], ([server]) => loseEach(server, items)));
  }
  printFigures(
    list.map(({ name }) => name),
    columns,
  );
  return metricsOfFigures(columns);
}

async function loseEach(server: RunningServer | undefined, items: number): Promise<Figure[]> {
  if (server === undefined) throw new Error('no server');
  const lacking = await lackingCommand([server], ['RPUSH']);
  const figures: Figure[] = [];
  for (const loss of losses) {
    if (lacking !== undefined) {
      figures.push(...figuresOf(loss, undefined, notSupported(lacking)));
      continue;
    }
    progress(`${server.name}: ${loss.label}`);
    const repeats: Stalls[] = [];
    while (repeats.length < lossCount) repeats.push(await lose(server, loss.request, items));
    figures.push(...figuresOf(loss, medianStalls(repeats)));
  }
  return figures;
}

/** How long a server was deaf, in ms. */
interface Stalls {
  /** By its own account, where it gives one. */
  own: number | undefined;
  wait: number;
  probeLate: number;
}

async function lose(
  { port }: RunningServer,
  request: readonly string[],
  items: number,
): Promise<Stalls> {
  await refill(port, listOf(key, itemBytes), items);
  await settledInfo(port, patience);
  const stopProbe = await startProbe(port);
  await ask(port, 'CONFIG', 'RESETSTAT');
  await ask(port, ...request);
  await settledInfo(port, patience);
  const { maxMs, ownLateMaxMs } = await stopProbe();
  const own = (await info(port)).get('zippy_loop_stall_max_ms');
  return { own, wait: maxMs, probeLate: ownLateMaxMs };
}

function medianStalls(repeats: readonly Stalls[]): Stalls {
  const own = repeats.flatMap((stalls) => stalls.own ?? []);
  return {
    own: own.length === 0 ? undefined : median(own),
    wait: median(repeats.map(({ wait }) => wait)),
    probeLate: median(repeats.map(({ probeLate }) => probeLate)),
  };
}

function figuresOf(
  { name, label }: (typeof losses)[number],
  stalls: Stalls | undefined,
  missing?: string,
): Figure[] {
  const aim = { unit: 'ms' as const, targetMax: stallMsMax, missing };
  const prefix = `${lossName}.${name}`;
  return [
    {
      ...{ name: `${prefix}.stall_max`, label: `${label}: longest stall, own account, ms` },
      ...{ value: stalls?.own, ...aim },
    },
    {
      ...{ name: `${prefix}.wait_max`, label: `${label}: longest wait of a client, ms` },
      ...{ value: stalls?.wait, ...aim },
    },
    {
      ...{ name: `${prefix}.probe_late_max`, label: `${label}: the probe's own lateness, max, ms` },
      ...{ value: stalls?.probeLate, unit: 'ms' as const },
    },
  ];
}
