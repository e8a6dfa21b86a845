/**
 * A connection to a RESP server: commands go out, pipelined; replies come back in order. Push messages, and all that comes
 * while nothing is awaited (RESP2's messages, MONITOR's lines), go to {@link Connection.onMessage}.
 *
 * A connection that is lost is not used again: everything awaited fails with the reason, and a new one is made.
 */
import { readFileSync } from 'node:fs';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { systemErrorText } from '#platform/files.ts';
import { type Argument, encodeCommand, type Reply } from '#protocols/resp/reply.ts';
import { ReplyParser } from '#protocols/resp/reply-parser.ts';
import { Failure } from '../failure.ts';
import { describePlace, type Endpoint, type Place, type TlsChoice } from './endpoint.ts';

/** The connection ended, whoever ended it. */
export class ConnectionLost extends Failure {
  override readonly name = 'ConnectionLost';
}

const readBytes = 64 * 1024;

interface Waiter {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Failure) => void;
}

export class Connection {
  /**
   * Gets the bytes that come, each time until it returns. Who puts another in its place does without replies, as the load
   * generator does, which only counts them.
   */
  onBytes: (bytes: Buffer) => void = (bytes) => this.receive(bytes);
  /** Gets what nobody asked for. */
  onMessage: (message: Reply) => void = () => {};
  readonly endpoint: Endpoint;
  /** The version of the protocol that was agreed on. */
  protocol: 2 | 3 = 2;
  readonly socket: Socket;
  private readonly parser = new ReplyParser();
  private readonly waiters: Waiter[] = [];
  private waitersDone = 0;
  private lost: Failure | undefined;
  /** Settles when the connection has ended. */
  readonly closed: Promise<void>;

  private constructor(endpoint: Endpoint, socket: Socket, reader: Reader) {
    this.endpoint = endpoint;
    this.socket = socket;
    reader.onBytes = (bytes) => this.onBytes(bytes);
    this.closed = new Promise((resolve) => {
      socket.once('close', () => resolve());
    });
    socket.on('error', (error) => this.lose(systemErrorText(error)));
    socket.on('end', () => this.lose('the server closed the connection'));
    socket.on('close', () => this.lose('the server closed the connection'));
  }

  /** Connects and logs in. Rejects with a Failure that says what went wrong. */
  static async open(endpoint: Endpoint): Promise<Connection> {
    const reader: Reader = { onBytes: () => {} };
    const connection = new Connection(endpoint, await openSocket(endpoint.place, reader), reader);
    try {
      await connection.logIn();
    } catch (error) {
      connection.close();
      throw error;
    }
    return connection;
  }

  get isOpen(): boolean {
    return this.lost === undefined;
  }

  /** Sends a command, resolves with its reply (an error reply resolves too). */
  send(...command: readonly Argument[]): Promise<Reply> {
    return this.sendBytes(encodeCommand(command));
  }

  /** As {@link send}; throws a Failure for an error reply. */
  async ask(...command: readonly Argument[]): Promise<Reply> {
    const reply = await this.send(...command);
    if (reply.type === 'error' || reply.type === 'bulkError') throw new Failure(reply.text);
    return reply;
  }

  /** Sends the commands at once, resolves with as many replies, in order. */
  pipeline(commands: readonly (readonly Argument[])[]): Promise<Reply[]> {
    if (this.lost !== undefined) return Promise.reject(this.lost);
    const replies = commands.map(() => this.awaitReply());
    if (commands.length > 0) this.socket.write(Buffer.concat(commands.map(encodeCommand)));
    return Promise.all(replies);
  }

  /** Sends bytes that nobody awaits replies to. Resolves when there is room for more. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.lost !== undefined) throw this.lost;
    if (this.socket.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const settle = () => {
        this.socket.off('drain', settle);
        this.socket.off('close', settle);
        resolve();
      };
      this.socket.on('drain', settle);
      this.socket.on('close', settle);
    });
  }

  close(): void {
    this.lose('the connection was closed');
    this.socket.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private sendBytes(bytes: Buffer): Promise<Reply> {
    if (this.lost !== undefined) return Promise.reject(this.lost);
    const reply = this.awaitReply();
    this.socket.write(bytes);
    return reply;
  }

  private awaitReply(): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.waiters.push({ resolve, reject });
    });
  }

  private async logIn(): Promise<void> {
    const { user, password, protocol, database } = this.endpoint;
    const credentials = password === undefined ? [] : [user ?? 'default', password];
    if (protocol !== 2) {
      const auth = credentials.length === 0 ? [] : ['AUTH', ...credentials];
      const reply = await this.send('HELLO', '3', ...auth);
      if (reply.type !== 'error') this.protocol = 3;
      else if (protocol === 3 || !/unknown command|NOPROTO/.test(reply.text)) {
        throw new Failure(`HELLO 3 failed: ${reply.text}`);
      }
    }
    if (this.protocol === 2 && password !== undefined) {
      // Servers before version 6 know passwords only.
      const reply = await this.send('AUTH', ...(user === undefined ? [password] : credentials));
      if (reply.type === 'error') throw new Failure(`AUTH failed: ${reply.text}`);
    }
    if (database !== 0) {
      const reply = await this.send('SELECT', `${database}`);
      if (reply.type === 'error') throw new Failure(`SELECT ${database} failed: ${reply.text}`);
    }
  }

  private receive(bytes: Uint8Array): void {
    const { parser } = this;
    parser.push(bytes);
    try {
      for (let reply = parser.next(); reply !== undefined; reply = parser.next()) {
        this.deliver(reply);
      }
    } catch (error) {
      this.lose(`protocol error: ${error instanceof Error ? error.message : String(error)}`);
      this.socket.destroy();
    }
  }

  private deliver(reply: Reply): void {
    const waiter = reply.type === 'push' ? undefined : this.waiters[this.waitersDone];
    if (waiter === undefined) {
      this.onMessage(reply);
      return;
    }
    // A shift of a long queue would cost its length.
    if (++this.waitersDone === this.waiters.length) {
      this.waiters.length = 0;
      this.waitersDone = 0;
    }
    waiter.resolve(reply);
  }

  private lose(reason: string): void {
    this.lost ??= new ConnectionLost(
      `connection to ${describePlace(this.endpoint.place)} lost: ${reason}`,
    );
    for (const { reject } of this.waiters.splice(0).slice(this.waitersDone)) reject(this.lost);
    this.waitersDone = 0;
  }
}

/** Gets what a socket reads. */
interface Reader {
  onBytes: (bytes: Buffer) => void;
}

/** A socket that reads into one buffer all the time, which saves an event and a chunk a read. TLS has its own chunks. */
async function openSocket(place: Place, reader: Reader): Promise<Socket> {
  const tls = 'host' in place ? place.tls : undefined;
  const buffer = Buffer.allocUnsafeSlow(tls === undefined ? readBytes : 0);
  const callback = (length: number) => {
    reader.onBytes(buffer.subarray(0, length));
    return true;
  };
  try {
    const target = 'path' in place ? { path: place.path } : { host: place.host, port: place.port };
    const socket =
      tls === undefined
        ? connectPlain({ ...target, onread: { buffer, callback } })
        : connectTls({ ...target, ...tlsOptionsOf(tls, 'host' in place ? place.host : '') });
    // Without an encoding set, a socket emits buffers.
    if (tls !== undefined) socket.on('data', (bytes) => reader.onBytes(bytes as Buffer));
    await new Promise<void>((resolve, reject) => {
      socket.once(tls === undefined ? 'connect' : 'secureConnect', resolve);
      socket.once('error', reject);
    });
    socket.removeAllListeners('error');
    socket.setNoDelay(true);
    socket.setKeepAlive(true);
    return socket;
  } catch (error) {
    // A name with several addresses fails with an error for each.
    const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
    const reason = systemErrorText(first);
    throw new Failure(`could not connect to ${describePlace(place)}: ${reason}`, undefined, error);
  }
}

function tlsOptionsOf(tls: TlsChoice, host: string) {
  const { caFile, certFile, keyFile, serverName, isInsecure } = tls;
  const name = serverName ?? (isIP(host) === 0 ? host : undefined);
  return {
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
    ...(certFile === undefined ? {} : { cert: readFileSync(certFile) }),
    ...(keyFile === undefined ? {} : { key: readFileSync(keyFile) }),
    ...(name === undefined ? {} : { servername: name }),
    rejectUnauthorized: !isInsecure,
  };
}
