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
import type { Endpoint, Listener, Stream, StreamHandler, Transport } from './transport.ts';

const readBufferBytes = 64 * 1024;

export class NodeTransport implements Transport {
  private readonly readBuffer = Buffer.allocUnsafeSlow(readBufferBytes);

  listen(
    endpoint: Endpoint,
    accept: (stream: Stream) => StreamHandler | undefined,
    keepAliveSeconds: () => number,
  ): Promise<Listener> {
    const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: false }, (accepted) => {
      this.serve(accepted, accept, keepAliveSeconds());
    });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.once('listening', () => {
        server.off('error', reject);
        // Accepting can fail for want of descriptors; the connections that exist go on.
        server.on('error', () => {});
        if (endpoint.kind === 'unix' && endpoint.mode !== undefined) {
          chmodSync(endpoint.path, endpoint.mode);
        }
        resolve(new NodeListener(server, endpoint));
      });
      if (endpoint.kind === 'tcp') {
        const { host, port, backlog } = endpoint;
        server.listen({ host, port, backlog, ipv6Only: host.includes(':') });
      } else {
        // A socket file outlives a crash; Redis removes it at start as well.
        rmSync(endpoint.path, { force: true });
        server.listen(endpoint.path);
      }
    });
  }

  private serve(
    accepted: net.Socket,
    accept: (stream: Stream) => StreamHandler | undefined,
    keepAliveSeconds: number,
  ): void {
    const stream = new NodeStream(accepted, this.readBuffer);
    const { socket } = stream;
    if (keepAliveSeconds > 0) socket.setKeepAlive(true, keepAliveSeconds * 1000);
    socket.setNoDelay(true);
    const handler = accept(stream);
    if (handler === undefined) {
      stream.end();
      return;
    }
    stream.handler = handler;
    socket.resume();
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
    return new Promise((resolve) => {
      // Called back only when every connection has ended too, which the door sees to.
      this.server.close(() => resolve());
      resolve();
    });
  }
}

/** The undocumented part of a socket that re-wrapping needs. */
interface WithHandle {
  _handle: object | null;
}

class NodeStream implements Stream {
  handler: StreamHandler | undefined;
  readonly socket: net.Socket;
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isLocal: boolean;
  private closed = false;

  constructor(accepted: net.Socket, readBuffer: Buffer) {
    const { remoteAddress, localAddress } = accepted;
    const isUnix = remoteAddress === undefined;
    const local = accepted.address();
    const unixPath = 'address' in local ? '' : 'unix';
    this.remoteAddress = isUnix
      ? `${unixPath}:0`
      : formatAddress(remoteAddress, accepted.remotePort ?? 0);
    this.localAddress = isUnix
      ? `${unixPath}:0`
      : formatAddress(localAddress ?? '', accepted.localPort ?? 0);
    this.isLocal = isUnix || isLoopback(remoteAddress);
    this.socket = this.rewrap(accepted, readBuffer);
    this.socket.on('drain', () => this.handler?.onDrain());
    // An error is always followed by close, which is where the connection ends.
    this.socket.on('error', () => {});
    this.socket.on('close', () => this.onClose());
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
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  end(): void {
    // Not end(): that would wait for the other side to close too, which it may never do.
    this.socket.destroySoon();
  }

  destroy(): void {
    this.socket.destroy();
  }

  private onClose(): void {
    if (this.closed) return;
    this.closed = true;
    this.handler?.onClose();
  }

  private rewrap(accepted: net.Socket, readBuffer: Buffer): net.Socket {
    // `_handle` is not in the types; both ways of taking it are guarded below.
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
          return true;
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
