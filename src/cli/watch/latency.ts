/**
 * `--latency`: how long a PING takes. On a terminal for as long as somebody watches, with a plot of the last ones; otherwise for a
 * second, and one line of figures.
 */
import type { Connection } from '../client/connection.ts';
import { exitCode } from '../failure.ts';
import type { OutputMode } from '../output/format.ts';
import { Interruption } from '../terminal/interruption.ts';
import { type Bar, drawPlot, plotLines } from './plot.ts';

const pauseMs = 10;
const briefMs = 1000;
/** What one bar of the plot stands for. */
const barMs = 200;

class Latencies {
  count = 0;
  private sumMs = 0;
  private leastMs = Infinity;
  private mostMs = 0;

  add(ms: number): void {
    this.count++;
    this.sumMs += ms;
    this.leastMs = Math.min(this.leastMs, ms);
    this.mostMs = Math.max(this.mostMs, ms);
  }

  get figures(): { min: string; max: string; avg: string; count: number } {
    const { leastMs, mostMs, sumMs, count } = this;
    const [min = '', max = '', avg = ''] = [leastMs, mostMs, sumMs / count].map((ms) =>
      ms.toFixed(3),
    );
    return { min, max, avg, count };
  }
}

export async function watchLatency(
  connection: Connection,
  mode: OutputMode | undefined,
): Promise<number> {
  using interruption = new Interruption();
  const isLive = mode === undefined && process.stdout.isTTY === true;
  const all = new Latencies();
  const startMs = performance.now();
  const bars: Bar[] = [];
  let bar: Bar = { ms: 0 };
  let barEndMs = startMs + barMs;
  if (isLive) process.stdout.write('\n'.repeat(plotLines));
  while (!interruption.isAsked && (isLive || performance.now() - startMs < briefMs)) {
    const sentMs = performance.now();
    await connection.ask('PING');
    const nowMs = performance.now();
    all.add(nowMs - sentMs);
    bar = { ms: Math.max(bar.ms, nowMs - sentMs) };
    if (isLive && nowMs >= barEndMs) {
      bars.push(bar);
      bar = { ms: 0 };
      barEndMs = nowMs + barMs;
      process.stdout.write(drawPlot(bars, process.stdout.columns, titleOf(all)));
    }
    await interruption.pause(pauseMs);
  }
  if (!isLive) process.stdout.write(`${summary(all, mode)}\n`);
  return exitCode.success;
}

function titleOf(all: Latencies): string {
  const { min, max, avg, count } = all.figures;
  return `min ${min}  avg ${avg}  max ${max} ms  (${count} samples)  Ctrl-C ends`;
}

function summary(all: Latencies, mode: OutputMode | undefined): string {
  const { min, max, avg, count } = all.figures;
  if (mode === 'json') return `{"min":${min},"max":${max},"avg":${avg},"count":${count}}`;
  return [min, max, avg, count].join(mode === 'csv' ? ',' : ' ');
}
