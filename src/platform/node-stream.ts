/**
 * One connection of {@link NodeTransport}.
 *
 * All sockets read into one buffer, by way of the `onread` option, which saves the stream machinery's chunk and
 * event for every read: 3 µs a request unpipelined, measured. Node takes the option only where a socket is made,
 * not where one is accepted, so an accepted socket's handle is given to a new socket that has it. Should
 * a version of Node refuse that, the ordinary `data` events serve.
 */
import net from 'node:net';
import tls from 'node:tls';
import { formatAddress, isLoopback } from './addresses.ts';
import { DirectWriter, StartViews, type WriteOwner } from './direct-write.ts';
import { type GatheredReader, GatheredReads } from './gathered-reads.ts';
import { type GatheredWriter, GatheredWrites, type WriteSlot } from './gathered-writes.ts';
import { type Reader, ReadTurn } from './read-turn.ts';
import type { Endpoint, Stream, StreamHandler } from './transport.ts';

/** As much as Redis reads at once: the requests in it take a fraction of a millisecond. */
const readBufferBytes = 16 * 1024;

/** Bun has handles that look alike, but a socket made of one never reads. */
const isBun = process.versions.bun !== undefined;

/** What all streams of a transport use. */
export class SharedByStreams {
  readonly readBuffer = Buffer.allocUnsafeSlow(readBufferBytes);
  readonly turn = new ReadTurn();
  readonly views = new StartViews();
  readonly writes = new GatheredWrites();
  readonly reads = new GatheredReads(this.writes);
}

/** The undocumented parts of a socket: re-wrapping needs the handle, and CLIENT LIST shows its descriptor. */
interface WithHandle {
  _handle: object | null;
}

export class NodeStream implements Stream, Reader, WriteOwner, GatheredReader, GatheredWriter {
  slot: WriteSlot | undefined;
  private readonly shared: SharedByStreams;
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
    this.shared = shared;
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
    this.socket = isTls ? this.plain(accepted) : this.rewrap(accepted);
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
    const { socket, writer, shared } = this;
    if (writer === undefined) {
      if (!socket.writable) return true;
      socket.write(length === bytes.length ? bytes : bytes.subarray(0, length));
      return socket.writableLength === 0;
    }
    if (writer.pendingBytes === 0 && shared.writes.add(this, bytes, length)) return true;
    return this.writeNow(shared.views.of(bytes, length));
  }

  writeNow(bytes: Buffer): boolean {
    const { socket, writer } = this;
    // Who has none writes by the socket, and nothing is kept for it.
    if (writer === undefined || socket.destroyed) return true;
    if (!writer.write(bytes)) socket.destroy();
    return writer.pendingBytes === 0;
  }

  serve(bytes: Buffer, at: number, end: number): void {
    this.handler?.onData(bytes, at, end);
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
    this.slot?.flush();
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

  private rewrap(accepted: net.Socket): net.Socket {
    // See WithHandle; both ways of taking it are guarded below.
    const owner = accepted as unknown as WithHandle;
    const handle = owner._handle;
    if (handle === null || handle === undefined || isBun) return this.plain(accepted);
    owner._handle = null;
    const { readBuffer, reads, turn } = this.shared;
    const options = {
      handle,
      manualStart: true,
      onread: {
        buffer: readBuffer,
        callback: (length: number, bytes: Uint8Array) => {
          if (reads.add(this, readBuffer, length)) return true;
          reads.serve();
          this.handler?.onData(readBuffer, 0, length);
          return length < bytes.length || turn.goesOn(this);
        },
      },
    };
    const socket = new net.Socket(options as net.SocketConstructorOpts);
    // The socket's own listener ends its writing side, after which there are no replies. More than a thousand sockets have to be
    // ready at once for a read and the end after it to come in one turn.
    socket.prependListener('end', () => reads.serve());
    return socket;
  }

  private plain(accepted: net.Socket): net.Socket {
    accepted.on('data', (chunk: Buffer) => this.handler?.onData(chunk, 0, chunk.length));
    return accepted;
  }
}
