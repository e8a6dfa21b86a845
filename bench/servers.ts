// The servers that are measured, each started on a free loopback port in an empty folder of its own.
// Both run with their defaults, persistence off: nothing is tuned for either.
//
// memcached is left out on purpose: redis-benchmark does not speak its protocol, so its throughput and CPU
// time could only be had with another load generator, and its memory is taken in whole slab pages up to a
// limit given at start, so "used memory per key" would answer another question than it does for the others.

import { type ChildProcess, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { hasEnded, launch, stop, temporaryFolder } from './children.ts';
import { ask } from './wire.ts';

const startWaitMs = 30_000;
const retryEveryMs = 1;
const logTailBytes = 4096;

/** A server that can take part in the bench. */
export interface Contender {
  name: string;
  /** As the server reports it; undefined for the one built from this commit. */
  version?: string;
  command: string;
  args: (port: number) => string[];
}

/** A contender that has answered its first PING. */
export interface RunningServer {
  name: string;
  port: number;
  pid: number;
  /** From just before the process was created to the first PONG. */
  startMs: number;
  stop: () => Promise<void>;
}

export const zippy = zippyWithGrpc(0);

/** Zippy with gRPC on this port; 0 for none. */
export function zippyWithGrpc(grpcPort: number): Contender {
  const program = fileURLToPath(new URL('../bin/zippy.js', import.meta.url));
  return {
    name: 'zippy',
    command: process.execPath,
    args: (port) => [program, '--port', `${port}`, ...['--grpc-port', `${grpcPort}`], '--save', ''],
  };
}

/** redis-server with its version, or undefined where it is not installed. */
function installedRedis(): Contender | undefined {
  const probe = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  if (probe.status !== 0) return undefined;
  return {
    name: 'redis',
    version: /v=(\S+)/.exec(probe.stdout)?.[1] ?? 'unknown',
    command: 'redis-server',
    args: (port) => [
      ...['--bind', '127.0.0.1', '--port', `${port}`],
      ...['--save', '', '--appendonly', 'no'],
    ],
  };
}

/** Who is compared: `subject` always, `peer` where it is installed. */
export interface Lineup {
  subject: Contender;
  peer: Contender | undefined;
}

/**
 * Zippy beside redis-server; with `noise`, redis-server beside itself, which shows how far from 1.00
 * a ratio strays on this machine when both sides are the same.
 */
export function lineup(noise: boolean): Lineup {
  const redis = installedRedis();
  if (!noise) return { subject: zippy, peer: redis };
  if (redis === undefined) throw new Error('--noise needs redis-server');
  return { subject: { ...redis, name: 'redis-again' }, peer: redis };
}

/** The contenders of a lineup, the subject first. */
export function contenders({ subject, peer }: Lineup): Contender[] {
  return peer === undefined ? [subject] : [subject, peer];
}

/** Starts a contender and waits for its first PONG. Rejects with the end of its log if it fails to start. */
export async function start(contender: Contender): Promise<RunningServer> {
  const port = await freePort();
  const folder = temporaryFolder();
  const beganMs = performance.now();
  const child = launch(contender.command, contender.args(port), {
    cwd: folder.path,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const logTail = keepTail(child);
  const stopAndRemove = async () => {
    await stop(child);
    folder.remove();
  };
  try {
    await firstPong(child, port, beganMs + startWaitMs);
  } catch (cause) {
    await stopAndRemove();
    throw new Error(`${contender.name} did not start:\n${logTail()}`, { cause });
  }
  const startMs = performance.now() - beganMs;
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${contender.name} has no pid`);
  return { name: contender.name, port, pid, startMs, stop: stopAndRemove };
}

/** Runs `work` with the contenders started, and stops them whatever happens. */
export async function withServers<T>(
  list: Contender[],
  work: (servers: RunningServer[]) => Promise<T>,
): Promise<T> {
  const servers: RunningServer[] = [];
  try {
    for (const contender of list) servers.push(await start(contender));
    return await work(servers);
  } finally {
    for (const server of servers) await server.stop();
  }
}

async function firstPong(child: ChildProcess, port: number, deadlineMs: number): Promise<void> {
  let failure: unknown;
  while (performance.now() < deadlineMs) {
    if (hasEnded(child)) throw new Error(`it exited with code ${child.exitCode}`);
    try {
      if ((await ask(port, 'PING')) === 'PONG') return;
    } catch (error) {
      failure = error;
    }
    await new Promise((resolve) => setTimeout(resolve, retryEveryMs));
  }
  throw new Error('no PONG in time', { cause: failure });
}

function keepTail(child: ChildProcess): () => string {
  let tail = '';
  const keep = (chunk: Buffer) => {
    tail = (tail + chunk.toString()).slice(-logTailBytes);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  child.once('error', (error) => keep(Buffer.from(error.message)));
  return () => tail;
}

/** A TCP port of the loopback that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('no port'));
      });
    });
  });
}
