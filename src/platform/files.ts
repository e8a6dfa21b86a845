/** The few files the program reads and writes around its data: configuration, the pid file. */
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  globSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { getSystemErrorMessage } from 'node:util';

/** What the system says of an error, beginning with a capital as strerror's texts do. */
export function systemErrorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!('errno' in error) || typeof error.errno !== 'number') return error.message;
  const text = getSystemErrorMessage(error.errno);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Why a directory cannot be worked in, in the system's words, or undefined. */
export function directoryProblem(path: string): string | undefined {
  try {
    if (!statSync(path).isDirectory()) return 'Not a directory';
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (error) {
    return systemErrorText(error);
  }
}

/** The bytes of a file as one character each. Throws where it cannot be read. 0 is standard input. */
export function readBytesAsText(path: string | 0): string {
  return readFileSync(path, 'latin1');
}

/** Gives a file other bytes, one a character: the old ones are there until the new ones all are. Throws if it cannot. */
export function replaceFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = openSync(temporary, 'w', statSync(path, { throwIfNoEntry: false })?.mode ?? 0o644);
    try {
      writeFileSync(file, text, 'latin1');
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new Error(systemErrorText(error), { cause: error });
  }
}

/** The files that a path names, in order: itself, or with `*`, `?` or `[` in it all that match. */
export function expandPath(path: string): readonly string[] {
  return /[*?[]/.test(path) ? globSync(path).sort() : [path];
}
