/**
 * A {@link Stream} in memory, for tests of connections, as unkind as a real one may be: input comes in a buffer
 * that is overwritten afterwards, output that is not taken stays where it was written, without a copy, and closing
 * is told only later.
 */
import type { Stream, StreamHandler } from '#platform/transport.ts';

export class FakeStream<Handler extends StreamHandler> implements Stream {
  readonly remoteAddress: string;
  readonly localAddress = '127.0.0.1:6379';
  readonly isUnix = false;
  readonly descriptor = 7;
  readonly isLocal: boolean;
  handler: Handler | undefined;
  /** Whether the other side takes what is written; if not, it stays pending until {@link drain}. */
  reads = true;
  state: 'open' | 'ending' | 'closed' = 'open';
  private isPaused = false;
  private readonly incoming: Buffer[] = [];
  private readonly pending: Buffer[] = [];
  private taken: Buffer[] = [];

  constructor({ remoteAddress = '127.0.0.1:50000', isLocal = true } = {}) {
    this.remoteAddress = remoteAddress;
    this.isLocal = isLocal;
  }

  get pendingBytes(): number {
    return this.pending.reduce((total, { length }) => total + length, 0);
  }

  /** Bytes sent by the client that the connection has not taken yet. */
  get unreadBytes(): number {
    return this.incoming.reduce((total, { length }) => total + length, 0);
  }

  /** What the client has received since the last call, one character a byte. */
  received(): string {
    const text = Buffer.concat(this.taken).toString('latin1');
    this.taken = [];
    return text;
  }

  /** The client sends bytes: one read of the connection, or none while it does not read. */
  send(bytes: Buffer | string): void {
    this.incoming.push(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    this.deliver();
  }

  /** The client takes what is pending, and goes on reading. */
  drain(): void {
    this.reads = true;
    if (this.pending.length > 0) {
      for (const bytes of this.pending) this.taken.push(Buffer.from(bytes));
      this.pending.length = 0;
      if (this.state === 'open') this.handler?.onDrain();
    }
    if (this.state === 'ending') this.close();
  }

  /** The connection is gone, and its handler is told. */
  close(): void {
    this.state = 'closed';
    this.pending.length = 0;
    this.handler?.onClose();
    this.handler = undefined;
  }

  write(bytes: Buffer, length: number): boolean {
    if (this.state !== 'open') return true;
    const written = bytes.subarray(0, length);
    if (this.reads && this.pending.length === 0) {
      this.taken.push(Buffer.from(written));
      return true;
    }
    this.pending.push(written);
    return false;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.deliver();
  }

  end(): void {
    if (this.state === 'open') this.state = 'ending';
  }

  destroy(): void {
    this.state = 'closed';
    this.pending.length = 0;
  }

  private deliver(): void {
    while (!this.isPaused && this.state === 'open') {
      const bytes = this.incoming.shift();
      if (bytes === undefined) return;
      const shared = Buffer.from(bytes);
      this.handler?.onData(shared, 0, shared.length);
      shared.fill(0xee);
    }
  }
}
