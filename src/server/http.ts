/** Opens the HTTP door. What it needs is loaded only where it is wanted, so that a start without it costs nothing. */
import type { Config } from '#config/config.ts';
import type { Log } from '#platform/log.ts';
import type { Listener } from '#platform/transport.ts';
import type { LocalDoor } from '#protocols/local/door.ts';
import { listenBeside, type Places } from './listen.ts';

/** Throws ListenError where it is to listen and cannot. */
export async function openHttp(
  config: Config,
  local: LocalDoor,
  log: Log,
  { httpPort: port, unasked }: Places,
): Promise<readonly Listener[]> {
  if (port === 0) return [];
  const { listenForHttp } = await import('#platform/node-http.ts');
  const { HttpDoor } = await import('#protocols/http/door.ts');
  const http = new HttpDoor(local);
  const limits = {
    requestTimeoutMs: config.get('http-request-timeout') * 1000,
    connectionsMax: config.get('maxclients'),
  };
  const open = (endpoint: Parameters<typeof listenForHttp>[0]) =>
    listenForHttp(endpoint, (exchange) => http.handle(exchange), limits);
  const door = { speaks: 'HTTP', directive: 'http-port', tls: 'http-tls', port } as const;
  return listenBeside(config, log, open, door, unasked);
}
