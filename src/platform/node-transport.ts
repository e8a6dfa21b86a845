/** {@link Transport} over node:net. */
import { chmodSync, rmSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { formatAddress, isLoopback } from './addresses.ts';
import { NodeStream, SharedByStreams } from './node-stream.ts';
import { isTrusted, type TlsSettings, tlsOptions } from './tls.ts';
import type {
  Endpoint,
  HandedOver,
  Listener,
  Stream,
  StreamHandler,
  Transport,
} from './transport.ts';

export class NodeTransport implements Transport {
  private readonly shared = new SharedByStreams();

  listen(
    endpoint: Endpoint,
    accept: (stream: Stream) => StreamHandler | undefined,
    keepAliveSeconds: () => number,
  ): Promise<Listener> {
    return listenOn(endpoint, undefined, (accepted) => {
      this.serve(accepted, endpoint, accept, keepAliveSeconds());
    });
  }

  handOver(
    endpoint: Endpoint,
    protocol: string,
    accept: (connection: HandedOver) => void,
    keepAliveSeconds: () => number,
  ): Promise<Listener> {
    return listenOn(endpoint, protocol, (socket) => {
      tune(socket, keepAliveSeconds());
      const { remoteAddress = '?', remotePort = 0, localAddress = '?', localPort = 0 } = socket;
      accept({
        socket,
        remoteAddress: formatAddress(remoteAddress, remotePort),
        localAddress: formatAddress(localAddress, localPort),
        isLocal: isLoopback(remoteAddress),
      });
    });
  }

  private serve(
    accepted: net.Socket,
    endpoint: Endpoint,
    accept: (stream: Stream) => StreamHandler | undefined,
    keepAliveSeconds: number,
  ): void {
    const stream = new NodeStream(accepted, endpoint, this.shared);
    const { socket } = stream;
    if (!stream.isUnix) tune(socket, keepAliveSeconds);
    const handler = accept(stream);
    if (handler === undefined) {
      stream.end();
      return;
    }
    stream.handler = handler;
    socket.resume();
  }
}

function tune(socket: net.Socket, keepAliveSeconds: number): void {
  if (keepAliveSeconds > 0) socket.setKeepAlive(true, keepAliveSeconds * 1000);
  socket.setNoDelay(true);
}

/** Listens, and serves each connection, whose sockets are handed over if they have a `protocol`. */
function listenOn(
  endpoint: Endpoint,
  protocol: string | undefined,
  serve: (accepted: net.Socket) => void,
): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = createServer(endpoint, protocol, serve);
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      // Accepting can fail for want of descriptors; the connections that exist go on.
      server.on('error', () => {});
      try {
        setMode(endpoint);
        resolve(new NodeListener(server, endpoint));
      } catch (error) {
        server.close();
        reject(toError(error));
      }
    });
    try {
      open(server, endpoint);
    } catch (error) {
      reject(toError(error));
    }
  });
}

/** Throws where the certificates cannot be. */
function createServer(
  endpoint: Endpoint,
  protocol: string | undefined,
  serve: (accepted: net.Socket) => void,
): net.Server {
  if (endpoint.kind !== 'tcp' || endpoint.tls === undefined) {
    // Whoever takes a socket takes what it has read by then as well.
    const pauseOnConnect = protocol === undefined;
    return net.createServer({ pauseOnConnect, allowHalfOpen: false }, serve);
  }
  const negotiated = protocol === undefined ? {} : { ALPNProtocols: [protocol] };
  const server = tls.createServer({ ...tlsOptions(endpoint.tls), ...negotiated });
  server.on('secureConnection', (socket) => {
    if (isTrusted(socket)) serve(socket);
    else socket.destroy();
  });
  // Whoever speaks something else is told so by an alert; a connection that fails then is over.
  server.on('tlsClientError', (_error, socket) => socket.destroySoon());
  return server;
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function open(server: net.Server, endpoint: Endpoint): void {
  if (endpoint.kind === 'tcp') {
    const { host, port, backlog } = endpoint;
    server.listen({ host, port, backlog, ipv6Only: host.includes(':') });
    return;
  }
  // A socket file outlives a crash; Redis removes it at start as well.
  rmSync(endpoint.path, { force: true });
  server.listen(endpoint.path);
}

function setMode(endpoint: Endpoint): void {
  if (endpoint.kind === 'unix' && endpoint.mode !== undefined) {
    chmodSync(endpoint.path, endpoint.mode);
  }
}

class NodeListener implements Listener {
  readonly endpoint: Endpoint;
  private readonly server: net.Server;

  constructor(server: net.Server, endpoint: Endpoint) {
    this.server = server;
    const address = server.address();
    this.endpoint =
      endpoint.kind === 'tcp' && address !== null && typeof address === 'object'
        ? { ...endpoint, port: address.port }
        : endpoint;
  }

  renewTls(settings: TlsSettings): void {
    if (this.server instanceof tls.Server) this.server.setSecureContext(tlsOptions(settings));
  }

  close(): Promise<void> {
    // It calls back only when every connection has ended too, which the door sees to.
    this.server.close();
    return Promise.resolve();
  }
}
