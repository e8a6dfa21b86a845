// Time of startServer(), what a test suite waits for: from the call, with the library loaded, to a server that listens on a
// port of its own. The first start of a process counts, which has everything to compile; so each is one of a process of its own.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { formatNumber, formatTable, type Metric, progress, verdict } from './report.ts';
import { median } from './stats.ts';

const firstMsMax = 100;
const startCount = 7;
const quickStartCount = 3;

const library = new URL('../src/embedded/server.ts', import.meta.url).href;
const program = `
import { startServer } from ${JSON.stringify(library)};
const took = [];
for (let start = 0; start < 2; start++) {
  const beganMs = performance.now();
  const server = await startServer();
  took.push(performance.now() - beganMs);
  await server.close();
}
console.log(JSON.stringify(took));
`;

/** Prints the table and returns the metrics. */
export async function measureStartServer(quick: boolean): Promise<Metric[]> {
  progress('startServer() in new processes');
  const firstMs: number[] = [];
  const nextMs: number[] = [];
  for (let start = 0; start < (quick ? quickStartCount : startCount); start++) {
    const args = ['--input-type=module', '-e', program];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const [first = Number.NaN, next = Number.NaN] = JSON.parse(stdout);
    firstMs.push(first);
    nextMs.push(next);
  }
  const [first, next] = [median(firstMs), median(nextMs)];
  const figures = [first, next].map(formatNumber);
  console.log(
    formatTable(
      ['startServer(), ms', 'first in a process', 'next', 'target'],
      [['to a port that listens', ...figures, verdict(first, firstMsMax)]],
    ),
  );
  return [
    { name: 'start_server.first', value: first, unit: 'ms', targetMax: firstMsMax },
    { name: 'start_server.next', value: next, unit: 'ms' },
  ];
}
