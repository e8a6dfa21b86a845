/**
 * `zippy check FILE ...` and `zippy repair FILE`: they need no server, and must not meet one, for a file that is being written
 * is seldom whole.
 *
 * Exit codes: 0 if all is sound, or was repaired; 1 if not, or if a file cannot be read.
 */
import { systemErrorText } from '#platform/files.ts';
import { checkFile } from './check-file.ts';
import { type FileReport, formatReport, isSound } from './file-report.ts';
import { repair } from './repair.ts';

type ToolName = 'check' | 'repair';

/** Runs a tool. Returns the exit code. */
export function runTool(
  name: ToolName,
  paths: readonly string[],
  print: (line: string) => void,
): number {
  const results = paths.map((path) => runOne(name, path, print));
  return results.every((isGood) => isGood) ? 0 : 1;
}

function runOne(name: ToolName, path: string, print: (line: string) => void): boolean {
  let report: FileReport;
  try {
    report = checkFile(path);
  } catch (error) {
    print(`zippy: ${path}: ${systemErrorText(error)}`);
    return false;
  }
  for (const line of formatReport(report)) print(line);
  if (name === 'check') return isSound(report);
  const { lines, isSound: isGood } = repair(report);
  for (const line of lines) print(line);
  return isGood;
}
