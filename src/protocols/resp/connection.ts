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
import type { Message } from '#commands/message.ts';
import type { Reply } from '#commands/reply.ts';
import { Request } from '#commands/request.ts';
import type { Stream, StreamHandler } from '#platform/transport.ts';
import { Session } from '#session/session.ts';
import type { Turn, TurnTaker } from '#session/turn.ts';
import type { MakeWire, ReplyWriter, RequestParser, Wire } from '../wire.ts';
import type { RespDoor } from './door.ts';
import { HeldReplies } from './held-replies.ts';
import { OutOfTurn } from './out-of-turn.ts';
import type { Output } from './output.ts';
import { OutputLimit } from './output-limit.ts';
import { PendingInput } from './pending-input.ts';

/** Replies are sent in the middle of a batch when they reach this size. */
const flushBytes = 256 * 1024;
/** With more replies than this not yet taken, a client is not served. */
const unreadRepliesBytesMax = 1024 * 1024;

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
  private readonly outOfTurn: OutOfTurn;
  private readonly pending: PendingInput;
  /** The next request has to wait until clients are no longer paused. */
  private isPaused = false;
  /** The client does not take its replies. */
  private isStalled = false;
  private closing = false;
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
    this.pending = new PendingInput(this.parser, door.buffers);
    this.writer = this.wire.writer(door.output);
    this.outOfTurn = new OutOfTurn(this.wire);
    const { access, clients, clock } = services;
    this.client = new Client(clients.newId(), this, clock.nowMs(), access.defaultAccount);
    this.session = new Session({
      keyspace,
      database: keyspace.firstDatabase,
      request: this.request,
      reply: this.writer,
      client: this.client,
      services,
      inputStays: true,
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
    this.outOfTurn.protocol = version;
  }

  get isUnix(): boolean {
    return this.stream.isUnix;
  }

  get descriptor(): number {
    return this.stream.descriptor;
  }

  get inputBytes(): number {
    return this.pending.length;
  }

  get inputCapacityBytes(): number {
    return this.pending.bytes?.length ?? 0;
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
    return this.writesInTurn ? this.writer : this.outOfTurn.writer;
  }

  /** Whether what is no reply goes with the replies. Where those are dropped it must not be among them. */
  private get writesInTurn(): boolean {
    return this.turn.serving === this && this.client.replyMode === 'on';
  }

  sendMessage(message: Message): void {
    if (this.writesInTurn || !this.wire.sharesMessages) message.writeTo(this.outOfBand);
    else this.outOfTurn.add(message, this.door.messages[this.protocol]);
    this.flushLater();
  }

  flush(): void {
    const { outOfTurn, stream } = this;
    outOfTurn.isDue = false;
    if (this.turn.serving === this) return;
    // One who takes nothing is owed just its own bytes, lest a shared buffer be kept for each message.
    const stretch = this.mustHold || stream.pendingBytes > 0 ? undefined : outOfTurn.stretch;
    if (stretch !== undefined) outOfTurn.settle(!this.write(stretch, stretch.length));
    else if (outOfTurn.output !== undefined) this.send(outOfTurn.output);
    if (this.isStalled) this.stream.pause();
  }

  flushLater(): void {
    if (this.outOfTurn.isDue || this.turn.serving === this) return;
    this.outOfTurn.isDue = true;
    this.turn.flushLater(this);
  }

  flushReply(): void {
    const { client } = this;
    if (client.replyMode !== 'on') {
      this.outOfTurn.output?.clear(false);
      client.passSilence();
    }
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

  onData(bytes: Buffer, at: number, end: number): void {
    if (this.closing) return;
    this.client.inputBytes += end - at;
    const { stats } = this.door.services;
    stats.inputBytes += end - at;
    stats.reads++;
    const { pending } = this;
    if (pending.bytes === undefined) {
      this.parser.feed(bytes, at, end);
      this.serve(bytes, end);
    } else if (!pending.append(bytes, at, end, this.door.queryBytesMax)) this.destroy();
    else if (!this.isWaiting) this.serve(pending.bytes, pending.length);
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

  /** Parses and executes what `bytes` holds up to `end`, and sets aside what is left. */
  private serve(bytes: Buffer, end: number): void {
    const { door } = this;
    door.begin(this);
    this.client.lastActiveAtMs = door.keyspace.nowMs;
    this.parser.isStranger = this.isStranger;
    this.parser.bulkBytesMax = door.bulkBytesMax;
    this.executeAll();
    door.end(this);
    this.send(door.output);
    if (this.closing) this.end();
    else {
      if (this.isStalled || this.isPaused) this.stream.pause();
      this.pending.keep(bytes, end);
    }
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
        parser.lookAhead(lookahead, this.session.databaseOfNext);
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

  /** Drops the reply that begins at `mark`, if it is there already, and puts in its place what has come beside it. */
  private dropReply(mark: number): void {
    const { client, outOfTurn } = this;
    const { output } = this.door;
    output.length = mark;
    const besides = outOfTurn.output;
    if (besides !== undefined && besides.length > 0) {
      output.append(besides.bytes, 0, besides.length);
      besides.clear(false);
    }
    if (!client.isBlocked) client.passSilence();
  }

  /** Serves what had to wait, if nothing is in its way any more. */
  goOn(): void {
    if (this.closing || this.isWaiting) return;
    const { bytes, length } = this.pending;
    if (bytes !== undefined) this.serve(bytes, length);
    if (!this.closing && !this.isWaiting) this.stream.resume();
  }

  private send(output: Output): void {
    if (output.length === 0) return;
    if (this.mustHold) this.hold(output);
    else this.pass(output);
  }

  /** Whether nothing may be sent until what the client has done is safe on disk. */
  private get mustHold(): boolean {
    return this.heldBytes > 0 || this.client.effectsEnd > this.door.appendLog.settled;
  }

  /** Sends what nothing is in the way of. */
  private pass(output: Output): void {
    output.clear(!this.write(output.bytes, output.length));
  }

  /** Returns whether the bytes may be reused at once. */
  private write(bytes: Buffer, length: number): boolean {
    const { stream, door } = this;
    const { stats } = door.services;
    this.client.outputBytes += length;
    stats.outputBytes += length;
    stats.writes++;
    if (stream.write(bytes, length)) return true;
    this.isStalled = stream.pendingBytes > unreadRepliesBytesMax;
    this.enforceOutputLimit(door.keyspace.nowMs);
    return false;
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
    this.pending.drop();
    this.held = undefined;
    this.door.holding.delete(this);
  }

  /** Closes once the last reply is sent. */
  private end(): void {
    if (this.heldBytes === 0) this.stream.end();
  }
}
