/** `--scan`, `--bigkeys` and `--memkeys`: walks over all keys with SCAN, beside whatever else the server does. */
import { quoteWord } from '#config/words.ts';
import type { Connection } from '../client/connection.ts';
import { numberOf, textOf } from '../client/replies.ts';
import { type ScanOptions, scanKeys } from '../client/scan.ts';
import { exitCode } from '../failure.ts';
import type { OutputMode } from '../output/format.ts';
import { Interruption } from '../terminal/interruption.ts';
import { Progress } from '../terminal/progress.ts';
import { countOf, formatCount } from '../terminal/units.ts';

export interface SurveyOptions {
  readonly scan?: true;
  readonly memkeys?: true;
  readonly memkeysSamples?: number;
  readonly pattern?: string;
  readonly type?: string;
  readonly count?: number;
  readonly interval?: number;
}

/** How the size of a value is asked for, and what it counts. */
const sizes: Readonly<Record<string, readonly [command: string, unit: string]>> = {
  string: ['STRLEN', 'byte'],
  list: ['LLEN', 'item'],
  set: ['SCARD', 'member'],
  hash: ['HLEN', 'field'],
  zset: ['ZCARD', 'member'],
  stream: ['XLEN', 'entry'],
};

/** What was seen of the keys of one type. */
interface Tally {
  keys: number;
  sum: number;
  largest: Buffer;
  size: number;
}

export async function survey(
  connection: Connection,
  options: SurveyOptions,
  mode: OutputMode | undefined,
): Promise<number> {
  using interruption = new Interruption();
  const { pattern, type, count } = options;
  const scan: ScanOptions = {
    ...(pattern === undefined ? {} : { pattern }),
    ...(type === undefined ? {} : { type }),
    ...(count === undefined ? {} : { count }),
  };
  if (options.scan === true) {
    const isQuoted = mode === 'typed' || (mode === undefined && process.stdout.isTTY === true);
    for await (const { keys } of scanKeys(connection, scan)) {
      const names = keys.map((key) => key.toString('latin1'));
      const text = names.map((name) => `${isQuoted ? quoteWord(name) : name}\n`).join('');
      process.stdout.write(text, 'latin1');
      if (interruption.isAsked) return exitCode.interrupted;
      await interruption.pause(options.interval ?? 0);
    }
    return exitCode.success;
  }
  return await measure(connection, options, scan, interruption);
}

async function measure(
  connection: Connection,
  options: SurveyOptions,
  scan: ScanOptions,
  interruption: Interruption,
): Promise<number> {
  const isMemory = options.memkeys === true;
  const tallies = new Map<string, Tally>();
  const progress = new Progress(numberOf(await connection.ask('DBSIZE')));
  let seen = 0;
  for await (const { keys } of scanKeys(connection, scan)) {
    const types = (await connection.pipeline(keys.map((key) => ['TYPE', key]))).map(textOf);
    const questions = keys.map((key, index) => sizeQuestion(key, types[index] ?? '', options));
    const answers = await connection.pipeline(questions);
    for (const [index, key] of keys.entries()) {
      const answer = answers[index];
      // A key that is gone meanwhile, or of a type with a size of its own.
      if (answer?.type === 'int') add(tallies, types[index] ?? '', key, numberOf(answer));
    }
    seen += keys.length;
    progress.show(seen, countOf(seen, 'key'));
    if (interruption.isAsked) break;
    await interruption.pause(options.interval ?? 0);
  }
  progress.end();
  process.stdout.write(report(tallies, seen, isMemory), 'latin1');
  return interruption.isAsked ? exitCode.interrupted : exitCode.success;
}

function sizeQuestion(key: Buffer, type: string, options: SurveyOptions): (string | Buffer)[] {
  const { memkeys, memkeysSamples } = options;
  if (memkeys !== true) return [sizes[type]?.[0] ?? 'EXISTS', key];
  const samples = memkeysSamples === undefined ? [] : ['SAMPLES', `${memkeysSamples}`];
  return ['MEMORY', 'USAGE', key, ...samples];
}

function add(tallies: Map<string, Tally>, type: string, key: Buffer, size: number): void {
  if (type === 'none') return;
  const tally = tallies.get(type) ?? { keys: 0, sum: 0, largest: key, size: -1 };
  tally.keys++;
  tally.sum += size;
  if (size > tally.size) {
    tally.size = size;
    tally.largest = key;
  }
  tallies.set(type, tally);
}

function report(tallies: ReadonlyMap<string, Tally>, seen: number, isMemory: boolean): string {
  const lines = [`Sampled ${countOf(seen, 'key')}.`, ''];
  const types = [...tallies].sort(([one], [other]) => (one < other ? -1 : 1));
  const unitOf = (type: string) => (isMemory ? 'byte' : (sizes[type]?.[1] ?? 'element'));
  for (const [type, { largest, size }] of types) {
    const name = quoteWord(largest.toString('latin1'));
    lines.push(`Biggest ${type.padEnd(6)} ${name} has ${plural(size, unitOf(type))}`);
  }
  if (types.length > 0) lines.push('');
  for (const [type, { keys, sum }] of types) {
    const share = ((100 * keys) / seen).toFixed(2);
    const mean = (sum / keys).toFixed(2);
    lines.push(
      `${countOf(keys, type)} with ${plural(sum, unitOf(type))} (${share}% of keys, on average ${mean})`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function plural(count: number, unit: string): string {
  return unit === 'entry' && count !== 1 ? `${formatCount(count)} entries` : countOf(count, unit);
}
