/**
 * The manifest: which files make up the log, in which order, as Redis 7 writes it. A line for each file:
 *
 *     file appendonly.aof.2.base.rdb seq 2 type b
 *     file appendonly.aof.1.incr.aof seq 1 type h
 *     file appendonly.aof.2.incr.aof seq 2 type i
 *
 * The base (b) holds everything up to some moment, the incremental files (i) what was done since then, in ascending
 * order; those of the history (h) are outdated and about to be removed. Other keys than these three are of later versions
 * and are skipped. Texts of errors are Redis's (aof.c).
 */
import { plainWord, splitWords } from '#config/words.ts';
import { RecoveryError } from '../recovery-error.ts';

export interface LogEntry {
  readonly name: string;
  readonly sequence: number;
}

export interface Manifest {
  readonly base: LogEntry | undefined;
  readonly history: readonly LogEntry[];
  readonly incremental: readonly LogEntry[];
}

/** A log that has no files yet. */
export const emptyManifest: Manifest = { base: undefined, history: [], incremental: [] };

/** Redis's MANIFEST_MAX_LINE. */
const lineBytesMax = 1024;
const wordsMin = 6;
const badFormat = 'Invalid AOF manifest file format';

/** The files of the log, in the order in which they are loaded. */
export function filesOf({ base, incremental }: Manifest): readonly LogEntry[] {
  return base === undefined ? incremental : [base, ...incremental];
}

export function formatManifest({ base, history, incremental }: Manifest): string {
  const lines = [
    ...(base === undefined ? [] : [formatEntry(base, 'b')]),
    ...history.map((entry) => formatEntry(entry, 'h')),
    ...incremental.map((entry) => formatEntry(entry, 'i')),
  ];
  return lines.join('');
}

function formatEntry({ name, sequence }: LogEntry, type: string): string {
  return `file ${plainWord(name)} seq ${sequence} type ${type}\n`;
}

/** Reads a manifest, one character a byte. Throws RecoveryError. */
export function parseManifest(text: string): Manifest {
  const manifest: MutableManifest = { base: undefined, history: [], incremental: [] };
  const lines = text.split('\n');
  const last = lines.pop();
  if (lines.length === 0 && last === '') throw new RecoveryError('Found an empty AOF manifest');
  // What follows the last line end is no line of its own, unless there is something.
  if (last !== undefined && last !== '') lines.push(last.padEnd(lineBytesMax));
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('#')) continue;
    const problem = addLine(manifest, line);
    if (problem !== undefined) {
      throw new RecoveryError(`AOF manifest, line ${index + 1}: ${problem}: '${line.trim()}'`);
    }
  }
  return manifest;
}

interface MutableManifest {
  base: LogEntry | undefined;
  readonly history: LogEntry[];
  readonly incremental: LogEntry[];
}

/** Returns what is wrong with the line. */
function addLine(manifest: MutableManifest, line: string): string | undefined {
  if (line.length + 1 >= lineBytesMax) return 'The AOF manifest file contains too long line';
  const words = splitWords(line.trim());
  if (words === undefined || words.length < wordsMin || words.length % 2 !== 0) return badFormat;
  const values = new Map<string, string>();
  for (let at = 0; at < words.length; at += 2) {
    values.set((words[at] ?? '').toLowerCase(), words[at + 1] ?? '');
  }
  const name = values.get('file') ?? '';
  if (/[/\\]/.test(name)) return "File can't be a path, just a filename";
  const sequence = Number.parseInt(values.get('seq') ?? '', 10);
  const type = values.get('type') ?? '';
  if (name === '' || !(sequence > 0) || type === '') return badFormat;
  return addEntry(manifest, { name, sequence }, type);
}

function addEntry(manifest: MutableManifest, entry: LogEntry, type: string): string | undefined {
  switch (type[0]) {
    case 'b':
      if (manifest.base !== undefined) return 'Found duplicate base file information';
      manifest.base = entry;
      return undefined;
    case 'h':
      manifest.history.push(entry);
      return undefined;
    case 'i':
      if (entry.sequence <= (manifest.incremental.at(-1)?.sequence ?? 0)) {
        return 'Found a non-monotonic sequence number';
      }
      manifest.incremental.push(entry);
      return undefined;
    default:
      return 'Unknown AOF file type';
  }
}
