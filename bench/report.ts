// How figures are shown: aligned plain-text tables, three significant digits, and a verdict beside each figure that
// has a target. A verdict is information for the reader; no run fails because of one.

/** One measured figure. */
export interface Metric {
  /** Dotted and stable over time, since the trend joins on it: `SET.p16.cpu_ratio`. */
  name: string;
  value: number;
  unit: 'ratio' | 'µs' | 'ns' | 'ms' | 'B' | 'req/s';
  /** The figure should not exceed this. */
  targetMax?: number;
}

/** What stands in a table where there is no figure. */
export const noFigure = '–';

/** A figure with about three significant digits, whole from 100 up, thousands grouped. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined) return noFigure;
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString('en-US');
  if (size > 0 && size < 0.1) return value.toPrecision(2);
  return value.toFixed(size >= 10 ? 1 : 2);
}

/** `✓ ≤ 0.7` or `✗ ≤ 0.7`; empty without a target, `not measured` without a value. */
export function verdict(value: number | undefined, targetMax: number | undefined): string {
  if (targetMax === undefined) return '';
  if (value === undefined) return `not measured (≤ ${targetMax})`;
  return `${value <= targetMax ? '✓' : '✗'} ≤ ${targetMax}`;
}

/** What stands in place of a verdict where nothing could be measured. */
export function notSupported(lacking: string): string {
  return `not supported: ${lacking}`;
}

/** A table with a header row: first column to the left, the others to the right. */
export function formatTable(header: readonly string[], rows: readonly string[][]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) =>
    Math.max(...all.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]) =>
    widths
      .map((width, column) => {
        const cell = row[column] ?? '';
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(header), rule, ...rows.map(line)].join('\n');
}

/** `7 of 9 targets met`, or undefined when no metric has a target. */
export function targetSummary(metrics: readonly Metric[]): string | undefined {
  const aimed = metrics.filter((metric) => metric.targetMax !== undefined);
  const met = aimed.filter((metric) => metric.value <= (metric.targetMax ?? 0));
  return aimed.length === 0 ? undefined : `${met.length} of ${aimed.length} targets met`;
}

/** Says on standard error what is being measured, so that standard output holds only results. */
export function progress(text: string): void {
  process.stderr.write(`  ${text}\n`);
}
