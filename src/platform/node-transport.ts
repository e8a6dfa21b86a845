/**
 * {@link Transport} over node:net.
 *
 * All sockets read into one buffer, by way of the `onread` option, which saves the stream machinery's chunk and
 * event for every read: 3 µs a request unpipelined, measured. Node takes the option only where a socket is made,
 * not where one is accepted, so an accepted socket's handle is given to a new socket that has it. Should
 * a version of Node refuse that, the ordinary `data` events serve.
 */
import { chmodSync, rmSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { formatAddress, isLoopback } from './addresses.ts';
import { DirectWriter, StartViews, type WriteOwner } from './direct-write.ts';
import { type Reader, ReadTurn } from './read-turn.ts';
import { isTrusted, type TlsSettings, tlsOptions } from './tls.ts';
import type {
  Endpoint,
  HandedOver,
  Listener,
  Stream,
  StreamHandler,
  Transport,
} from './transport.ts';

/** As much as Redis reads at once: the requests in it take a fraction of a millisecond. */
const readBufferBytes = 16 * 1024;

/** Bun has handles that look alike, but a socket made of one never reads. */
const isBun = process.versions.bun !== undefined;

/** What all streams of a transport use. */
interface SharedByStreams {
  readonly readBuffer: Buffer;
  readonly turn: ReadTurn;
  readonly views: StartViews;
}

export class NodeTransport implements Transport {
  private readonly shared: SharedByStreams = {
    readBuffer: Buffer.allocUnsafeSlow(readBufferBytes),
    turn: new ReadTurn(),
    views: new StartViews(),
  };

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

/** The undocumented parts of a socket: re-wrapping needs the handle, and CLIENT LIST shows its descriptor. */
interface WithHandle {
  _handle: object | null;
}

class NodeStream implements Stream, Reader, WriteOwner {
  private readonly turn: ReadTurn;
  private readonly views: StartViews;
  private isPaused = false;
  handler: StreamHandler | undefined;
  readonly socket: net.Socket;
  private readonly writer: DirectWriter | undefined;
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isUnix: boolean;
  readonly isLocal: boolean;
  private closed = false;
  /** Nothing more is to be written. */
  private isEnding = false;

  constructor(accepted: net.Socket, endpoint: Endpoint, shared: SharedByStreams) {
    const { readBuffer, turn, views } = shared;
    this.turn = turn;
    this.views = views;
    const { remoteAddress, localAddress } = accepted;
    this.isUnix = endpoint.kind === 'unix';
    if (endpoint.kind === 'unix') {
      this.remoteAddress = this.localAddress = `${endpoint.path}:0`;
    } else {
      // Undefined if the client has left already.
      this.remoteAddress = formatAddress(remoteAddress ?? '?', accepted.remotePort ?? 0);
      this.localAddress = formatAddress(localAddress ?? '?', accepted.localPort ?? 0);
    }
    this.isLocal = this.isUnix || isLoopback(remoteAddress ?? '');
    // What TLS reads and writes goes through its own machinery.
    const isTls = accepted instanceof tls.TLSSocket;
    this.socket = isTls ? this.plain(accepted) : this.rewrap(accepted, readBuffer);
    this.writer = isTls ? undefined : DirectWriter.of(this.socket, this);
    this.socket.on('drain', () => this.onTaken());
    // An error is always followed by close, which is where the connection ends.
    this.socket.on('error', () => {});
    this.socket.on('close', () => this.onClose());
  }

  get descriptor(): number {
    // See WithHandle.
    const handle = (this.socket as unknown as WithHandle)._handle;
    return handle && 'fd' in handle ? Number(handle.fd) : -1;
  }

  get pendingBytes(): number {
    return this.writer === undefined ? this.socket.writableLength : this.writer.pendingBytes;
  }

  write(bytes: Buffer, length: number): boolean {
    if (this.isEnding) return true;
    const { socket, writer } = this;
    if (writer === undefined) {
      if (!socket.writable) return true;
      socket.write(length === bytes.length ? bytes : bytes.subarray(0, length));
      return socket.writableLength === 0;
    }
    if (!writer.write(this.views.of(bytes, length))) socket.destroy();
    return writer.pendingBytes === 0;
  }

  onTaken(): void {
    this.handler?.onDrain();
  }

  pause(): void {
    this.isPaused = true;
    this.socket.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.socket.resume();
  }

  readOn(): void {
    if (!this.isPaused && !this.socket.destroyed) this.socket.resume();
  }

  end(): void {
    this.isEnding = true;
    // Not `end`: it would wait for the other side to close as well, which may never happen.
    this.socket.destroySoon();
  }

  destroy(): void {
    this.isEnding = true;
    this.socket.destroy();
  }

  private onClose(): void {
    if (this.closed) return;
    this.closed = true;
    this.isEnding = true;
    this.handler?.onClose();
    this.handler = undefined;
  }

  private rewrap(accepted: net.Socket, readBuffer: Buffer): net.Socket {
    // See WithHandle; both ways of taking it are guarded below.
    const owner = accepted as unknown as WithHandle;
    const handle = owner._handle;
    if (handle === null || handle === undefined || isBun) return this.plain(accepted);
    owner._handle = null;
    const options = {
      handle,
      manualStart: true,
      onread: {
        buffer: readBuffer,
        callback: (length: number, bytes: Uint8Array) => {
          // The buffer given above comes back, as the type it was given as.
          this.handler?.onData(bytes as Buffer, length);
          return length < bytes.length || this.turn.goesOn(this);
        },
      },
    };
    return new net.Socket(options as net.SocketConstructorOpts);
  }

  private plain(accepted: net.Socket): net.Socket {
    accepted.on('data', (chunk: Buffer) => this.handler?.onData(chunk, chunk.length));
    return accepted;
  }
}
