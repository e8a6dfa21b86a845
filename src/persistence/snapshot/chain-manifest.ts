/**
 * The manifest of a chain of saves: a base and the deltas that follow it, a line each.
 *
 *     chain 9f86d081884c7d65 base dump.rdb
 *     delta dump.rdb.3.delta seq 3
 *     delta dump.rdb.4.delta seq 4
 *
 * The chain's id and, in the base, the number of the last delta that was merged into it, are written in the files themselves, too:
 * so a manifest that belongs to another base is known for what it is, and so is a delta that the base already has.
 */
import { plainWord, splitWords } from '#config/words.ts';
import { RecoveryError } from '../recovery-error.ts';

export interface DeltaFile {
  readonly name: string;
  readonly sequence: number;
}

export interface ChainManifest {
  readonly chain: string;
  /** The name of the base. */
  readonly base: string;
  /** In the order in which they follow each other. */
  readonly deltas: readonly DeltaFile[];
}

export function manifestName(base: string): string {
  return `${base}.manifest`;
}

export function deltaName(base: string, sequence: number): string {
  return `${base}.${sequence}.delta`;
}

/** Whether a file has a name that {@link deltaName} gives. */
export function isDeltaOf(base: string, name: string): boolean {
  return name.startsWith(`${base}.`) && /^\d+\.delta$/.test(name.slice(base.length + 1));
}

/** Whether a text begins as a manifest does. */
export function isChainManifest(text: string): boolean {
  return text.startsWith('chain ');
}

export function formatChainManifest({ chain, base, deltas }: ChainManifest): string {
  const lines = deltas.map(({ name, sequence }) => `delta ${plainWord(name)} seq ${sequence}\n`);
  return [`chain ${chain} base ${plainWord(base)}\n`, ...lines].join('');
}

/** Reads what {@link formatChainManifest} wrote. Throws RecoveryError. */
export function parseChainManifest(text: string, path: string): ChainManifest {
  const [first = '', ...rest] = text.split('\n');
  const [, chain, base] = wordsOf(first, ['chain', 'base']) ?? [];
  if (chain === undefined || base === undefined || rest.pop() !== '') {
    throw new RecoveryError(`${path}: line 1 is no beginning of a manifest`);
  }
  const deltas: DeltaFile[] = [];
  for (const [index, line] of rest.entries()) {
    const [, name = '', number = ''] = wordsOf(line, ['delta', 'seq']) ?? [];
    const sequence = /^\d{1,15}$/.test(number) ? Number(number) : 0;
    if (name === '' || /[/\\]/.test(name) || sequence <= (deltas.at(-1)?.sequence ?? 0)) {
      throw new RecoveryError(`${path}: line ${index + 2} names no delta that could follow`);
    }
    deltas.push({ name, sequence });
  }
  return { chain, base, deltas };
}

/** The words of a line of two names and what they have; undefined if it is none. */
function wordsOf(line: string, names: readonly [string, string]): string[] | undefined {
  const words = splitWords(line);
  if (words?.length !== 4 || words[0] !== names[0] || words[2] !== names[1]) return undefined;
  return [words[0], words[1] ?? '', words[3] ?? ''];
}
