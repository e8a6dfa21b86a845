/** `--stat`: what a server does, a line at a time, until somebody has seen enough. */
import type { Connection } from '../client/connection.ts';
import { infoOf } from '../client/replies.ts';
import { exitCode } from '../failure.ts';
import { Interruption } from '../terminal/interruption.ts';
import { formatBytes } from '../terminal/units.ts';

const pauseMsDefault = 1000;
const headEvery = 20;
const widths = [12, 11, 9, 9, 22, 12] as const;
const head = ['keys', 'memory', 'clients', 'blocked', 'requests', 'connections'];

export interface StatisticsOptions {
  readonly repeat?: number;
  readonly interval?: number;
}

export async function watchStatistics(
  connection: Connection,
  { repeat = Infinity, interval = pauseMsDefault }: StatisticsOptions,
): Promise<number> {
  using interruption = new Interruption();
  let before: number | undefined;
  for (let line = 0; line < repeat && !interruption.isAsked; line++) {
    const info = await infoOf(connection);
    const requests = Number(info.get('total_commands_processed'));
    const more = before === undefined ? '' : ` (+${requests - before})`;
    before = requests;
    if (line % headEvery === 0) print(head);
    print([
      `${keysIn(info)}`,
      formatBytes(Number(info.get('used_memory'))),
      info.get('connected_clients') ?? '',
      info.get('blocked_clients') ?? '',
      `${requests}${more}`,
      info.get('total_connections_received') ?? '',
    ]);
    if (line + 1 < repeat) await interruption.pause(interval);
  }
  return exitCode.success;
}

/** The keys of all databases. */
function keysIn(info: ReadonlyMap<string, string>): number {
  let sum = 0;
  for (const [name, value] of info) {
    if (/^db\d+$/.test(name)) sum += Number(/keys=(\d+)/.exec(value)?.[1] ?? 0);
  }
  return sum;
}

function print(cells: readonly string[]): void {
  const line = cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' ');
  process.stdout.write(`${line.trimEnd()}\n`);
}
