/**
 * A connection that speaks RESP, or another language of a stream ({@link Wire}): bytes in, requests executed one after
 * another, replies gathered and sent once for each read. Requests are parsed where the transport put them; only one that
 * is not complete is copied aside.
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
import type { Turn, TurnTaker } from '#session/turn.ts';
import type { MakeWire, ReplyWriter, RequestParser, Wire } from '../wire.ts';
import type { RespDoor } from './door.ts';
import { HeldReplies } from './held-replies.ts';
import { Output } from './output.ts';
import { OutputLimit } from './output-limit.ts';

/** Replies are sent in the middle of a batch when they reach this size. */
const flushBytes = 256 * 1024;
/** With more replies than this not yet taken, a client is not served. */
const unreadRepliesBytesMax = 1024 * 1024;
const pendingBytesMin = 16 * 1024;
/** A buffer of pending input that is larger than this, and mostly empty, is replaced. */
const pendingKeptBytesMax = 256 * 1024;
const ownOutputBytes = 1024;

export class RespConnection implements StreamHandler, ClientConnection, TurnTaker {
  readonly client: Client;
  private readonly door: RespDoor;
  private readonly turn: Turn;
  private readonly stream: Stream;
  private readonly request = new Request();
  private readonly wire: Wire;
  private readonly parser: RequestParser;
  private readonly writer: ReplyWriter;
  private readonly session: Session;
  private ownWriter: { readonly output: Output; readonly writer: ReplyWriter } | undefined;
  /** The beginning of a request that is not complete yet, or requests that have to wait. */
  private pending: Buffer | undefined;
  private pendingLength = 0;
  /** The next request has to wait until clients are no longer paused. */
  private isPaused = false;
  /** The client does not take its replies. */
  private isStalled = false;
  private closing = false;
  private hasUnflushed = false;
  /** Replies to what is not safe on disk; made with the first. */
  private held: HeldReplies | undefined;
  private readonly outputLimit = new OutputLimit();

  constructor(door: RespDoor, stream: Stream, makeWire: MakeWire) {
    this.door = door;
    this.turn = door.turn;
    this.stream = stream;
    const { services, keyspace } = door;
    this.wire = makeWire(this.request);
    this.parser = this.wire.parser;
    this.writer = this.wire.writer(door.output);
    const { access, clients, clock } = services;
    this.client = new Client(clients.newId(), this, clock.nowMs(), access.defaultAccount);
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

  get isUnix(): boolean {
    return this.stream.isUnix;
  }

  get descriptor(): number {
    return this.stream.descriptor;
  }

  get inputBytes(): number {
    return this.pendingLength;
  }

  get inputCapacityBytes(): number {
    return this.pending?.length ?? 0;
  }

  private get heldBytes(): number {
    return this.held?.length ?? 0;
  }

  /** Whether requests have to wait. What a client sends while it waits for a key is read, to hear that it is gone. */
  private get isWaiting(): boolean {
    return this.isStalled || this.isPaused || this.client.isBlocked;
  }

  /** Whether the client still has to authenticate. */
  private get isStranger(): boolean {
    return !this.client.authenticated && this.door.services.access.needsAuth;
  }

  get isClosing(): boolean {
    return this.closing;
  }

  get outputBytes(): number {
    return this.stream.pendingBytes + this.heldBytes;
  }

  get outOfBand(): Reply {
    if (this.turn.serving === this) return this.writer;
    if (this.ownWriter === undefined) {
      const output = new Output(ownOutputBytes);
      this.ownWriter = { output, writer: this.wire.writer(output) };
      this.ownWriter.writer.protocol = this.protocol;
    }
    return this.ownWriter.writer;
  }

  flush(): void {
    this.hasUnflushed = false;
    if (this.ownWriter === undefined || this.turn.serving === this) return;
    this.send(this.ownWriter.output);
    if (this.isStalled) this.stream.pause();
  }

  flushLater(): void {
    if (this.hasUnflushed || this.turn.serving === this) return;
    this.hasUnflushed = true;
    this.turn.flushLater(this);
  }

  flushReply(): void {
    if (this.client.replyMode !== 'on') this.ownWriter?.output.clear(false);
    this.flush();
  }

  resume(): void {
    this.turn.resume(this);
  }

  destroy(): void {
    this.discard();
    // The stream says later that it is closed; nobody should meet this client until then.
    this.door.forget(this);
    this.stream.destroy();
  }

  closeAfterReplies(): void {
    this.closing = true;
    if (this.turn.serving !== this) this.end();
  }

  onData(bytes: Buffer, length: number): void {
    if (this.closing) return;
    this.client.inputBytes += length;
    const { stats } = this.door.services;
    stats.inputBytes += length;
    stats.reads++;
    if (this.pending === undefined) {
      this.parser.feed(bytes, 0, length);
      this.serve(bytes, length);
    } else {
      if (!this.append(bytes, length)) return;
      if (!this.isWaiting) this.serve(this.pending, this.pendingLength);
    }
  }

  onDrain(): void {
    this.outputLimit.reset();
    if (!this.isStalled || this.isHoldingMuch) return;
    this.isStalled = false;
    this.goOn();
  }

  /** Sends the replies to all that is safe on disk up to `position`. */
  release(position: number): void {
    const { released, holding } = this.door;
    this.held?.release(position, released);
    if (released.length > 0) this.pass(released);
    if (this.heldBytes === 0) {
      holding.delete(this);
      if (this.closing) this.stream.end();
    }
    if (!this.isStalled || this.isHoldingMuch || this.stream.pendingBytes > 0) return;
    this.isStalled = false;
    this.turn.resume(this);
  }

  onClose(): void {
    this.discard();
    this.door.forget(this);
  }

  enforceOutputLimit(nowMs: number): void {
    const { pendingBytes } = this.stream;
    if (pendingBytes === 0) return;
    const limit = this.door.outputLimitOf(this.client);
    if (this.outputLimit.isExceeded(pendingBytes, limit, nowMs)) this.destroy();
  }

  /** Parses and executes what `bytes` holds up to `length`, and sets aside what is left. */
  private serve(bytes: Buffer, length: number): void {
    const { door } = this;
    door.begin(this);
    this.client.lastActiveAtMs = door.keyspace.nowMs;
    this.parser.isStranger = this.isStranger;
    this.parser.bulkBytesMax = door.bulkBytesMax;
    this.executeAll();
    door.lookahead.clear();
    this.turn.end();
    this.send(door.output);
    if (this.closing) this.end();
    else this.keep(bytes, length);
    this.turn.resumeAll();
  }

  private executeAll(): void {
    const { parser, door } = this;
    const { lookahead } = door;
    while (!this.closing) {
      const result = lookahead.isEmpty ? parser.parse() : parser.take(lookahead);
      if (result === 'more') return;
      if (result === 'error' || result === 'refused') {
        if (this.client.replyMode === 'on') this.writer.error(error(parser.problem));
        this.closing = result === 'error';
        if (this.isFull()) return;
        continue;
      }
      const mark = door.output.length;
      if (door.executor.execute(this.session, this.writer) === 'wait') {
        parser.rewind();
        if (!this.client.isBlocked) this.waitUntilUnpaused();
        return;
      }
      if (this.client.replyMode !== 'on') this.dropReply(mark);
      if (this.client.isBlocked) return;
      if (parser.isStranger) parser.isStranger = this.isStranger;
      else if (lookahead.isEmpty && parser.hasMore) {
        parser.lookAhead(lookahead, this.session.database);
      }
      if (this.isFull()) return;
    }
  }

  /** Sends the replies so far if they are many. Returns whether the client does not take them. */
  private isFull(): boolean {
    const { output } = this.door;
    if (output.length <= flushBytes) return false;
    this.send(output);
    return this.isStalled;
  }

  private waitUntilUnpaused(): void {
    this.isPaused = true;
    this.door.services.clients.whenUnpaused(() => {
      this.isPaused = false;
      this.turn.resume(this);
    });
  }

  private dropReply(mark: number): void {
    const { client } = this;
    this.door.output.length = mark;
    if (client.replyMode === 'skip-next') client.replyMode = 'skip';
    else if (client.replyMode === 'skip') client.replyMode = 'on';
  }

  /** Serves what had to wait, if nothing is in its way any more. */
  goOn(): void {
    if (this.closing || this.isWaiting) return;
    if (this.pending !== undefined) this.serve(this.pending, this.pendingLength);
    if (!this.closing && !this.isWaiting) this.stream.resume();
  }

  private send(output: Output): void {
    if (output.length === 0) return;
    const { client, door } = this;
    if (client.effectsEnd > door.appendLog.settled || this.heldBytes > 0) this.hold(output);
    else this.pass(output);
  }

  /** Sends what nothing is in the way of. */
  private pass(output: Output): void {
    const { stream, door } = this;
    const { stats } = door.services;
    this.client.outputBytes += output.length;
    stats.outputBytes += output.length;
    stats.writes++;
    const isTaken = stream.write(output.bytes, output.length);
    output.clear(!isTaken);
    if (isTaken) return;
    this.isStalled = stream.pendingBytes > unreadRepliesBytesMax;
    this.enforceOutputLimit(door.keyspace.nowMs);
  }

  /** Keeps replies until what the client has done is safe on disk; later ones wait behind them, whatever they are. */
  private hold(output: Output): void {
    this.held ??= new HeldReplies();
    this.held.add(this.client.effectsEnd, output.bytes, output.length);
    output.clear(false);
    this.door.holding.add(this);
    this.isStalled ||= this.isHoldingMuch;
  }

  private get isHoldingMuch(): boolean {
    return this.heldBytes > unreadRepliesBytesMax;
  }

  /** Serves no more: nothing that waits is needed. */
  private discard(): void {
    this.closing = true;
    this.pending = undefined;
    this.pendingLength = 0;
    this.held = undefined;
    this.door.holding.delete(this);
  }

  /** Closes once the last reply is sent. */
  private end(): void {
    if (this.heldBytes === 0) this.stream.end();
  }

  /** Keeps what `bytes` holds from the request under way on. */
  private keep(bytes: Buffer, length: number): void {
    const { parser, pending: before } = this;
    const left = length - parser.start;
    if (this.isStalled || this.isPaused) this.stream.pause();
    if (left === 0) {
      if (before !== undefined) this.door.buffers.giveBack(before);
      this.pending = undefined;
      this.pendingLength = 0;
      return;
    }
    const isOversized = bytes.length > pendingKeptBytesMax && left < bytes.length / 4;
    let kept = bytes;
    if (bytes === before && !isOversized) {
      if (parser.start > 0) bytes.copyWithin(0, parser.start, length);
    } else {
      const { buffers } = this.door;
      kept = buffers.take(Math.max(pendingBytesMin, left));
      copyBytes(kept, 0, bytes, parser.start, left);
      if (before !== undefined) buffers.giveBack(before);
    }
    this.pending = kept;
    this.pendingLength = left;
    parser.feed(kept, 0, left);
  }

  /** Adds to the input that is pending. Returns false where that is more than a client may have. */
  private append(bytes: Buffer, length: number): boolean {
    const { parser } = this;
    let pending = this.pending ?? bytes;
    const total = this.pendingLength + length;
    if (total > this.door.queryBytesMax) {
      this.destroy();
      return false;
    }
    if (total > pending.length) {
      // Room follows what has really come: a length announced is not yet a length sent.
      const doubled = Math.max(total, Math.min(pending.length * 2, this.door.queryBytesMax));
      const wanted = parser.needed >= total ? Math.min(parser.needed, doubled) : doubled;
      const { buffers } = this.door;
      const grown = buffers.take(wanted);
      copyBytes(grown, 0, pending, 0, this.pendingLength);
      buffers.giveBack(pending);
      pending = grown;
    }
    copyBytes(pending, this.pendingLength, bytes, 0, length);
    this.pending = pending;
    this.pendingLength = total;
    parser.feed(pending, 0, total);
    return true;
  }
}
