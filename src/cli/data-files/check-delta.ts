/** Checks a delta: the RDB file that it begins with, as any, and the end that names what is gone. */
import { RecoveryError } from '#persistence/recovery-error.ts';
import {
  type DeltaEnd,
  endAt,
  hasDeltaTrailer,
  parseDeltaEnd,
} from '#persistence/snapshot/delta-end.ts';
import { sequenceField, trailerBytes } from '#persistence/snapshot/delta-format.ts';
import { checkRdb } from './check-rdb.ts';
import { count, type FileReport } from './file-report.ts';
import type { OpenFile } from './open-file.ts';

export function isDelta(file: OpenFile): boolean {
  return hasDeltaTrailer(trailerOf(file));
}

export function checkDeltaFile(file: OpenFile): FileReport {
  const { path, bytes } = file;
  const report = { path, kind: 'a delta of a snapshot', bytes };
  try {
    const at = endAt(trailerOf(file), path, bytes);
    const end = parseDeltaEnd(file.slice(at, bytes - at), path, at);
    const { facts, breakage, aux } = checkRdb(file.slice(0, at));
    const number = `number ${aux.get(sequenceField)} of its chain`;
    const found = { ...report, facts: [number, ...facts, ...factsOf(end)], aux };
    return breakage === undefined ? found : { ...found, breakage };
  } catch (error) {
    if (!(error instanceof RecoveryError)) throw error;
    const reason = error.message.slice(path.length + 2);
    return { ...report, facts: [], breakage: { offset: bytes, reason } };
  }
}

function trailerOf(file: OpenFile): Buffer {
  return file.slice(Math.max(0, file.bytes - trailerBytes), trailerBytes);
}

function factsOf({ databases }: DeltaEnd): string[] {
  let removed = 0;
  for (const database of databases) for (const _ of database.removed()) removed++;
  const moved = databases.filter(({ origin }, index) => origin !== index).length;
  const facts = [`at most ${count(removed, 'key')} gone`];
  return moved === 0 ? facts : [...facts, `${count(moved, 'database')} flushed or swapped`];
}
