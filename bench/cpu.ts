// What a process has cost, asked of the operating system: CPU time (user + system, over all its threads, those
// that have ended included) and resident memory. Linux only, from /proc; elsewhere there is no figure rather than
// a guess. The kernel reports CPU time in ticks of 10 ms, so a run that should be told apart to 1 % needs a second
// of it.

import { readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/** USER_HZ: what /proc counts CPU time in on every Linux architecture Node runs on. */
const tickUs = 10_000;

/** CPU time of a process since its start, in µs; undefined where it cannot be measured. */
export function cpuUs(pid: number): number | undefined {
  const stat = readProc(pid, 'stat');
  return stat === undefined ? undefined : parseStatCpuUs(stat);
}

/** Resident memory of a process in bytes; undefined where it cannot be measured. */
export function residentBytes(pid: number): number | undefined {
  const status = readProc(pid, 'status');
  return status === undefined ? undefined : parseStatusResidentBytes(status);
}

/** utime + stime of a /proc/PID/stat line (proc(5), fields 14 and 15), in µs. */
export function parseStatCpuUs(stat: string): number {
  // The second field, the program's name in parentheses, may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (!Number.isInteger(ticks)) throw new Error(`unreadable /proc stat line: ${stat}`);
  return ticks * tickUs;
}

/** VmRSS of a /proc/PID/status file, in bytes. */
export function parseStatusResidentBytes(status: string): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error('no VmRSS in /proc status');
  return Number(kib) * 1024;
}

function readProc(pid: number, file: 'stat' | 'status'): string | undefined {
  if (process.platform !== 'linux') return undefined;
  return readFileSync(`/proc/${pid}/${file}`, 'utf8');
}

/** Lets a process's main thread go before others of the user's, where that is allowed. */
export function preferThread(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_HIGHEST);
  } catch {
    // Without the right to it, waits are longer: the probe's own lateness shows by how much.
  }
}
