// redis-benchmark, the program that drives the load: what it is told and what it answers (7.0: quoted CSV with a header).

import { run } from './children.ts';

/** What it sets and pushes. */
export const valueBytes = 32;

/** What redis-benchmark sends, how, and how often. */
export interface Drive {
  /** A test of its own, as in `['-t', 'set']`, or a command; `__rand_int__` in it is drawn from `range`. */
  request: readonly string[];
  connections: number;
  pipeline: number;
  requests: number;
  range: number;
  /** The default user if undefined. */
  user?: User | undefined;
}

export interface User {
  name: string;
  password: string;
}

/** Runs redis-benchmark against the server on `port` and returns the requests per second. Rejects on an error reply. */
export async function drive(port: number, what: Drive): Promise<number> {
  const { user } = what;
  const csv = await run('redis-benchmark', [
    ...['-p', `${port}`, '-c', `${what.connections}`, '-d', `${valueBytes}`],
    ...['-r', `${what.range}`, '-P', `${what.pipeline}`, '-n', `${what.requests}`],
    ...(user === undefined ? [] : ['--user', user.name, '-a', user.password]),
    ...['--csv', ...what.request],
  ]);
  return parseRequestsPerSecond(csv);
}

/** The requests per second of the only test in redis-benchmark's --csv output. */
export function parseRequestsPerSecond(csv: string): number {
  const rows = csv
    .split('\n')
    .filter((line) => line.startsWith('"'))
    .map((line) => line.split('","').map((cell) => cell.replaceAll('"', '').trim()));
  const column = rows[0]?.indexOf('rps') ?? -1;
  const value = Number(rows[1]?.[column]);
  if (rows.length !== 2 || !(value > 0)) {
    throw new Error(`unexpected output of redis-benchmark:\n${csv}`);
  }
  return value;
}
