// `npm run bench`: measures Zippy beside redis-server, prints tables with the targets, keeps the results as JSON, and
// shows their trend with `--compare`. How to read the figures: docs/benchmarks.md.

import { parseArgs } from 'node:util';
import { undoEverythingAtExit } from './children.ts';
import { measureConnections } from './connections.ts';
import { measureDoors } from './doors.ts';
import { measureEmbedded } from './embedded.ts';
import { measureEviction } from './eviction.ts';
import { measureGrpc } from './grpc.ts';
import { measureMemory } from './memory.ts';
import { measurePersistence } from './persistence.ts';
import {
  formatNumber,
  formatTable,
  type Metric,
  noFigure,
  targetSummary,
  verdict,
} from './report.ts';
import { cpuModel, loadAverage, type Part, parts, store, stored, trends } from './results.ts';
import { type Lineup, lineup } from './servers.ts';
import { measureStartup } from './startup.ts';
import { measureStructures } from './structures.ts';
import { measureThroughput } from './throughput.ts';
import { measureTransactions } from './transactions.ts';
import { measureTypes } from './types.ts';

const usage = `npm run bench -- [options]
  --only PART   ${parts.join(', ')}; may be repeated
  --match TEXT  of throughput, types and connections only the rows whose name contains it, as in ZADD or .p16; not stored
  --quick       smaller numbers, in a few minutes: for a first impression
  --noise       redis-server beside itself: what this machine makes of equals; not stored
  --compare     measure nothing, show the trend over the stored results`;

const trendValuesMax = 5;
const quietLoadMax = 0.5;

/** The parts that have so many rows that one may want some of them. */
const matchable: readonly Part[] = ['throughput', 'types', 'connections'];

interface Options {
  only: Part[];
  /** What the name of a row has to contain; undefined for all rows. */
  match: string | undefined;
  quick: boolean;
  noise: boolean;
  compare: boolean;
}

async function main(): Promise<void> {
  const options = parseOptions();
  if (options === undefined) return;
  if (options.compare) return compare(options);
  undoEverythingAtExit();
  const who = lineup(options.noise);
  if (who.peer === undefined) console.log('redis-server is not installed: no ratios');
  const peers = who.peer === undefined ? {} : { [who.peer.name]: who.peer.version ?? 'unknown' };
  if (options.noise) console.log('both sides are redis-server: the targets mean nothing here');
  const loadBefore = loadAverage();
  if (loadBefore > quietLoadMax) {
    console.log(`this machine is busy (load ${formatNumber(loadBefore)}): expect noisy figures`);
  }
  for (const part of options.only) {
    console.log(`\n${part}`);
    const metrics = await measure(part, who, options);
    if (metrics.length === 0) console.log('nothing measured');
    const summary = targetSummary(metrics);
    if (summary !== undefined) console.log(summary);
    if (!options.noise && options.match === undefined)
      console.log(
        `kept: ${await store(part, metrics, { loadBefore, peers, quick: options.quick })}`,
      );
  }
}

function measure(part: Part, who: Lineup, { quick, match = '' }: Options): Promise<Metric[]> {
  switch (part) {
    case 'startup':
      return measureStartup(who, quick);
    case 'structures':
      return measureStructures(quick);
    case 'throughput':
      return measureThroughput(who, { quick, match });
    case 'types':
      return measureTypes(who, { quick, match });
    case 'memory':
      return measureMemory(who, quick);
    case 'eviction':
      return measureEviction(who, quick);
    case 'connections':
      return measureConnections(who, { quick, match });
    case 'transactions':
      return measureTransactions(who, quick);
    case 'persistence':
      return measurePersistence(who, quick);
    case 'doors':
      return measureDoors(quick);
    case 'grpc':
      return measureGrpc(quick);
    case 'embedded':
      return measureEmbedded(quick);
  }
}

/** The options, or undefined when the command line only asked for, or needs, the usage. */
function parseOptions(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', multiple: true, default: [] },
        match: { type: 'string' },
        quick: { type: 'boolean', default: false },
        noise: { type: 'boolean', default: false },
        compare: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      return undefined;
    }
    for (const name of values.only) {
      if (!parts.some((part) => part === name)) throw new Error(`unknown part '${name}'`);
    }
    const { match } = values;
    const known = match === undefined ? parts : matchable;
    if (values.only.some((name) => !known.some((part) => part === name))) {
      throw new Error(`--match is for ${matchable.join(', ')}`);
    }
    const only = known.filter((part) => values.only.length === 0 || values.only.includes(part));
    return { ...values, match, only };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exitCode = 1;
    return undefined;
  }
}

async function compare({ only, quick }: Options): Promise<void> {
  const all = await stored();
  const comparable = all.filter(
    (result) => only.includes(result.part) && result.quick === quick && result.cpu === cpuModel(),
  );
  const rows = trends(comparable, trendValuesMax).map(({ part, metric, values, change }) => [
    `${part} ${metric.name}`,
    metric.unit,
    ...Array.from({ length: trendValuesMax }, (_, column) =>
      formatNumber(values[column - trendValuesMax + values.length]),
    ),
    change === undefined ? noFigure : `${change < 0 ? '' : '+'}${(change * 100).toFixed(1)} %`,
    verdict(metric.value, metric.targetMax),
  ]);
  const older = Array.from(
    { length: trendValuesMax - 1 },
    (_, column) => `-${trendValuesMax - 1 - column}`,
  );
  console.log(formatTable(['', 'unit', ...older, 'last', 'change', 'target'], rows));
  console.log(
    `${comparable.length} of ${all.length} stored results: ${quick ? 'quick' : 'full'} ones from ${cpuModel()}`,
  );
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
