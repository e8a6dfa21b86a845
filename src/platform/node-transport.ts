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
import { type Reader, ReadTurn } from './read-turn.ts';
import type { Endpoint, Listener, Stream, StreamHandler, Transport } from './transport.ts';

/** As much as Redis reads at once: the requests in it take a fraction of a millisecond. */
const readBufferBytes = 16 * 1024;

export class NodeTransport implements Transport {
  private readonly readBuffer = Buffer.allocUnsafeSlow(readBufferBytes);
  private readonly turn = new ReadTurn();

  listen(
    endpoint: Endpoint,
    accept: (stream: Stream) => StreamHandler | undefined,
    keepAliveSeconds: () => number,
  ): Promise<Listener> {
    const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: false }, (accepted) => {
      this.serve(accepted, endpoint, accept, keepAliveSeconds());
    });
    return new Promise((resolve, reject) => {
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

  private serve(
    accepted: net.Socket,
    endpoint: Endpoint,
    accept: (stream: Stream) => StreamHandler | undefined,
    keepAliveSeconds: number,
  ): void {
    const stream = new NodeStream(accepted, endpoint, this.readBuffer, this.turn);
    const { socket } = stream;
    if (!stream.isUnix) {
      if (keepAliveSeconds > 0) socket.setKeepAlive(true, keepAliveSeconds * 1000);
      socket.setNoDelay(true);
    }
    const handler = accept(stream);
    if (handler === undefined) {
      stream.end();
      return;
    }
    stream.handler = handler;
    socket.resume();
  }
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

class NodeStream implements Stream, Reader {
  private readonly turn: ReadTurn;
  private isPaused = false;
  handler: StreamHandler | undefined;
  readonly socket: net.Socket;
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isUnix: boolean;
  readonly isLocal: boolean;
  private closed = false;

  constructor(accepted: net.Socket, endpoint: Endpoint, readBuffer: Buffer, turn: ReadTurn) {
    this.turn = turn;
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
    this.socket = this.rewrap(accepted, readBuffer);
    this.socket.on('drain', () => this.handler?.onDrain());
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
    return this.socket.writableLength;
  }

  write(bytes: Buffer, length: number): boolean {
    if (this.closed || !this.socket.writable) return true;
    this.socket.write(length === bytes.length ? bytes : bytes.subarray(0, length));
    return this.socket.writableLength === 0;
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
    // Not `end`: it would wait for the other side to close as well, which may never happen.
    this.socket.destroySoon();
  }

  destroy(): void {
    this.socket.destroy();
  }

  private onClose(): void {
    if (this.closed) return;
    this.closed = true;
    this.handler?.onClose();
    this.handler = undefined;
  }

  private rewrap(accepted: net.Socket, readBuffer: Buffer): net.Socket {
    // See WithHandle; both ways of taking it are guarded below.
    const owner = accepted as unknown as WithHandle;
    const handle = owner._handle;
    if (handle === null || handle === undefined) return this.plain(accepted);
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

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
}

function formatAddress(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
