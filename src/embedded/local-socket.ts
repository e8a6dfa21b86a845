/**
 * A connection without a socket, for clients that speak RESP over a stream of Node's: what they write is handed to the
 * server's door, what that answers comes out.
 *
 * What was written within one turn of the event loop is handed over together in the next, and replies come out
 * after the door is done with it: so no client's code runs while a command does, and many requests cost one hand-over.
 */
import { Duplex } from 'node:stream';
import type { Stream, StreamHandler } from '#platform/transport.ts';

/** Replies that wait to be read; more, and the client is slow. */
const readableBytesMax = 1024 * 1024;

type Done = (error?: Error | null) => void;

interface Chunk {
  readonly chunk: Buffer;
}

/** The client's side. Also takes the calls for sockets that clients make, which mean nothing here. */
export class LocalSocket extends Duplex {
  readonly connecting = false;
  private handler: StreamHandler | undefined;
  private readonly input: Buffer[] = [];
  private readonly output: Buffer[] = [];
  private written: Done | undefined;
  private isHeldUp = false;
  private isScheduled = false;
  private isEnding = false;

  private constructor() {
    super({ readableHighWaterMark: readableBytesMax, allowHalfOpen: false });
  }

  static open(accept: (stream: Stream) => StreamHandler | undefined): LocalSocket {
    const socket = new LocalSocket();
    socket.handler = accept(socket.serverSide());
    if (socket.handler === undefined) socket.finish();
    return socket;
  }

  private serverSide(): Stream {
    const socket = this;
    return {
      remoteAddress: 'local:0',
      localAddress: 'local:0',
      isUnix: false,
      descriptor: -1,
      isLocal: true,
      get pendingBytes() {
        return socket.readableLength;
      },
      write: (bytes, length) => socket.accept(bytes, length),
      pause: () => {
        socket.isHeldUp = true;
      },
      resume: () => {
        socket.isHeldUp = false;
        socket.schedule();
      },
      end: () => socket.finish(),
      destroy: () => socket.destroy(),
    };
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.input.push(chunk);
    this.written = done;
    this.schedule();
  }

  override _writev(chunks: readonly Chunk[], done: Done): void {
    for (const { chunk } of chunks) this.input.push(chunk);
    this.written = done;
    this.schedule();
  }

  override _read(): void {
    this.handler?.onDrain();
  }

  override _final(done: Done): void {
    this.destroy();
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    const { handler } = this;
    this.handler = undefined;
    handler?.onClose();
    done(error);
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  /** Keeps a copy of what the server writes. Returns that its buffer may be used again. */
  private accept(bytes: Buffer, length: number): boolean {
    this.output.push(Buffer.from(bytes.subarray(0, length)));
    this.schedule();
    return true;
  }

  private finish(): void {
    this.isEnding = true;
    this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled || this.destroyed) return;
    this.isScheduled = true;
    setImmediate(() => this.exchange());
  }

  private exchange(): void {
    this.isScheduled = false;
    if (this.input.length > 0 && !this.isHeldUp && this.handler !== undefined) {
      const input = this.input.splice(0);
      const [first] = input;
      const bytes = input.length === 1 && first !== undefined ? first : Buffer.concat(input);
      this.handler.onData(bytes, 0, bytes.length);
      const { written } = this;
      this.written = undefined;
      written?.();
    }
    const output = this.output.splice(0);
    if (output.length > 0) this.push(output.length === 1 ? output[0] : Buffer.concat(output));
    if (this.isEnding) this.push(null);
  }
}
