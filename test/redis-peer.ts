// A real redis-server as the judge of a differential test: started in a directory of its own, reached
// over a unix socket there (so no port can clash), stopped and swept away afterwards.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

/**
 * Whether tests that need redis-server can run. With ZIPPY_REQUIRE_PEERS=1 it is taken to be there, so
 * they fail rather than skip when it is not.
 */
export const redisPeerAvailable =
  process.env.ZIPPY_REQUIRE_PEERS === '1' ||
  spawnSync('redis-server', ['--version']).error === undefined;

/** A running redis-server with one connection to it. */
export interface RedisPeer extends AsyncDisposable {
  readonly client: Redis;
}

/** Starts an empty, non-persistent redis-server and connects to it. Dispose of it to stop it. */
export async function startRedisPeer(): Promise<RedisPeer> {
  const directory = await mkdtemp(join(tmpdir(), 'zippy-redis-peer-'));
  const path = join(directory, 'socket');
  const server = spawn(
    'redis-server',
    ['--port', '0', '--unixsocket', path, '--save', '', '--dir', directory],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const stop = async () => {
    if (server.pid !== undefined && server.exitCode === null) {
      const exited = once(server, 'exit');
      server.kill('SIGKILL');
      await exited;
    }
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await untilReady(server);
  } catch (cause) {
    await stop();
    throw cause;
  }
  const client = new Redis({ path });
  return {
    client,
    async [Symbol.asyncDispose]() {
      client.disconnect();
      await stop();
    },
  };
}

/** Resolves once the server logs that it accepts connections; rejects if it cannot start or exits. */
function untilReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    server.stdout?.on('data', (chunk: Buffer) => {
      log += chunk.toString('latin1');
      if (log.includes('ready to accept connections')) resolve();
    });
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`redis-server exited early:\n${log}`)));
  });
}
