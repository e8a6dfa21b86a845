/**
 * The server's state in Prometheus's text format: what INFO tells, read from its text so that there is one place that knows
 * it, and how long commands took as histograms.
 */
import type { Command } from '#commands/command.ts';
import type { Histogram } from '#observe/histogram.ts';
import { infoMetrics } from './metrics-table.ts';

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** Upper ends of the buckets of latencies: 1, 2.5 and 5 in each power of ten, from 1 µs to 1 s. */
const boundsNs: readonly number[] = [3, 4, 5, 6, 7, 8]
  .flatMap((power) => [10 ** power, 2.5 * 10 ** power, 5 * 10 ** power])
  .concat(1e9);
const nsPerSecond = 1e9;
const usecPerSecond = 1e6;

type Labels = Readonly<Record<string, string>>;

/** `info`: the reply to INFO EVERYTHING. */
export function metricsText(info: string, histograms: ReadonlyMap<Command, Histogram>): string {
  const fields = fieldsOf(info);
  return [
    ...versionLines(fields),
    ...infoLines(fields),
    ...keyspaceLines(fields),
    ...commandLines(fields),
    ...errorLines(fields),
    ...latencyLines(histograms),
    '',
  ].join('\n');
}

function fieldsOf(info: string): ReadonlyMap<string, string> {
  const lines = info.split('\r\n').filter((line) => line.includes(':'));
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1)];
    }),
  );
}

function* heading(name: string, type: string, help: string): Iterable<string> {
  yield `# HELP ${name} ${help}`;
  yield `# TYPE ${name} ${type}`;
}

function sample(name: string, labels: Labels, value: number | string): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
}

function escaped(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}

function* versionLines(fields: ReadonlyMap<string, string>): Iterable<string> {
  const labels = {
    version: fields.get('zippy_version') ?? '',
    redis_version: fields.get('redis_version') ?? '',
    runtime: fields.get('zippy_runtime') ?? '',
  };
  yield* heading('zippy_info', 'gauge', 'What is running.');
  yield sample('zippy_info', labels, 1);
}

function* infoLines(fields: ReadonlyMap<string, string>): Iterable<string> {
  for (const { field, name, type, help, scale = 1 } of infoMetrics) {
    const text = fields.get(field);
    if (text === undefined) continue;
    yield* heading(name, type, help);
    yield sample(name, {}, scale === 1 ? text : Number(text) * scale);
  }
}

/** Metrics that have a value for each of several things: INFO's `prefix<thing>:name=value,…`. */
function* groupLines(
  fields: ReadonlyMap<string, string>,
  prefix: RegExp,
  label: string,
  metrics: readonly (readonly [part: string, name: string, type: string, help: string])[],
  scales: Readonly<Record<string, number>> = {},
): Iterable<string> {
  const groups = [...fields].flatMap(([field, text]) => {
    const [, thing] = prefix.exec(field) ?? [];
    return thing === undefined ? [] : [[thing, partsOf(text)] as const];
  });
  if (groups.length === 0) return;
  for (const [part, name, type, help] of metrics) {
    yield* heading(name, type, help);
    for (const [thing, parts] of groups) {
      const value = Number(parts.get(part) ?? 0) / (scales[part] ?? 1);
      yield sample(name, { [label]: thing }, value);
    }
  }
}

/** The parts of `name=value,…`. */
function partsOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(',').map((part) => {
      const [name = '', value = ''] = part.split('=', 2);
      return [name, value];
    }),
  );
}

function keyspaceLines(fields: ReadonlyMap<string, string>): Iterable<string> {
  return groupLines(fields, /^db(\d+)$/, 'db', [
    ['keys', 'zippy_db_keys', 'gauge', 'Keys of a database.'],
    ['expires', 'zippy_db_expiring_keys', 'gauge', 'Keys of it that expire.'],
  ]);
}

function commandLines(fields: ReadonlyMap<string, string>): Iterable<string> {
  const metrics = [
    ['calls', 'zippy_command_calls_total', 'counter', 'Calls of a command.'],
    ['usec', 'zippy_command_seconds_total', 'counter', 'Time it took.'],
    ['rejected_calls', 'zippy_command_rejected_total', 'counter', 'Calls that were refused.'],
    ['failed_calls', 'zippy_command_failed_total', 'counter', 'Calls that replied an error.'],
  ] as const;
  return groupLines(fields, /^cmdstat_(.+)$/, 'command', metrics, { usec: usecPerSecond });
}

function errorLines(fields: ReadonlyMap<string, string>): Iterable<string> {
  return groupLines(fields, /^errorstat_(.+)$/, 'code', [
    ['count', 'zippy_errors_total', 'counter', 'Errors replied of a kind.'],
  ]);
}

/** Without an exponent, which some readers of labels take for another number. */
function secondsText(ns: number): string {
  return (ns / nsPerSecond).toFixed(9).replace(/\.?0+$/, '');
}

function* latencyLines(histograms: ReadonlyMap<Command, Histogram>): Iterable<string> {
  const name = 'zippy_command_duration_seconds';
  if (histograms.size === 0) return;
  yield* heading(name, 'histogram', 'How long commands took, of those that were timed.');
  for (const [{ fullName: command, stats }, histogram] of histograms) {
    const counts = histogram.cumulative(boundsNs);
    for (const [index, count] of counts.entries()) {
      const le = secondsText(boundsNs[index] ?? 0);
      yield sample(`${name}_bucket`, { command, le }, count);
    }
    yield sample(`${name}_bucket`, { command, le: '+Inf' }, histogram.count);
    yield sample(`${name}_sum`, { command }, stats.usec / usecPerSecond);
    yield sample(`${name}_count`, { command }, histogram.count);
  }
}
