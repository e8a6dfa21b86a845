/**
 * Repairs an append-only file that is broken: cuts it where the last whole command or transaction ends. What is cut is
 * shown, and all of the file kept in a copy beside it. Of a log of several files only the last can be cut: what comes
 * after a gap was done to data that would not be there. A snapshot with deltas is cut before the first that is broken.
 */
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  writeFileSync,
} from 'node:fs';
import { basename } from 'node:path';
import { type ChainManifest, formatChainManifest } from '#persistence/snapshot/chain-manifest.ts';
import { checkFile } from './check-file.ts';
import { count, type FileReport, isSound } from './file-report.ts';
import { OpenFile } from './open-file.ts';

const shownLines = 12;
const shownLineBytes = 72;

export interface RepairOutcome {
  readonly lines: readonly string[];
  /** Whether the file is sound now. */
  readonly isSound: boolean;
}

export function repair(report: FileReport): RepairOutcome {
  if (isSound(report)) return { lines: ['nothing to repair'], isSound: true };
  const { parts, chain } = report;
  if (parts === undefined) return repairFile(report);
  if (chain !== undefined) return repairChain(report.path, chain, parts);
  const broken = parts.filter((part) => !isSound(part));
  const last = parts.findLast(({ bytes }) => bytes > 0);
  const [first] = broken;
  if (first === undefined || broken.length > 1 || first !== last) {
    return refusal('only the last file of a log can be cut; restore the others from a backup');
  }
  return repairFile(first);
}

/** Has the manifest end before the first delta that is broken: what there is then is what there was before it. */
function repairChain(
  path: string,
  chain: ChainManifest,
  [base, ...deltas]: readonly FileReport[],
): RepairOutcome {
  if (base === undefined || !isSound(base)) {
    return refusal(`${base?.path ?? path} cannot be repaired; restore it from a backup`);
  }
  const broken = deltas.find((delta) => !isSound(delta));
  const end = chain.deltas.findIndex(({ name }) => name === basename(broken?.path ?? ''));
  const copy = keepCopy(path);
  writeFileSync(path, formatChainManifest({ ...chain, deltas: chain.deltas.slice(0, end) }));
  sync(path);
  const lines = [
    `leaving out ${chain.deltas
      .slice(end)
      .map(({ name }) => name)
      .join(', ')}`,
    `the manifest as it was is kept as ${copy}`,
  ];
  return { lines, isSound: isSound(checkFile(path)) };
}

function repairFile({ path, bytes, wholeBytes }: FileReport): RepairOutcome {
  if (wholeBytes === undefined) {
    return refusal(
      `${path} cannot be repaired, for it is no append-only file; restore it from a backup`,
    );
  }
  const lines = [`${path}: cutting the last ${count(bytes - wholeBytes, 'byte')}:`];
  lines.push(...preview(path, wholeBytes));
  const copy = keepCopy(path);
  cut(path, wholeBytes);
  const isWhole = isSound(checkFile(path));
  lines.push(`cut at byte ${wholeBytes}; the file as it was is kept as ${copy}`);
  return { lines, isSound: isWhole };
}

function refusal(reason: string): RepairOutcome {
  return { lines: [reason], isSound: false };
}

/** The beginning of what is cut, with what cannot be shown escaped. */
function preview(path: string, from: number): string[] {
  using file = new OpenFile(path);
  const text = file.slice(from, shownLines * shownLineBytes).toString('latin1');
  const rows = text.split('\r\n').filter((row) => row !== '');
  const shown = rows.slice(0, shownLines).map((row) => {
    const escaped = JSON.stringify(row).slice(1, -1);
    return `  | ${escaped.slice(0, shownLineBytes)}`;
  });
  const isAll = rows.length <= shownLines && from + text.length >= file.bytes;
  return isAll ? shown : [...shown, '  | ...'];
}

/** Copies the file to a name that is not taken, and makes sure of it. */
function keepCopy(path: string): string {
  let copy = `${path}.before-repair`;
  for (let number = 2; existsSync(copy); number++) copy = `${path}.before-repair.${number}`;
  copyFileSync(path, copy, constants.COPYFILE_EXCL);
  sync(copy);
  return copy;
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r+');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function cut(path: string, length: number): void {
  const descriptor = openSync(path, 'r+');
  ftruncateSync(descriptor, length);
  fsyncSync(descriptor);
  closeSync(descriptor);
}
