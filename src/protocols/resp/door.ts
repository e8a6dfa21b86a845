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
import { dismiss, refusalOf } from '#session/admission.ts';
import type { Executor } from '#session/executor.ts';
import type { Turn } from '#session/turn.ts';
import type { MakeWire } from '../wire.ts';
import { BufferPool } from './buffer-pool.ts';
import { RespConnection } from './connection.ts';
import { Lookahead } from './lookahead.ts';
import { Output } from './output.ts';
import { SharedMessages } from './shared-messages.ts';
import { respWire } from './wire.ts';

export class RespDoor {
  readonly services: Services;
  readonly keyspace: Keyspace;
  readonly executor: Executor;
  readonly output = new Output();
  /** Messages of this turn to clients of each protocol. */
  readonly messages = { 2: new SharedMessages(2), 3: new SharedMessages(3) };
  /** On their way out: replies that no longer have to wait for the disk. */
  readonly released = new Output();
  /** Where input that has to wait is kept. */
  readonly buffers = new BufferPool();
  /** Redis's proto-max-bulk-len, kept here because every read needs it. */
  bulkBytesMax: number;
  readonly appendLog: AppendLog;
  /** Those whose replies wait for the disk. */
  readonly holding = new Set<RespConnection>();
  readonly turn: Turn;
  readonly lookahead: Lookahead;
  private onEmpty: (() => void) | undefined;

  constructor(services: Services, keyspace: Keyspace, executor: Executor, turn: Turn) {
    this.turn = turn;
    this.lookahead = new Lookahead(keyspace.foresight);
    this.services = services;
    this.keyspace = keyspace;
    this.executor = executor;
    this.appendLog = services.appendLog;
    this.appendLog.onSettled.add(() => this.releaseHeld());
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
    const { clients, stats } = this.services;
    const refusal = refusalOf(this.services, stream.isLocal);
    if (refusal !== undefined) {
      const text = Buffer.from(`-${refusal.code} ${refusal.text}\r\n`);
      stream.write(text, text.length);
      return undefined;
    }
    const connection = new RespConnection(this, stream, makeWire);
    clients.add(connection.client);
    stats.connections++;
    return connection;
  }

  forget(connection: RespConnection): void {
    dismiss(this.services, connection.client);
    if (this.services.clients.count === 0) this.onEmpty?.();
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

  /** Begins a connection's turn, in the time that it is now. */
  begin(connection: RespConnection): void {
    this.turn.begin(connection);
    this.keyspace.setNow(this.services.clock.nowMs());
  }

  /** Ends a connection's turn, before its input is used again. */
  end({ client }: RespConnection): void {
    this.lookahead.clear();
    client.transaction.queue?.settle();
    this.turn.end();
  }

  /** Sends the replies that no longer have to wait for the disk. */
  private releaseHeld(): void {
    for (const connection of this.holding) connection.release(this.appendLog.settled);
  }
}
