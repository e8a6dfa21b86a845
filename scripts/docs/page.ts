/**
 * Generated pages of docs/: written, or with `--check` only compared, so that a build fails when a page lags
 * behind what it is made from.
 */
import { readFileSync, writeFileSync } from 'node:fs';

/** Writes docs/`name`; with `--check` among the arguments, compares and ends with code 1 where it differs. */
export function writePage(name: string, text: string): void {
  const path = new URL(`../../docs/${name}`, import.meta.url);
  if (!process.argv.includes('--check')) {
    writeFileSync(path, text);
    return;
  }
  if (readFileSync(path, 'utf8') === text) return;
  process.stderr.write(`docs/${name} is out of date\n`);
  process.exitCode = 1;
}

/** A table of Markdown. Cells must not have line breaks. */
export function markdownTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line), ''].join('\n');
}
