/** What people read about latency: a graph of an event's latest samples, and a report with advice. */
import type { LatencyEvent } from '#observe/latency-monitor.ts';

const graphColumns = 80;
const graphRows = 4;
/** From nothing to full, for the height of a sample within its row, as Redis draws it. */
const shades = '_o#';

/** How many seconds, minutes, hours or days have passed since. */
function age(at: number, nowSeconds: number): string {
  const elapsed = Math.max(0, nowSeconds - at);
  if (elapsed < 60) return `${elapsed}s`;
  if (elapsed < 3600) return `${Math.floor(elapsed / 60)}m`;
  if (elapsed < 86_400) return `${Math.floor(elapsed / 3600)}h`;
  return `${Math.floor(elapsed / 86_400)}d`;
}

/** An event's samples as bars of text, each with its age below, read downwards. */
export function latencyGraph(event: LatencyEvent, nowSeconds: number): string {
  const { name, samples, maxMs } = event;
  const values = samples.map(({ latencyMs }) => latencyMs);
  const high = Math.max(...values);
  const low = Math.min(...values);
  const lines = [
    `${name} - high ${high} ms, low ${low} ms (all time high ${maxMs} ms)`,
    '-'.repeat(graphColumns),
  ];
  for (let from = 0; from < samples.length; from += graphColumns) {
    const part = samples.slice(from, from + graphColumns);
    lines.push(...bars(part.map(({ latencyMs }) => heightOf(latencyMs, low, high))), '');
    lines.push(...downwards(part.map(({ at }) => age(at, nowSeconds))));
  }
  return `${lines.join('\n')}\n`;
}

/** The height of a bar in steps of a third of a row. */
function heightOf(value: number, low: number, high: number): number {
  const steps = graphRows * shades.length - 1;
  return high === low ? 0 : Math.floor(((value - low) / (high - low)) * steps);
}

function bars(heights: readonly number[]): string[] {
  const rows: string[] = [];
  for (let row = graphRows - 1; row >= 0; row--) {
    let line = '';
    for (const height of heights) {
      const step = height - row * shades.length;
      if (step < 0) line += ' ';
      else line += step >= shades.length ? '|' : shades.charAt(step);
    }
    rows.push(line);
  }
  return rows;
}

function downwards(labels: readonly string[]): string[] {
  const lines: string[] = [];
  const rows = Math.max(...labels.map((label) => label.length));
  for (let row = 0; row < rows; row++) {
    lines.push(labels.map((label) => label.charAt(row) || ' ').join(''));
  }
  return lines;
}

const advice: Readonly<Record<string, string>> = {
  command:
    'The slow log names the commands: see SLOWLOG GET, and the complexity of each in COMMAND DOCS.',
  'fast-command':
    'A command that should take microseconds was slow: look for other load on this processor, and for swapping.',
};

/** What the latency monitor has seen, in words. */
export function latencyReport(
  events: readonly LatencyEvent[],
  nowSeconds: number,
  thresholdMs: number,
): string {
  if (events.length === 0 && thresholdMs === 0) {
    return (
      'Latency monitoring is off: CONFIG SET latency-monitor-threshold <milliseconds> turns it on, ' +
      'and then events that take longer are noted.\n'
    );
  }
  if (events.length === 0) return `Nothing took ${thresholdMs} ms or more so far.\n`;
  const lines = events.map((event, index) => `${index + 1}. ${summary(event, nowSeconds)}`);
  const hints = events.flatMap(({ name }) => advice[name] ?? []);
  return [`Events that took ${thresholdMs} ms or more:`, '', ...lines, '', ...hints, ''].join('\n');
}

function summary({ name, samples, maxMs }: LatencyEvent, nowSeconds: number): string {
  const count = samples.length;
  const mean = samples.reduce((sum, { latencyMs }) => sum + latencyMs, 0) / count;
  const spread = samples.reduce((sum, { latencyMs }) => sum + Math.abs(latencyMs - mean), 0);
  const seconds = Math.max(1, nowSeconds - (samples[0]?.at ?? nowSeconds));
  return (
    `${name}: ${count} latency spikes (average ${Math.floor(mean)}ms, mean deviation ` +
    `${Math.floor(spread / count)}ms, period ${(seconds / count).toFixed(2)} sec). ` +
    `Worst all time event ${maxMs}ms.`
  );
}
