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
export interface Doors {
  readonly resp: Accept;
  readonly line: Accept;
}

/** Where, if not where the configuration says. */
export interface Ports {
  readonly port?: PortChoice | undefined;
  readonly tlsPort?: PortChoice | undefined;
  readonly linePort?: PortChoice | undefined;
}

/** How often a port that the system picked is given up because another address has it in use. */
const pickTriesMax = 10;
/** The address is not one of this machine. */
const missingAddressCodes = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EPROTONOSUPPORT']);

/** Listens as the configuration says for streams. Throws ListenError, having closed what was open. */
export async function listen(
  config: Config,
  transport: Transport,
  { resp, line }: Doors,
  ports: Ports = {},
): Promise<readonly Listener[]> {
  const { port = config.get('port'), tlsPort = config.get('tls-port') } = ports;
  const { linePort = config.get('line-port') } = ports;
  const keepAliveSeconds = () => config.get('tcp-keepalive');
  const open = (accept: Accept) => (endpoint: Endpoint) =>
    transport.listen(endpoint, accept, keepAliveSeconds);
  return allOrNone([port, tlsPort, linePort].includes('any'), async (listeners) => {
    if (port !== 0) await listenTcp(config, open(resp), { port }, listeners);
    if (tlsPort !== 0) {
      const secure = { port: tlsPort, tls: tlsSettings(config) };
      await listenTcp(config, open(resp), secure, listeners);
    }
    await listenUnix(config, transport, resp, listeners);
    if (linePort !== 0) {
      await listenTcp(config, open(line), { port: linePort, speaks: 'line protocol' }, listeners);
    }
    if (listeners.length === 0 && !isOtherDoorWanted(config)) {
      throw new ListenError('configured to listen nowhere');
    }
  });
}

/** A door whose port nobody need have asked for. */
export interface DoorBeside {
  readonly speaks: 'HTTP' | 'gRPC';
  readonly directive: 'http-port' | 'grpc-port';
  readonly port: PortChoice;
  readonly isSecure: boolean;
}

/** Listens for a door beside those for streams. A port that is only the default may be in use: then there is no listener. */
export async function listenBeside(
  config: Config,
  log: Log,
  open: (endpoint: Endpoint) => Promise<Listener>,
  { speaks, directive, port, isSecure }: DoorBeside,
): Promise<readonly Listener[]> {
  if (port === 0) return [];
  try {
    return await allOrNone(port === 'any', (listeners) => {
      const tls = isSecure ? { tls: tlsSettings(config) } : {};
      return listenTcp(config, open, { port, speaks, ...tls }, listeners);
    });
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE' || config.isGiven(directive)) throw error;
    log.warning(
      `the default ${directive} is in use, so there is no ${speaks}; set it to have another`,
      {
        port,
      },
    );
    return [];
  }
}

/** Whether somebody has asked for another door, which may then be all there is. */
function isOtherDoorWanted(config: Config): boolean {
  const asked = (['http-port', 'grpc-port'] as const).filter((each) => config.isGiven(each));
  return asked.some((each) => config.get(each) !== 0);
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
  transport: Transport,
  accept: Accept,
  listeners: Listener[],
): Promise<void> {
  const path = config.get('unixsocket');
  if (path === '') return;
  const mode = config.get('unixsocketperm');
  const endpoint: Endpoint = {
    kind: 'unix',
    path: resolve(config.get('dir'), path),
    mode: mode === 0 ? undefined : mode,
  };
  try {
    listeners.push(await transport.listen(endpoint, accept, () => 0));
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
