/**
 * Starts the servers that tests talk to: Zippy from this source tree, and redis-server where installed.
 *
 * Each gets a fresh temporary directory that holds its unix socket and its files, listens on no TCP port
 * unless the arguments ask for one (so tests run in parallel), is stopped by its process id, and takes the
 * directory with it. A peer that is missing skips its tests, or fails them where `ZIPPY_REQUIRE_PEERS=1`
 * says that this machine has all of them.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ConnectOptions, type Protocol, RespClient } from './resp-client.ts';

const zippyMain = fileURLToPath(new URL('../../bin/zippy.js', import.meta.url));
const startTimeoutMs = 15_000;
const refusalTimeoutMs = 5_000;
const stopTimeoutMs = 5_000;
const connectRetryMs = 5;
const logCharsMax = 64 * 1024;

/** A running server. `stop` ends it and removes its directory; safe to call twice. */
export interface RunningServer extends AsyncDisposable {
  readonly pid: number;
  readonly socketPath: string;
  /** The server's working directory. */
  readonly directory: string;
  /** The arguments it runs with. */
  readonly args: readonly string[];
  /** The last 64 Ki characters of what it printed. */
  readonly log: () => string;
  /** Whether the process is still there. */
  readonly alive: () => boolean;
  readonly connect: (
    protocol?: Protocol,
    options?: Omit<ConnectOptions, 'protocol'>,
  ) => Promise<RespClient>;
  readonly stop: () => Promise<void>;
}

/** Starts redis-server without persistence, DEBUG allowed. `args` are redis-server's own flags. */
export function startRedis(args: readonly string[] = []): Promise<RunningServer> {
  const fixed = ['--save', '', '--appendonly', 'no', '--enable-debug-command', 'yes'];
  return start({ name: 'redis-server', program: 'redis-server', fixed, args });
}

/**
 * Starts redis-server with `args` first and as they are, for tests of what it makes of them. `prepare` may put
 * files into its directory before.
 */
export function startRedisAsConfigured(
  args: readonly string[],
  prepare: (directory: string) => Promise<void> = async () => {},
): Promise<RunningServer> {
  return start({ name: 'redis-server', program: 'redis-server', fixed: args, args: [], prepare });
}

/** Whether redis-server refuses to start with these arguments. */
export function isRefusedByRedis(args: readonly string[]): boolean {
  // Port 0 goes first, lest it become the value that a flag lacks.
  const run = spawnSync('redis-server', ['--port', '0', ...args], { timeout: refusalTimeoutMs });
  return run.status === 1;
}

/** Starts Zippy from the sources, by the Node that runs the tests. `args` are its command-line flags. */
export function startZippy(args: readonly string[] = []): Promise<RunningServer> {
  const off = ['--save', '', '--http-port', '0', '--grpc-port', '0'];
  const fixed = [zippyMain, '--enable-debug-command', 'yes', ...off];
  return start({ name: 'zippy', program: process.execPath, fixed, args });
}

/** Whether Zippy's command line is there to be started. */
export function zippyAvailable(): boolean {
  return existsSync(zippyMain);
}

let redisFound: boolean | undefined;

/**
 * Whether redis-server can be started. Where it cannot and `ZIPPY_REQUIRE_PEERS=1`, throws, so that
 * `describe.skipIf(!redisAvailable())` skips on a bare machine and fails on one that must have it.
 */
export function redisAvailable(): boolean {
  redisFound ??= spawnSync('redis-server', ['--version']).status === 0;
  return peerAvailable('redis-server', redisFound);
}

/** The skip-or-fail rule for any peer: returns `found`, or throws where peers are required. */
export function peerAvailable(name: string, found: boolean): boolean {
  if (!found && process.env.ZIPPY_REQUIRE_PEERS === '1') {
    throw new Error(`${name} is missing, and ZIPPY_REQUIRE_PEERS=1 forbids to skip its tests`);
  }
  return found;
}

/** A TCP port of the loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

interface Launch {
  readonly name: string;
  readonly program: string;
  /** Arguments that come first. */
  readonly fixed: readonly string[];
  readonly args: readonly string[];
  readonly prepare?: (directory: string) => Promise<void>;
}

async function start({ name, program, fixed, args, prepare }: Launch): Promise<RunningServer> {
  const directory = await mkdtemp(join(tmpdir(), `${name}-`));
  await prepare?.(directory);
  const socketPath = join(directory, 'server.sock');
  const noTcp = args.includes('--port') ? [] : ['--port', '0'];
  const allArgs = [...fixed, ...noTcp, '--unixsocket', socketPath, ...args];
  const child = spawn(program, allArgs, {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const process = superviseProcess(child);
  const stop = async () => {
    await process.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await waitUntilItAccepts(name, socketPath, process);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    pid: child.pid ?? -1,
    socketPath,
    directory,
    args: allArgs,
    log: process.log,
    alive: process.alive,
    connect: (protocol = 2, options = {}) =>
      RespClient.connect({ path: socketPath }, { ...options, protocol }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface SupervisedProcess {
  readonly alive: () => boolean;
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

/** Collects the output of a child and makes sure that it does not outlive this process. */
function superviseProcess(child: ChildProcess): SupervisedProcess {
  let log = '';
  let alive = true;
  const keep = (chunk: unknown) => {
    log = (log + String(chunk)).slice(-logCharsMax);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      alive = false;
      process.removeListener('exit', killAtExit);
      resolve();
    };
    child.once('exit', end);
    child.once('error', (error) => {
      keep(error.message);
      end();
    });
  });
  const stop = async () => {
    if (!alive) return;
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    await ended;
    clearTimeout(killer);
  };
  return { alive: () => alive, log: () => log, stop };
}

async function waitUntilItAccepts(
  name: string,
  socketPath: string,
  process: SupervisedProcess,
): Promise<void> {
  const deadlineMs = performance.now() + startTimeoutMs;
  while (process.alive()) {
    try {
      const client = await RespClient.connect({ path: socketPath });
      const reply = await client.send('PING');
      await client.close();
      if (!(reply.type === 'error' && reply.text.startsWith('LOADING'))) return;
      throw new Error(reply.text);
    } catch {
      if (performance.now() > deadlineMs) {
        throw new Error(`${name} did not accept within ${startTimeoutMs} ms:\n${process.log()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, connectRetryMs));
    }
  }
  throw new Error(`${name} ended before it accepted:\n${process.log()}`);
}
