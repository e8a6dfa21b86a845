/** The process that the server is, handed to whoever tells about it. */
import { arch, release, totalmem, type } from 'node:os';

/** Processor time, in microseconds. */
interface ProcessorUsage {
  readonly userUsec: number;
  readonly systemUsec: number;
}

export interface ProcessFacts {
  readonly id: number;
  /** The program that runs. */
  readonly executable: string;
  /** The system's name, release and machine. */
  readonly system: string;
  /** Node or Bun, and its version. */
  readonly runtime: string;
  /** Memory of the machine. */
  readonly systemBytes: number;
  residentBytes(): number;
  heapUsedBytes(): number;
  /** Processor time that the whole process has used. */
  processorUsage(): ProcessorUsage;
  /** That of the thread which serves commands, where the system tells it. */
  threadUsage(): ProcessorUsage;
}

export const systemProcess: ProcessFacts = {
  id: process.pid,
  executable: process.argv[1] ?? process.execPath,
  system: `${type()} ${release()} ${arch() === 'x64' ? 'x86_64' : arch()}`,
  runtime: `node ${process.versions.node}`,
  systemBytes: totalmem(),
  residentBytes: () => process.memoryUsage.rss(),
  heapUsedBytes: () => process.memoryUsage().heapUsed,
  processorUsage: () => inMicroseconds(process.cpuUsage()),
  threadUsage: () => inMicroseconds(threadCpuUsage()),
};

function threadCpuUsage(): NodeJS.CpuUsage {
  // Since Node 23.9; an older one tells only about the process.
  return typeof process.threadCpuUsage === 'function'
    ? process.threadCpuUsage()
    : process.cpuUsage();
}

function inMicroseconds({ user, system }: NodeJS.CpuUsage): ProcessorUsage {
  return { userUsec: user, systemUsec: system };
}
