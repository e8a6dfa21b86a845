/**
 * A small Redis client for tests: it sends commands as bytes, pipelined, and returns replies with every
 * detail of the wire kept (see resp-reply.ts). Real clients convert and hide; this one must not.
 *
 * Replies are matched to commands in order; push messages, and what arrives while nothing is awaited, are kept
 * aside. When the connection is lost, or a reply does not come in time, everything
 * awaited fails with `ConnectionLostError`; a client is not used again after that.
 */
import { connect, type Socket } from 'node:net';
import { encodeCommand, type Reply, type Argument as WireArgument } from '#protocols/resp/reply.ts';
import { ReplyParser } from '#protocols/resp/reply-parser.ts';

/** Where a server listens. */
export type Address = { readonly path: string } | { readonly host: string; readonly port: number };

/** As in src, where clients have it. */
export type Argument = WireArgument;

/** The version a connection speaks; 3 is asked for by HELLO. */
export type Protocol = 2 | 3;

export interface ConnectOptions {
  readonly protocol?: Protocol;
  /** How long one call may wait for its replies. */
  readonly replyTimeoutMs?: number;
}

const replyTimeoutMsDefault = 10_000;

/** No reply any more: closed, reset, timed out, or not RESP. `replies` holds what came before. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError';
  readonly replies: readonly Reply[];

  constructor(reason: string, replies: readonly Reply[], cause?: unknown) {
    super(reason, { cause });
    this.replies = replies;
  }
}

interface Waiter {
  readonly count: number;
  readonly replies: Reply[];
  readonly resolve: (replies: Reply[]) => void;
  readonly reject: (error: ConnectionLostError) => void;
  readonly timer: NodeJS.Timeout;
}

/** One connection. */
export class RespClient {
  /** Push messages (RESP3), oldest first. */
  readonly pushes: Reply[] = [];
  /** Other replies that came while nothing was awaited: RESP2's messages, or a server's mistake. */
  readonly unsolicited: Reply[] = [];
  /** Settles when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #parser = new ReplyParser();
  readonly #waiters: Waiter[] = [];
  readonly #replyTimeoutMs: number;
  #lost: string | undefined;

  private constructor(socket: Socket, replyTimeoutMs: number) {
    this.#socket = socket;
    this.#replyTimeoutMs = replyTimeoutMs;
    this.closed = new Promise((resolve) => {
      socket.once('close', () => resolve());
    });
    // Without an encoding set, a socket emits buffers.
    socket.on('data', (bytes) => this.#receive(bytes as Buffer));
    socket.on('error', (error) => this.#lose(error.message, error));
    socket.on('close', () => this.#lose('the server closed the connection'));
  }

  /** Connects and, for protocol 3, says HELLO 3. Rejects when nobody listens or HELLO fails. */
  static async connect(address: Address, options: ConnectOptions = {}): Promise<RespClient> {
    const socket = connect({ ...address, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    socket.removeAllListeners();
    const client = new RespClient(socket, options.replyTimeoutMs ?? replyTimeoutMsDefault);
    if (options.protocol === 3) {
      const reply = await client.send('HELLO', '3');
      if (reply.type !== 'map') throw new Error(`HELLO 3 was answered with a ${reply.type}`);
    }
    return client;
  }

  /** Whether commands can still be sent. */
  get usable(): boolean {
    return this.#lost === undefined;
  }

  /** Sends one command, resolves with its reply (an error reply resolves too). */
  async send(...command: Argument[]): Promise<Reply> {
    const [reply] = await this.pipeline([command]);
    if (reply === undefined) throw new Error('a pipeline of one gives one reply');
    return reply;
  }

  /** Sends the commands in one write, resolves with as many replies, in order. */
  pipeline(commands: readonly (readonly Argument[])[]): Promise<Reply[]> {
    return this.sendRaw(Buffer.concat(commands.map(encodeCommand)), commands.length);
  }

  /** Sends bytes as they are and resolves with the next `replyCount` replies. */
  sendRaw(bytes: Uint8Array, replyCount: number): Promise<Reply[]> {
    if (this.#lost !== undefined) {
      return Promise.reject(new ConnectionLostError(this.#lost, []));
    }
    this.#socket.write(bytes);
    if (replyCount === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#abandon(`no reply within ${this.#replyTimeoutMs} ms`),
        this.#replyTimeoutMs,
      );
      this.#waiters.push({ count: replyCount, replies: [], resolve, reject, timer });
    });
  }

  /** Ends the connection; what is still awaited fails. Safe to call twice. */
  async close(): Promise<void> {
    this.#socket.destroy();
    await this.closed;
  }

  #receive(bytes: Uint8Array): void {
    this.#parser.push(bytes);
    try {
      for (let reply = this.#parser.next(); reply !== undefined; reply = this.#parser.next()) {
        this.#deliver(reply);
      }
    } catch (error) {
      this.#abandon(error instanceof Error ? error.message : String(error), error);
    }
  }

  #deliver(reply: Reply): void {
    if (reply.type === 'push') {
      this.pushes.push(reply);
      return;
    }
    const waiter = this.#waiters[0];
    if (waiter === undefined) {
      this.unsolicited.push(reply);
      return;
    }
    waiter.replies.push(reply);
    if (waiter.replies.length < waiter.count) return;
    this.#waiters.shift();
    clearTimeout(waiter.timer);
    waiter.resolve(waiter.replies);
  }

  #abandon(reason: string, cause?: unknown): void {
    this.#lose(reason, cause);
    this.#socket.destroy();
  }

  #lose(reason: string, cause?: unknown): void {
    this.#lost ??= reason;
    for (const waiter of this.#waiters.splice(0)) {
      clearTimeout(waiter.timer);
      waiter.reject(new ConnectionLostError(this.#lost, waiter.replies, cause));
    }
  }
}
