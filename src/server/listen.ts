/**
 * Where the server listens: every address of `bind` on `port`, and `unixsocket`. All or nothing, except that an
 * address after `-` may be missing on this machine, as in Redis.
 */
import { resolve } from 'node:path';
import type { Config } from '#config/config.ts';
import {
  type Endpoint,
  ListenError,
  type Listener,
  type Stream,
  type StreamHandler,
  type Transport,
} from '#platform/transport.ts';

type Accept = (stream: Stream) => StreamHandler | undefined;

/** How often a port that the system picked is given up because another address has it in use. */
const pickTriesMax = 10;
/** The address is not one of this machine. */
const missingAddressCodes = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EPROTONOSUPPORT']);

/**
 * Listens as the configuration says, with port `any` on one that the system picks.
 * Throws ListenError, having closed what was open.
 */
export async function listen(
  config: Config,
  transport: Transport,
  accept: Accept,
  port: number | 'any' = config.get('port'),
): Promise<readonly Listener[]> {
  for (let tries = 1; ; tries++) {
    const listeners: Listener[] = [];
    try {
      if (port !== 0) await listenTcp(config, transport, accept, port, listeners);
      await listenUnix(config, transport, accept, listeners);
      if (listeners.length === 0) throw new ListenError('configured to listen nowhere');
      return listeners;
    } catch (error) {
      for (const listener of listeners) await listener.close();
      if (port === 'any' && codeOf(error) === 'EADDRINUSE' && tries < pickTriesMax) continue;
      throw error;
    }
  }
}

async function listenTcp(
  config: Config,
  transport: Transport,
  accept: Accept,
  port: number | 'any',
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
    };
    try {
      const listener = await transport.listen(endpoint, accept, () => config.get('tcp-keepalive'));
      listeners.push(listener);
      if (listener.endpoint.kind === 'tcp') actualPort = listener.endpoint.port;
    } catch (error) {
      if (!(optional && missingAddressCodes.has(codeOf(error)))) throw error;
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
  listeners.push(await transport.listen(endpoint, accept, () => 0));
}

/** `*` and `::*` are every address of IPv4 and of IPv6. */
function hostOf(word: string): string {
  if (word === '*') return '0.0.0.0';
  return word === '::*' ? '::' : word;
}

/** The system's name for what is behind an error. */
function codeOf(error: unknown): string {
  const cause = error instanceof ListenError ? error.cause : error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}
