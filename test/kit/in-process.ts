/**
 * Servers inside the test's own process: started in milliseconds, listening on a port of the loopback that the
 * system picks, silent, gone with `stop`.
 */
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { Config } from '#config/config.ts';
import { parseCommandLine, parseConfig } from '#config/parse.ts';
import { systemClock } from '#platform/clock.ts';
import { silentLog } from '#platform/log.ts';
import { NodeTransport } from '#platform/node-transport.ts';
import { systemRandom } from '#platform/random.ts';
import { Server, type ServerOptions } from '#server/server.ts';
import { type ConnectOptions, RespClient } from './resp-client.ts';

/** A server and where it listens. */
export interface InProcessServer extends AsyncDisposable {
  readonly server: Server;
  readonly host: string;
  readonly port: number;
  readonly connect: (options?: ConnectOptions) => Promise<RespClient>;
  readonly stop: () => Promise<void>;
}

/** Where a server speaks something else than RESP, as its endpoint names it. */
export function portOf({ server }: InProcessServer, speaks: string): number {
  for (const endpoint of server.endpoints) {
    if (endpoint.kind === 'tcp' && endpoint.speaks === speaks) return endpoint.port;
  }
  throw new Error(`nobody speaks ${speaks}`);
}

/** A configuration as flags give it, working in the system's temporary directory. */
export function configOf(...flags: readonly string[]): Config {
  const config = new Config({ workingDirectory: tmpdir() });
  config.load(parseConfig([parseCommandLine(flags).flags], () => 'no files here'));
  return config;
}

/** Lets a server load nothing that another left in the directory that they share. */
function noFile(): readonly string[] {
  return ['--dbfilename', `${randomUUID()}.rdb`];
}

/** Starts a server with flags as on the command line; `overrides` replaces the system's clock, log and so on. */
export async function startInProcess(
  flags: readonly string[] = [],
  overrides: Partial<ServerOptions> = {},
): Promise<InProcessServer> {
  const server = await Server.start({
    config: configOf(
      '--bind',
      '127.0.0.1',
      ...['--save', '', '--http-port', '0', '--grpc-port', '0'],
      ...noFile(),
      ...flags,
    ),
    clock: systemClock,
    random: systemRandom(),
    transport: new NodeTransport(),
    log: silentLog,
    port: 'any',
    ...overrides,
  });
  const [endpoint] = server.endpoints;
  const [host, port] =
    endpoint?.kind === 'tcp' ? ([endpoint.host, endpoint.port] as const) : (['', 0] as const);
  return {
    server,
    host,
    port,
    connect: (options = {}) => RespClient.connect({ host, port }, options),
    stop: () => server.stop(),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}
