// Child processes and temporary folders of a bench run, and the promise that none of them outlives it:
// whatever is registered here is undone when the bench ends, fails or is interrupted with Ctrl-C.
// Processes are always stopped by their own pid; nothing here searches for processes by name.

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const stopGraceMs = 10_000;
const pending = new Set<() => void>();

/** Makes Ctrl-C and SIGTERM end the bench through `exit`, where everything still pending is undone. */
export function undoEverythingAtExit(): void {
  process.on('exit', () => {
    for (const undo of pending) undo();
  });
  process.on('SIGINT', () => process.exit(130));
  process.on('SIGTERM', () => process.exit(143));
}

/** Starts a process that is killed if it still runs when the bench ends. */
export function launch(command: string, args: string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, options);
  const undo = () => void child.kill('SIGKILL');
  pending.add(undo);
  child.once('exit', () => pending.delete(undo));
  child.once('error', () => pending.delete(undo));
  return child;
}

/** Asks a process to stop with SIGTERM and waits for its end; after 10 s it is killed. */
export async function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), stopGraceMs);
  await ended;
  clearTimeout(killer);
}

/** Whether a process has exited or could not be started at all. */
export function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** Runs a command to its end and returns its standard output; rejects with its standard error. */
export function run(command: string, args: string[]): Promise<string> {
  const child = launch(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => complaints.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(Buffer.concat(output).toString());
      else reject(new Error(`${command} failed (${code}): ${Buffer.concat(complaints)}`));
    });
  });
}

/** A temporary folder and the function that removes it; removed at the end of the bench at the latest. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'zippy-bench-'));
  const remove = () => {
    rmSync(path, { recursive: true, force: true });
    pending.delete(remove);
  };
  pending.add(remove);
  return { path, remove };
}
