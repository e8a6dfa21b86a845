/** {@link HttpExchange}s over node:http. */
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { formatAddress, isLoopback } from './addresses.ts';
import type { HttpExchange, HttpHandler, HttpHeaders, HttpLimits } from './http.ts';
import { isTrusted, type TlsSettings, tlsOptions } from './tls.ts';
import type { Endpoint, Listener } from './transport.ts';

/** A client has its headers sent by then. */
const headersTimeoutMs = 10_000;
/** An idle connection is kept as long: longer than most proxies keep theirs, which are to be the ones that close. */
const keepAliveTimeoutMs = 65_000;
/** How often requests are looked for that take too long. */
const checkIntervalMsMax = 5000;

/** Listens at a TCP endpoint. Rejects with an Error that says why where it cannot. */
export async function listenForHttp(
  endpoint: Endpoint,
  handle: HttpHandler,
  { requestTimeoutMs, connectionsMax }: HttpLimits,
): Promise<Listener> {
  if (endpoint.kind !== 'tcp') throw new Error('HTTP is spoken at TCP ports');
  const server = createServer(endpoint.tls, {
    requestTimeout: requestTimeoutMs,
    headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
    keepAliveTimeout: keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(checkIntervalMsMax, requestTimeoutMs / 2),
    noDelay: true,
  });
  server.on('request', (request, response) => handle(new NodeExchange(request, response, server)));
  server.maxConnections = connectionsMax;
  const { host, port, backlog } = endpoint;
  server.listen({ host, port, backlog, ipv6Only: host.includes(':') });
  await once(server, 'listening');
  // Accepting can fail for want of descriptors; the connections that exist go on.
  server.on('error', () => {});
  // A TCP server has an address of this kind once it listens.
  const { port: actualPort } = server.address() as AddressInfo;
  return new HttpListener(server, { ...endpoint, port: actualPort });
}

/** Throws where the certificates cannot be. */
function createServer(tls: TlsSettings | undefined, options: http.ServerOptions): http.Server {
  if (tls === undefined) return http.createServer(options);
  const server = https.createServer({ ...options, ...tlsOptions(tls) });
  server.on('secureConnection', (socket) => {
    if (!isTrusted(socket)) socket.destroy();
  });
  return server;
}

class HttpListener implements Listener {
  readonly endpoint: Endpoint;
  private readonly server: http.Server;

  constructor(server: http.Server, endpoint: Endpoint) {
    this.server = server;
    this.endpoint = endpoint;
  }

  renewTls(settings: TlsSettings): void {
    if (this.server instanceof https.Server) this.server.setSecureContext(tlsOptions(settings));
  }

  close(): Promise<void> {
    this.server.close();
    this.server.closeIdleConnections();
    return Promise.resolve();
  }
}

class NodeExchange implements HttpExchange {
  readonly method: string;
  readonly target: string;
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isLocal: boolean;
  onAbort: () => void = () => {};
  private readonly request: http.IncomingMessage;
  private readonly response: http.ServerResponse;
  private readonly server: http.Server;

  constructor(request: http.IncomingMessage, response: http.ServerResponse, server: http.Server) {
    const { socket, method, url } = request;
    this.request = request;
    this.response = response;
    this.server = server;
    this.method = method ?? '';
    this.target = url ?? '';
    // Undefined if the client has left already.
    this.remoteAddress = formatAddress(socket.remoteAddress ?? '?', socket.remotePort ?? 0);
    this.localAddress = formatAddress(socket.localAddress ?? '?', socket.localPort ?? 0);
    this.isLocal = isLoopback(socket.remoteAddress ?? '');
    // An error is always followed by close.
    request.on('error', () => {});
    response.on('error', () => {});
    response.on('close', () => {
      if (!response.writableFinished) this.onAbort();
    });
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  body(bytesMax: number): Promise<Buffer | 'too long' | 'aborted'> {
    const { request } = this;
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > bytesMax) return Promise.resolve('too long');
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const take = (chunk: Buffer) => {
        length += chunk.length;
        chunks.push(chunk);
        if (length <= bytesMax) return;
        chunks.length = 0;
        request.off('data', take);
        request.pause();
        resolve('too long');
      };
      request.on('data', take);
      request.on('end', () => resolve(Buffer.concat(chunks)));
      request.on('close', () => resolve('aborted'));
    });
  }

  send(status: number, headers: HttpHeaders, body: string): void {
    const { request, response, server } = this;
    if (response.headersSent || response.destroyed) return;
    const bytes = Buffer.from(body);
    // A body that nobody has read may be longer than anybody wants to.
    const isLast = this.hasUnreadBody || !server.listening;
    response.writeHead(status, {
      ...headers,
      'content-length': bytes.length,
      ...(isLast ? { connection: 'close' } : {}),
    });
    response.end(request.method === 'HEAD' ? undefined : bytes);
  }

  private get hasUnreadBody(): boolean {
    const { complete, headers } = this.request;
    const length = headers['content-length'] ?? '0';
    return !complete && (length !== '0' || headers['transfer-encoding'] !== undefined);
  }

  stream(headers: HttpHeaders): void {
    this.response.writeHead(200, headers);
    this.response.flushHeaders();
  }

  write(text: string): number {
    if (!this.response.destroyed) this.response.write(text);
    return this.response.writableLength;
  }

  end(): void {
    this.response.end();
    if (!this.server.listening) this.response.socket?.destroySoon();
  }

  afterTurn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
}
