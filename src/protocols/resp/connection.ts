/**
 * A RESP connection: bytes in, requests executed one after another, replies gathered and sent once for each
 * read. Requests are parsed where the transport put them; only one that is not complete is copied aside.
 *
 * A client that does not take its replies is not served further until it does: its requests then stay where
 * they are, and nothing is read, so that neither side of the connection grows without bound.
 */
import { Client, type ClientConnection } from '#commands/client.ts';
import { error } from '#commands/errors.ts';
import type { Reply } from '#commands/reply.ts';
import { Request } from '#commands/request.ts';
import { copyBytes } from '#memory/bytes.ts';
import type { Stream, StreamHandler } from '#platform/transport.ts';
import { Session } from '#session/session.ts';
import type { RespDoor } from './door.ts';
import { Output } from './output.ts';
import { RespParser } from './parser.ts';
import { RespWriter } from './writer.ts';

/** Replies are sent in the middle of a batch when they reach this size. */
const flushBytes = 256 * 1024;
/** With more replies than this not yet taken, a client is not served. */
const unreadRepliesBytesMax = 1024 * 1024;
const pendingBytesMin = 16 * 1024;

export class RespConnection implements StreamHandler, ClientConnection {
  readonly client: Client;
  private readonly door: RespDoor;
  private readonly stream: Stream;
  private readonly request = new Request();
  private readonly parser: RespParser;
  private readonly writer: RespWriter;
  private readonly session: Session;
  private ownWriter: { readonly output: Output; readonly writer: RespWriter } | undefined;
  /** The beginning of a request that is not complete yet, or requests that have to wait. */
  private pending: Buffer | undefined;
  private pendingLength = 0;
  /** The request parsed last has not been executed. */
  private isWaiting = false;
  private isStalled = false;
  private isClosing = false;

  constructor(door: RespDoor, stream: Stream) {
    this.door = door;
    this.stream = stream;
    const { services, keyspace } = door;
    this.parser = new RespParser(this.request);
    this.writer = new RespWriter(door.output);
    const authenticated = services.config.get('requirepass').length === 0;
    const { clients, clock } = services;
    this.client = new Client(clients.newId(), this, clock.nowMs(), authenticated);
    this.session = new Session({
      keyspace,
      database: keyspace.firstDatabase,
      request: this.request,
      reply: this.writer,
      client: this.client,
      services,
    });
  }

  get remoteAddress(): string {
    return this.stream.remoteAddress;
  }

  get localAddress(): string {
    return this.stream.localAddress;
  }

  get isLocal(): boolean {
    return this.stream.isLocal;
  }

  get protocol(): 2 | 3 {
    return this.writer.protocol;
  }

  set protocol(version: 2 | 3) {
    this.writer.protocol = version;
    if (this.ownWriter !== undefined) this.ownWriter.writer.protocol = version;
  }

  get inputBytes(): number {
    return this.pendingLength;
  }

  get outputBytes(): number {
    return this.stream.pendingBytes;
  }

  get outOfBand(): Reply {
    if (this.door.serving === this) return this.writer;
    if (this.ownWriter === undefined) {
      const output = new Output();
      this.ownWriter = { output, writer: new RespWriter(output) };
      this.ownWriter.writer.protocol = this.protocol;
    }
    return this.ownWriter.writer;
  }

  flush(): void {
    if (this.ownWriter !== undefined && this.door.serving !== this)
      this.send(this.ownWriter.output);
  }

  destroy(): void {
    this.isClosing = true;
    this.stream.destroy();
  }

  closeAfterReplies(): void {
    this.isClosing = true;
    if (this.door.serving !== this) this.stream.end();
  }

  onData(bytes: Buffer, length: number): void {
    if (this.isClosing) return;
    this.client.inputBytes += length;
    const { stats } = this.door.services;
    stats.inputBytes += length;
    stats.reads++;
    if (this.pending === undefined) {
      this.parser.feed(bytes, 0, length);
      this.serve(bytes, length);
    } else {
      this.append(bytes, length);
      if (!this.isStalled && !this.isWaiting) this.serve(this.pending, this.pendingLength);
    }
  }

  onDrain(): void {
    if (!this.isStalled || this.isClosing) return;
    this.isStalled = false;
    this.goOn();
  }

  onClose(): void {
    this.isClosing = true;
    this.door.forget(this);
  }

  /** Parses and executes what `bytes` holds up to `length`, and sets aside what is left. */
  private serve(bytes: Buffer, length: number): void {
    const { door } = this;
    door.begin(this);
    this.client.lastActiveAtMs = door.keyspace.nowMs;
    this.parser.isStranger = !this.client.authenticated;
    this.parser.bulkBytesMax = door.bulkBytesMax;
    this.executeAll();
    door.end();
    this.send(door.output);
    if (this.isClosing) {
      this.stream.end();
      return;
    }
    this.keep(bytes, length);
  }

  private executeAll(): void {
    const { parser, door } = this;
    while (!this.isClosing) {
      if (!this.isWaiting) {
        const result = parser.parse();
        if (result === 'more') return;
        if (result === 'error') {
          this.writer.error(error(parser.problem));
          this.isClosing = true;
          return;
        }
      }
      const mark = door.output.length;
      this.isWaiting = door.executor.execute(this.session, this.writer) === 'wait';
      if (this.isWaiting) {
        door.services.clients.whenUnpaused(() => this.goOn());
        return;
      }
      if (this.client.replyMode !== 'on') this.dropReply(mark);
      if (door.output.length > flushBytes) {
        this.send(door.output);
        if (this.stream.pendingBytes > unreadRepliesBytesMax) {
          this.isStalled = true;
          return;
        }
      }
    }
  }

  private dropReply(mark: number): void {
    const { client } = this;
    this.door.output.length = mark;
    if (client.replyMode === 'skip-next') client.replyMode = 'skip';
    else if (client.replyMode === 'skip') client.replyMode = 'on';
  }

  private goOn(): void {
    if (this.isClosing || this.pending === undefined) return;
    this.serve(this.pending, this.pendingLength);
    if (!this.isStalled && !this.isWaiting) this.stream.resume();
  }

  private send(output: Output): void {
    if (output.length === 0) return;
    this.client.outputBytes += output.length;
    const { stats } = this.door.services;
    stats.outputBytes += output.length;
    stats.writes++;
    output.clear(!this.stream.write(output.bytes, output.length));
  }

  /** Keeps what `bytes` holds from the request under way on. */
  private keep(bytes: Buffer, length: number): void {
    const { parser } = this;
    const left = length - parser.start;
    if (this.isStalled || this.isWaiting) this.stream.pause();
    if (left === 0 && !this.isWaiting) {
      this.pending = undefined;
      this.pendingLength = 0;
      return;
    }
    if (bytes === this.pending) {
      if (parser.start > 0) bytes.copyWithin(0, parser.start, length);
    } else {
      this.pending = Buffer.allocUnsafeSlow(Math.max(pendingBytesMin, left));
      copyBytes(this.pending, 0, bytes, parser.start, left);
    }
    this.pendingLength = left;
    parser.feed(this.pending, 0, left);
  }

  private append(bytes: Buffer, length: number): void {
    const { parser } = this;
    let pending = this.pending ?? bytes;
    const total = this.pendingLength + length;
    if (total > pending.length) {
      // Room follows what has really come: a length announced is not yet a length sent.
      const wanted = Math.max(total, Math.min(parser.needed, pending.length * 2));
      const grown = Buffer.allocUnsafeSlow(wanted);
      copyBytes(grown, 0, pending, 0, this.pendingLength);
      pending = grown;
    }
    copyBytes(pending, this.pendingLength, bytes, 0, length);
    this.pending = pending;
    this.pendingLength = total;
    parser.feed(pending, 0, total);
    if (total > this.door.queryBytesMax) this.destroy();
  }
}
