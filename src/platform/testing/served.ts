/** Connections of a {@link NodeTransport} as a server has them, for tests. */
import type net from 'node:net';
import { NodeTransport } from '../node-transport.ts';
import type { Endpoint, Listener, Stream, StreamHandler } from '../transport.ts';

/** The server's side of a connection, which notes what happens to it. */
export class Served implements StreamHandler {
  readonly stream: Stream;
  /** What every read is answered with, if anything. */
  reply: string | undefined;
  /** Whether that is the last word. */
  endsAfterReply = false;
  received = Buffer.alloc(0);
  drains = 0;
  closes = 0;
  private readonly onChange: () => void;

  constructor(stream: Stream, onChange: () => void) {
    this.stream = stream;
    this.onChange = onChange;
  }

  onData(bytes: Buffer, at: number, end: number): void {
    this.received = Buffer.concat([this.received, bytes.subarray(at, end)]);
    if (this.reply !== undefined) this.write(this.reply);
    if (this.endsAfterReply) this.stream.end();
    this.onChange();
  }

  onDrain(): void {
    this.drains++;
    this.onChange();
  }

  onClose(): void {
    this.closes++;
    this.onChange();
  }

  write(text: string): boolean {
    const bytes = Buffer.from(text);
    return this.stream.write(bytes, bytes.length);
  }
}

/** A transport whose connections are noted. */
export class Server {
  readonly served: Served[] = [];
  /** Whether new connections are refused with a word. */
  refuses = false;
  listener: Listener | undefined;
  private changed: (() => void)[] = [];

  async start(endpoint: Endpoint, keepAliveSeconds = 0): Promise<void> {
    const accept = (stream: Stream) => {
      if (this.refuses) {
        stream.write(Buffer.from('no'), 2);
        return undefined;
      }
      const served = new Served(stream, () => this.change());
      this.served.push(served);
      this.change();
      return served;
    };
    this.listener = await new NodeTransport().listen(endpoint, accept, () => keepAliveSeconds);
  }

  get address(): net.NetConnectOpts {
    const endpoint = this.listener?.endpoint;
    if (endpoint?.kind === 'unix') return { path: endpoint.path };
    return { host: endpoint?.host ?? '', port: endpoint?.port ?? 0 };
  }

  /** Resolves once `condition` holds, which it can only begin to when something happens to a connection. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.changed.push(resolve));
  }

  async stop(): Promise<void> {
    await this.listener?.close();
    for (const { stream } of this.served) stream.destroy();
  }

  private change(): void {
    const changed = this.changed;
    this.changed = [];
    for (const resolve of changed) resolve();
  }
}
