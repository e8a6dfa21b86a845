/**
 * Where the server listens: every address of `bind` on each door's port, and `unixsocket`. All or nothing, except that an
 * address after `-` may be missing on this machine, as in Redis.
 */
import { resolve } from 'node:path';
import type { Config } from '#config/config.ts';
import { systemErrorText } from '#platform/files.ts';
import type { Log } from '#platform/log.ts';
import type { TlsSettings } from '#platform/tls.ts';
import type { Endpoint, Listener, Stream, StreamHandler, Transport } from '#platform/transport.ts';
import { tlsSettings } from './tls.ts';

/** The server cannot listen where it should. The message is one line that says where and why. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

type Accept = (stream: Stream) => StreamHandler | undefined;

/** A port, or `any`: one that the system picks. */
export type PortChoice = number | 'any';

/** Who takes the connections. */
interface Accepting {
  readonly resp: Accept;
  readonly line: Accept;
}

/** Ports to listen on; 0 is none. */
export interface Ports {
  readonly port: PortChoice;
  readonly tlsPort: PortChoice;
  readonly linePort: PortChoice;
  readonly httpPort: PortChoice;
  readonly grpcPort: PortChoice;
}

/** Directives of doors that are open unless somebody has closed them. */
type DoorDirective = 'http-port' | 'grpc-port';

export interface Places extends Ports {
  /** A path; empty is none. */
  readonly unixSocket: string;
  /** Ports that nobody has asked for: they may be in use. */
  readonly unasked: readonly DoorDirective[];
}

/** Places to listen at later than at the start, to be filled in. */
export const nowhere: Places = {
  port: 0,
  tlsPort: 0,
  linePort: 0,
  httpPort: 0,
  grpcPort: 0,
  unixSocket: '',
  unasked: [],
};

/** Where the configuration says. */
export function configuredPlaces(config: Config): Places {
  return {
    port: config.get('port'),
    tlsPort: config.get('tls-port'),
    linePort: config.get('line-port'),
    httpPort: config.get('http-port'),
    grpcPort: config.get('grpc-port'),
    unixSocket: config.get('unixsocket'),
    unasked: (['http-port', 'grpc-port'] as const).filter((each) => !config.isGiven(each)),
  };
}

/** How often a port that the system picked is given up because another address has it in use. */
const pickTriesMax = 10;
/** The address is not one of this machine. */
const missingAddressCodes = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EPROTONOSUPPORT']);

/** Listens for streams. Throws ListenError, having closed what was open. */
export async function listen(
  config: Config,
  transport: Transport,
  { resp, line }: Accepting,
  places: Places,
): Promise<readonly Listener[]> {
  const { port, tlsPort, linePort, unixSocket } = places;
  const keepAliveSeconds = () => config.get('tcp-keepalive');
  const open = (accept: Accept) => (endpoint: Endpoint) =>
    transport.listen(endpoint, accept, keepAliveSeconds);
  return allOrNone([port, tlsPort, linePort].includes('any'), async (listeners) => {
    if (port !== 0) await listenTcp(config, open(resp), { port }, listeners);
    if (tlsPort !== 0) {
      const secure = { port: tlsPort, tls: tlsSettings(config) };
      await listenTcp(config, open(resp), secure, listeners);
    }
    if (unixSocket !== '') await listenUnix(config, open(resp), unixSocket, listeners);
    if (linePort !== 0) {
      const manner = { port: linePort, speaks: 'line protocol' };
      await listenTcp(config, open(line), { ...manner, ...tlsIf(config, 'tls-line') }, listeners);
    }
    if (listeners.length === 0 && !isOtherDoorWanted(places)) {
      throw new ListenError('configured to listen nowhere');
    }
  });
}

/** A door whose port nobody need have asked for. */
export interface DoorBeside {
  readonly speaks: 'HTTP' | 'gRPC';
  readonly directive: DoorDirective;
  /** The directive that has it speak TLS. */
  readonly tls: TlsDirective;
  readonly port: PortChoice;
}

type TlsDirective = 'tls-line' | 'tls-grpc' | 'http-tls';

/** Listens for a door beside those for streams. A port that nobody has asked for may be in use: then there is no listener. */
export async function listenBeside(
  config: Config,
  log: Log,
  open: (endpoint: Endpoint) => Promise<Listener>,
  { speaks, directive, tls, port }: DoorBeside,
  unasked: readonly DoorDirective[],
): Promise<readonly Listener[]> {
  if (port === 0) return [];
  try {
    return await allOrNone(port === 'any', (listeners) => {
      return listenTcp(config, open, { port, speaks, ...tlsIf(config, tls) }, listeners);
    });
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE' || !unasked.includes(directive)) throw error;
    log.warning(
      `the default ${directive} is in use, so there is no ${speaks}; set it to have another`,
      {
        port,
      },
    );
    return [];
  }
}

/** The settings of TLS, where the directive asks for it. */
function tlsIf(config: Config, directive: TlsDirective): { readonly tls?: TlsSettings } {
  return config.get(directive) ? { tls: tlsSettings(config) } : {};
}

/** Whether somebody has asked for another door, which may then be all there is. */
function isOtherDoorWanted({ httpPort, grpcPort, unasked }: Places): boolean {
  const isHttpWanted = httpPort !== 0 && !unasked.includes('http-port');
  return isHttpWanted || (grpcPort !== 0 && !unasked.includes('grpc-port'));
}

/** Does it again while a port that the system picked for one address turns out to be in use at another. */
async function allOrNone(
  mayPick: boolean,
  openInto: (listeners: Listener[]) => Promise<void>,
): Promise<readonly Listener[]> {
  for (let tries = 1; ; tries++) {
    const listeners: Listener[] = [];
    try {
      await openInto(listeners);
      return listeners;
    } catch (error) {
      for (const listener of listeners) await listener.close();
      if (!(mayPick && codeOf(error) === 'EADDRINUSE' && tries < pickTriesMax)) throw error;
    }
  }
}

/** What is listened on at every address. */
interface Port {
  readonly port: PortChoice;
  readonly tls?: TlsSettings;
  readonly speaks?: string;
}

async function listenTcp(
  config: Config,
  open: (endpoint: Endpoint) => Promise<Listener>,
  { port, ...manner }: Port,
  listeners: Listener[],
): Promise<void> {
  let actualPort = port === 'any' ? 0 : port;
  for (const word of config.get('bind')) {
    const optional = word.startsWith('-');
    const host = hostOf(optional ? word.slice(1) : word);
    const backlog = config.get('tcp-backlog');
    const endpoint: Endpoint = { kind: 'tcp', host, port: actualPort, backlog, ...manner };
    try {
      const listener = await open(endpoint);
      listeners.push(listener);
      if (listener.endpoint.kind === 'tcp') actualPort = listener.endpoint.port;
    } catch (error) {
      if (!(optional && missingAddressCodes.has(codeOf(error)))) throw cannot(endpoint, error);
    }
  }
}

async function listenUnix(
  config: Config,
  open: (endpoint: Endpoint) => Promise<Listener>,
  path: string,
  listeners: Listener[],
): Promise<void> {
  const mode = config.get('unixsocketperm');
  const endpoint: Endpoint = {
    kind: 'unix',
    path: resolve(config.get('dir'), path),
    mode: mode === 0 ? undefined : mode,
  };
  try {
    listeners.push(await open(endpoint));
  } catch (error) {
    throw cannot(endpoint, error);
  }
}

/** `*` and `::*` are every address of IPv4 and of IPv6. */
function hostOf(word: string): string {
  if (word === '*') return '0.0.0.0';
  return word === '::*' ? '::' : word;
}

/** An endpoint for people. */
export function describeEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return endpoint.path;
  const { host, port, tls, speaks } = endpoint;
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const manner = [speaks, tls && 'TLS'].filter((each) => each !== undefined);
  return manner.length === 0 ? address : `${address} (${manner.join(', ')})`;
}

function cannot(endpoint: Endpoint, cause: unknown): ListenError {
  const text = `cannot listen on ${describeEndpoint(endpoint)}: ${systemErrorText(cause)}`;
  return new ListenError(text, { cause });
}

/** The system's name for an error, or for the error behind a ListenError. */
function codeOf(error: unknown): string {
  if (error instanceof ListenError) return codeOf(error.cause);
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
