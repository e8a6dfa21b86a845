/**
 * What was typed at the prompt, kept in a file between sessions (`ZIPPYCLI_HISTFILE`, or `.zippycli_history` at home; readable for
 * its owner only). Lines with passwords in them are not kept, nor are those that begin with a blank.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const historyLinesMax = 1000;

const secret =
  /^\s*(auth\b|hello\b.*\bauth\b|migrate\b.*\bauth2?\b|acl\s+setuser\b|config\s+set\b.*(pass|masterauth))/i;

/** Whether a line may be kept. */
function isKept(line: string): boolean {
  return !/^\s/.test(line) && !secret.test(line);
}

/** Where the history is; /dev/null turns it off. */
export function historyFile(): string {
  return process.env.ZIPPYCLI_HISTFILE ?? join(homedir(), '.zippycli_history');
}

/** The lines kept, the newest first, as readline wants them. A file that cannot be read has none. */
export function loadHistory(path: string): string[] {
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines
      .filter((line) => line !== '')
      .slice(-historyLinesMax)
      .reverse();
  } catch {
    return [];
  }
}

/** Keeps the lines, the newest first. What cannot be written is not worth an error at the end of a session. */
export function saveHistory(path: string, lines: readonly string[]): void {
  const kept = lines.filter(isKept).slice(0, historyLinesMax).reverse();
  try {
    writeFileSync(path, kept.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  } catch {}
}
