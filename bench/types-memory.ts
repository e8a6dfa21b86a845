// Memory of the types: what used memory grows by, for each item, when a server just started is given one kind of data.

import { type Figure, metricsOfFigures, printFigures } from './figures.ts';
import { type Filling, numberSlot } from './loader.ts';
import { type Metric, notSupported, progress } from './report.ts';
import { contenders, type Lineup, type RunningServer, withServers } from './servers.ts';
import { settledInfo } from './settle.ts';
import { listOf, loadScattered, setOf, sortedSetOf } from './types-data.ts';
import { ask } from './wire.ts';
import { lackingCommand } from './workload.ts';

const million = 1_000_000;
const streamName = 'used.stream_entry';
const streamRatioMax = 1;

/** One kind of data and what an item of it may take. */
interface Case {
  name: string;
  label: string;
  items: number;
  filling: Filling;
  /** Asks how many items there are. */
  count: readonly [string, ...string[]];
  usedBytesMax?: number;
}

/** The kinds of data, with fewer items where there would be many. */
export function memoryCases(quick: boolean): Case[] {
  const listItems = quick ? million : 10 * million;
  return [
    {
      ...{ name: 'used.hash', label: 'hash of 10 fields, with its key, B', items: 10_000 },
      ...{ filling: smallHashes(), count: ['DBSIZE'], usedBytesMax: 280 },
    },
    {
      ...{ name: 'used.sorted_set_member', label: 'sorted set member of 20 B, B', items: million },
      ...{ filling: sortedSetOf('z'), count: ['ZCARD', 'z'], usedBytesMax: 80 },
    },
    {
      ...{ name: 'used.set_member', label: 'set member of 20 B, B', items: million },
      ...{ filling: setOf('s'), count: ['SCARD', 's'], usedBytesMax: 38 },
    },
    {
      ...{ name: 'used.list_item', label: 'list item of 16 B, B', items: listItems },
      ...{ filling: listOf('l', 16), count: ['LLEN', 'l'], usedBytesMax: 19 },
    },
    {
      ...{ name: streamName, label: 'stream entry of one field, B', items: 100_000 },
      ...{ filling: streamEntries('x'), count: ['XLEN', 'x'] },
    },
  ];
}

/** Keys of 16 bytes, each a hash of ten fields with values of 10 bytes. */
function smallHashes(): Filling {
  const fields = Array.from({ length: 10 }, (_, n) => [`field:${n}`, `value-00${n}v`]).flat();
  return { head: ['HSET'], item: [`key:${numberSlot}`, ...fields], itemsPerCommand: 1 };
}

/** Entries of one field with a value of 16 bytes. */
function streamEntries(key: string): Filling {
  const item = ['field', `val:${numberSlot}`];
  return { head: ['XADD', key, '*'], item, itemsPerCommand: 1, linesPerReply: 2 };
}

/** Fills each server with one kind of data after another, prints the table and returns the metrics. */
export async function measureTypesMemory(
  lineup: Lineup,
  cases: readonly Case[],
): Promise<Metric[]> {
  const list = contenders(lineup);
  const columns: Figure[][] = list.map(() => []);
  for (const each of cases) {
    for (const [index, contender] of list.entries()) {
      const figure = await withServers([contender], ([server]) => measureCase(server, each));
      columns[index]?.push(figure);
    }
  }
  addStreamRatio(columns);
  printFigures(
    list.map(({ name }) => name),
    columns,
  );
  return metricsOfFigures(columns);
}

async function measureCase(server: RunningServer | undefined, each: Case): Promise<Figure> {
  if (server === undefined) throw new Error('no server');
  const { name, label, items, filling, count, usedBytesMax } = each;
  const figure = {
    ...{ name, label, unit: 'B' as const },
    ...(usedBytesMax === undefined ? {} : { targetMax: usedBytesMax }),
  };
  const lacking = await lackingCommand([server], [filling.head[0] ?? '']);
  if (lacking !== undefined) {
    return { ...figure, value: undefined, missing: notSupported(lacking) };
  }
  progress(`${server.name}: ${label}`);
  const before = await usedBytes(server);
  await loadScattered(server.port, filling, { from: 0, to: items });
  const after = await usedBytes(server);
  const counted = Number(await ask(server.port, ...count));
  if (counted !== items) throw new Error(`${server.name}: ${counted} items instead of ${items}`);
  return { ...figure, value: (after - before) / items };
}

async function usedBytes({ name, port }: RunningServer): Promise<number> {
  const used = (await settledInfo(port)).get('used_memory');
  if (used === undefined) throw new Error(`${name}: INFO has no used_memory`);
  return used;
}

/** A row that sets the two servers' stream entries side by side, if they were measured. */
function addStreamRatio([subject, peer]: Figure[][]): void {
  const isStream = ({ name }: Figure) => name === streamName;
  const [ours, theirs] = [subject?.find(isStream), peer?.find(isStream)];
  if (ours === undefined) return;
  const value = ours.value && theirs?.value && ours.value / theirs.value;
  const ratio = { name: `${streamName}.ratio`, label: 'stream entry, ratio', value };
  subject?.push({ ...ratio, unit: 'ratio', targetMax: streamRatioMax, missing: ours.missing });
}
