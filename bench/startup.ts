// Time from creating the server's process to its first PONG, with nothing to load: what a developer or a test suite
// waits for. Zippy is started as its own process, without npm in front. Starts take turns; the median counts.

import { formatNumber, formatTable, type Metric, progress, verdict } from './report.ts';
import { contenders, type Lineup, start } from './servers.ts';
import { median } from './stats.ts';

const startMsMax = 400;
const startCount = 5;
const quickStartCount = 3;

/** Starts each server several times, prints the table and returns the metrics. */
export async function measureStartup(lineup: Lineup, quick: boolean): Promise<Metric[]> {
  const list = contenders(lineup);
  progress(`starting ${list.map(({ name }) => name).join(' and ')}`);
  const startsMs: number[][] = list.map(() => []);
  for (let round = 0; round < (quick ? quickStartCount : startCount); round++) {
    for (const [index, contender] of list.entries()) {
      const server = await start(contender);
      await server.stop();
      startsMs[index]?.push(server.startMs);
    }
  }
  const [subject, peer] = startsMs.map(median);
  if (subject === undefined) throw new Error('nothing was started');
  console.log(
    formatTable(
      ['', ...list.map(({ name }) => name), 'target'],
      [
        [
          'start to first reply, ms',
          ...startsMs.map((samples) => formatNumber(median(samples))),
          verdict(subject, startMsMax),
        ],
      ],
    ),
  );
  const metrics: Metric[] = [{ name: 'start', value: subject, unit: 'ms', targetMax: startMsMax }];
  if (peer !== undefined) metrics.push({ name: 'start_peer', value: peer, unit: 'ms' });
  return metrics;
}
