/**
 * The RESP door: accepts connections, refuses those that must not come in, and holds what its connections
 * share: the executor, the output buffer, the limits. Those of the line protocol come through the same door: only one
 * connection is served at a time, whatever it speaks.
 */
import type { AppendLog } from '#commands/append-log.ts';
import type { Client } from '#commands/client.ts';
import type { Services } from '#commands/services.ts';
import type { OutputBufferLimit } from '#config/composite-types.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { Stream } from '#platform/transport.ts';
import type { Executor } from '#session/executor.ts';
import type { MakeWire } from '../wire.ts';
import { BufferPool } from './buffer-pool.ts';
import { RespConnection } from './connection.ts';
import { Output } from './output.ts';
import { respWire } from './wire.ts';

const tooManyClients = '-ERR max number of clients reached\r\n';
const protectedMode =
  '-DENIED Zippy is running in protected mode because protected mode is enabled and no password is set. ' +
  'In this mode connections are only accepted from the loopback interface. To connect from elsewhere, set a ' +
  "password with 'requirepass' in the configuration file or by CONFIG SET, or, on a network that nobody else " +
  "can reach, turn protected mode off with 'CONFIG SET protected-mode no'.\r\n";

export class RespDoor {
  readonly services: Services;
  readonly keyspace: Keyspace;
  readonly executor: Executor;
  readonly output = new Output();
  /** Where input that has to wait is kept. */
  readonly buffers = new BufferPool();
  /** Redis's proto-max-bulk-len, kept here because every read needs it. */
  bulkBytesMax: number;
  readonly appendLog: AppendLog;
  /** Those whose replies wait for the disk. */
  readonly holding = new Set<RespConnection>();
  /** The connection whose requests are being executed. */
  serving: RespConnection | undefined;
  private readonly resumable: RespConnection[] = [];
  private isResuming = false;
  private unflushed: RespConnection[] = [];
  private onEmpty: (() => void) | undefined;

  constructor(services: Services, keyspace: Keyspace, executor: Executor) {
    this.services = services;
    this.keyspace = keyspace;
    this.executor = executor;
    this.appendLog = services.appendLog;
    this.appendLog.onSettled = () => this.releaseHeld();
    const { config } = services;
    this.bulkBytesMax = config.get('proto-max-bulk-len');
    config.onChange('proto-max-bulk-len', (bytes) => {
      this.bulkBytesMax = bytes;
      return undefined;
    });
  }

  get queryBytesMax(): number {
    return this.services.config.get('client-query-buffer-limit');
  }

  /** What a client's unread replies may take. */
  outputLimitOf(client: Client): OutputBufferLimit {
    const limits = this.services.config.get('client-output-buffer-limit');
    return client.subscriptions.isEmpty ? limits.normal : limits.pubsub;
  }

  /** Takes a new connection, or tells it why not. */
  accept(stream: Stream, makeWire: MakeWire = respWire): RespConnection | undefined {
    const { clients, config, stats } = this.services;
    const refusal = this.refusalFor(stream);
    if (refusal !== undefined || clients.count >= config.get('maxclients')) {
      const text = Buffer.from(refusal ?? tooManyClients);
      stats.rejectedConnections++;
      stream.write(text, text.length);
      return undefined;
    }
    const connection = new RespConnection(this, stream, makeWire);
    clients.add(connection.client);
    stats.connections++;
    return connection;
  }

  forget(connection: RespConnection): void {
    const { clients } = this.services;
    this.services.blocked.forget(connection.client);
    this.services.transactions.unwatch(connection.client);
    this.services.pubsub.forget(connection.client);
    this.services.tracking.stop(connection.client);
    clients.remove(connection.client);
    if (clients.count === 0) this.onEmpty?.();
  }

  /** Closes every connection once its replies are sent. Resolves when the last is gone. */
  close(): Promise<void> {
    const { clients } = this.services;
    return new Promise((resolve) => {
      this.onEmpty = resolve;
      for (const client of clients.all()) client.connection.closeAfterReplies();
      if (clients.count === 0) resolve();
    });
  }

  begin(connection: RespConnection): void {
    this.serving = connection;
    this.keyspace.setNow(this.services.clock.nowMs());
  }

  end(): void {
    this.serving = undefined;
    if (this.unflushed.length > 0) this.flushAll();
  }

  /** Sends what is out of band for a connection once the one being served has been. */
  flushLater(connection: RespConnection): void {
    if (this.serving === undefined) connection.flush();
    else this.unflushed.push(connection);
  }

  /** Sends the replies that no longer have to wait for the disk. */
  private releaseHeld(): void {
    for (const connection of this.holding) connection.release(this.appendLog.settled);
  }

  private flushAll(): void {
    const { unflushed } = this;
    this.unflushed = [];
    for (const connection of unflushed) connection.flush();
  }

  /** Serves a connection that had to wait: at once, or when the one being served has its replies. */
  resume(connection: RespConnection): void {
    this.resumable.push(connection);
    if (this.serving === undefined) this.resumeAll();
  }

  /** Serves those whose wait is over. To be called when nobody is being served. */
  resumeAll(): void {
    // They come here themselves afterwards, which must not go deeper with each of them.
    if (this.isResuming || this.resumable.length === 0) return;
    this.isResuming = true;
    for (const connection of this.resumable) connection.goOn();
    this.resumable.length = 0;
    this.isResuming = false;
  }

  private refusalFor(stream: Stream): string | undefined {
    const { access, config } = this.services;
    const isOpen = access.defaultAccount.hasNoPassword;
    return isOpen && config.get('protected-mode') && !stream.isLocal ? protectedMode : undefined;
  }
}
