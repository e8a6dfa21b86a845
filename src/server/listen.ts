/**
 * Where the server listens: every address of `bind` on `port` and those of other doors, and `unixsocket`. All or nothing,
 * except that an address after `-` may be missing on this machine, as in Redis.
 */
import { resolve } from 'node:path';
import type { Config } from '#config/config.ts';
import { systemErrorText } from '#platform/files.ts';
import type { TlsSettings } from '#platform/tls.ts';
import type {
  Endpoint,
  HandedOver,
  Listener,
  Stream,
  StreamHandler,
  Transport,
} from '#platform/transport.ts';

import { tlsSettings } from './tls.ts';

/** The server cannot listen where it should. The message is one line that says where and why. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

type Accept = (stream: Stream) => StreamHandler | undefined;

/** How often a port that the system picked is given up because another address has it in use. */
const pickTriesMax = 10;
/** The address is not one of this machine. */
const missingAddressCodes = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EPROTONOSUPPORT']);

/**
 * Listens as the configuration says, with a port `any` on one that the system picks.
 * Throws ListenError, having closed what was open.
 */
export async function listen(
  config: Config,
  transport: Transport,
  accept: Accept,
  port: number | 'any' = config.get('port'),
  tlsPort: number | 'any' = config.get('tls-port'),
): Promise<readonly Listener[]> {
  const listenAt = (endpoint: Endpoint) => {
    return transport.listen(endpoint, accept, () => config.get('tcp-keepalive'));
  };
  const picks = port === 'any' || tlsPort === 'any';
  return await retryPicks(picks, async (listeners) => {
    if (port !== 0) await listenTcp(config, listenAt, { port }, listeners);
    if (tlsPort !== 0) {
      const secure = { port: tlsPort, tls: tlsSettings(config) };
      await listenTcp(config, listenAt, secure, listeners);
    }
    await listenUnix(config, transport, accept, listeners);
  });
}

/** Another door at the addresses of `bind`. */
export interface OtherDoor {
  readonly port: number | 'any';
  readonly tls: boolean;
  /** As TLS names it. */
  readonly protocol: string;
  readonly accept: (connection: HandedOver) => void;
}

/** The same for a door that takes sockets. */
export async function listenForSockets(
  config: Config,
  transport: Transport,
  { port, tls, protocol, accept }: OtherDoor,
): Promise<readonly Listener[]> {
  if (port === 0) return [];
  const listenAt = (endpoint: Endpoint) => {
    return transport.handOver(endpoint, protocol, accept, () => config.get('tcp-keepalive'));
  };
  return await retryPicks(port === 'any', async (listeners) => {
    const where = tls ? { port, tls: tlsSettings(config) } : { port };
    await listenTcp(config, listenAt, where, listeners);
  });
}

/**
 * Has `open` fill a list of listeners; anew where it could not, and the system picks ports that another address may have
 * in use. Throws what `open` does, having closed what was open.
 */
async function retryPicks(
  picks: boolean,
  open: (listeners: Listener[]) => Promise<void>,
): Promise<readonly Listener[]> {
  for (let tries = 1; ; tries++) {
    const listeners: Listener[] = [];
    try {
      await open(listeners);
      return listeners;
    } catch (error) {
      for (const listener of listeners) await listener.close();
      if (picks && codeOf(error) === 'EADDRINUSE' && tries < pickTriesMax) continue;
      throw error;
    }
  }
}

/** What is listened on at every address. */
interface Port {
  readonly port: number | 'any';
  readonly tls?: TlsSettings;
}

async function listenTcp(
  config: Config,
  listenAt: (endpoint: Endpoint) => Promise<Listener>,
  { port, tls }: Port,
  listeners: Listener[],
): Promise<void> {
  let actualPort = port === 'any' ? 0 : port;
  for (const word of config.get('bind')) {
    const optional = word.startsWith('-');
    const host = hostOf(optional ? word.slice(1) : word);
    const endpoint: Endpoint = {
      kind: 'tcp',
      host,
      port: actualPort,
      backlog: config.get('tcp-backlog'),
      ...(tls === undefined ? {} : { tls }),
    };
    try {
      const listener = await listenAt(endpoint);
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
  const { host, port, tls } = endpoint;
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return tls === undefined ? address : `${address} (TLS)`;
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
