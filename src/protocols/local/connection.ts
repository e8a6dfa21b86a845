/**
 * A client without a socket: words in, values out. Its calls are executed one after another, as those of any client;
 * one that waits, for a key or because clients are paused, holds up its own later calls and nobody else.
 *
 * A call may begin at any time that no command is being executed, which is always so where the caller's own code runs: it
 * is told of replies and messages by promises and microtasks only.
 */
import type { Account } from '#commands/access.ts';
import { Client, type ClientConnection } from '#commands/client.ts';
import { interactiveErrors } from '#commands/interactive-errors.ts';
import type { Reply } from '#commands/reply.ts';
import { assert } from '#memory/assert.ts';
import { Session } from '#session/session.ts';
import type { TurnTaker } from '#session/turn.ts';
import type { LocalDoor, Peer } from './door.ts';
import { ReplyError, type ReplyValue } from './reply-value.ts';
import type { Argument } from './request-writer.ts';
import type { ReplyMaker, Written } from './value-reply.ts';

interface Call {
  readonly words: readonly Argument[];
  readonly isText: boolean;
  readonly resolve: (value: ReplyValue) => void;
}

/** A reply that may not be told before the effects up to `position` are safe on disk. */
interface HeldValue {
  readonly position: number;
  readonly value: ReplyValue;
  readonly resolve: (value: ReplyValue) => void;
}

/** `paused` and `locked`: it is to be executed again; `blocked`: it is answered later. */
type Outcome = 'done' | 'paused' | 'locked' | 'blocked';

export class LocalConnection implements ClientConnection, TurnTaker {
  readonly client: Client;
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isLocal: boolean;
  readonly isUnix = false;
  readonly descriptor = -1;
  readonly inputBytes = 0;
  readonly inputCapacityBytes = 0;
  readonly outputBytes = 0;
  /** Called with each message (of pub/sub, tracking, MONITOR) as its values, bytes being Buffers. */
  onMessage: (message: readonly ReplyValue[]) => void = () => {};
  /** Called when the connection is gone, whoever closed it. */
  onClose: () => void = () => {};
  private readonly door: LocalDoor;
  private readonly session: Session;
  private readonly reply: ReplyMaker;
  private readonly outOfTurn: ReplyMaker;
  private readonly calls: Call[] = [];
  /** The call whose command waits for a key. */
  private waiting: Call | undefined;
  private isPaused = false;
  /** Whether a call is executed that has to be answered at once. */
  isSynchronous = false;
  private closing = false;
  private isGone = false;
  private hasUnflushed = false;
  private messages: ReplyValue[] = [];
  private held: HeldValue[] = [];

  /** For the door only. */
  constructor(door: LocalDoor, peer: Peer, account: Account, makeReplies: () => ReplyMaker) {
    this.door = door;
    this.remoteAddress = peer.remoteAddress;
    this.localAddress = peer.localAddress;
    this.isLocal = peer.isLocal;
    const { services, keyspace, writer } = door;
    this.reply = makeReplies();
    this.outOfTurn = makeReplies();
    this.client = new Client(services.clients.newId(), this, services.clock.nowMs(), account);
    this.session = new Session({
      keyspace,
      database: keyspace.firstDatabase,
      request: writer.request,
      reply: this.reply,
      client: this.client,
      services,
    });
  }

  get protocol(): 2 | 3 {
    return this.reply.protocol;
  }

  set protocol(version: 2 | 3) {
    this.reply.protocol = version;
    this.outOfTurn.protocol = version;
  }

  get isClosing(): boolean {
    return this.closing;
  }

  get outOfBand(): Reply {
    // EXEC that was left in the middle goes on with the reply that it began.
    return this.reply.isOpen ? this.reply : this.outOfTurn;
  }

  /**
   * Executes a command, after all calls before it. Resolves with its reply, which may be a {@link ReplyError}, once the
   * client may be told (appendfsync always); never rejects. With `isText`, values are strings and not Buffers. A command
   * that replies more than once, such as SUBSCRIBE, resolves with an array of its replies.
   */
  call(words: readonly Argument[], isText = false): Promise<ReplyValue> {
    return new Promise((resolve) => this.callBack(words, resolve, isText));
  }

  /** The same with a callback, which may be called before this returns. */
  callBack(words: readonly Argument[], resolve: (value: ReplyValue) => void, isText = false): void {
    if (this.closing) resolve(closedError());
    else {
      this.calls.push({ words, isText, resolve });
      this.goOn();
    }
  }

  /**
   * Executes a command now. One that would wait for a key or a lock is answered as if its time were over; where clients are paused or
   * earlier calls wait, an error says so. The disk is not waited for.
   */
  callNow(words: readonly Argument[], isText = false): ReplyValue {
    if (this.closing) return closedError();
    if (this.calls.length > 0 || this.waiting !== undefined) return busyError();
    this.isSynchronous = true;
    const outcome = this.execute(words, isText);
    this.isSynchronous = false;
    if (outcome === 'paused') return pausedError();
    if (outcome === 'locked') {
      this.door.services.interactive.giveUp(this.client);
      return lockedError();
    }
    let value: ReplyValue = null;
    if (outcome === 'done') value = replyOf(this.reply.take());
    else {
      this.waiting = { words, isText, resolve: (late) => (value = late) };
      this.door.services.blocked.release(this.client, 'timeout');
    }
    this.finishTurn();
    return value;
  }

  /** Makes the client the user if the password is right. */
  authenticate(user: string, password: string): boolean {
    const { access } = this.door.services;
    const name = Buffer.from(user).toString('latin1');
    return access.authenticate(this.client, name, Buffer.from(password), 'AUTH');
  }

  /** Ends the connection; calls that wait are answered with an error. */
  close(): void {
    this.destroy();
  }

  flush(): void {
    this.hasUnflushed = false;
    const written = this.outOfTurn.take();
    for (const { value } of written) this.deliver(value);
  }

  flushLater(): void {
    if (this.hasUnflushed) return;
    this.hasUnflushed = true;
    this.door.turn.flushLater(this);
  }

  flushReply(): void {
    const written = [...this.reply.take(), ...this.outOfTurn.take()];
    const replies = written.filter(({ isPush }) => !isPush);
    for (const { value, isPush } of written) if (isPush) this.deliver(value);
    const { waiting } = this;
    assert(waiting !== undefined, 'local: a reply to a call that waited');
    if (waiting === undefined) return;
    this.waiting = undefined;
    const value = replyOf(replies);
    this.answer(waiting, waiting.isText ? asText(value) : value);
  }

  resume(): void {
    this.door.turn.resume(this);
  }

  closeAfterReplies(): void {
    this.closing = true;
    if (this.door.turn.serving !== this) this.end();
  }

  destroy(): void {
    this.closing = true;
    // What is not safe on disk is not told any more.
    for (const { resolve } of this.held.splice(0)) resolve(closedError());
    this.end();
  }

  enforceOutputLimit(): void {}

  /** Executes the calls that wait for their turn. */
  goOn(): void {
    if (this.door.turn.serving !== undefined) {
      this.door.turn.resume(this);
      return;
    }
    const { client } = this;
    while (!this.closing && !this.isPaused && !client.isBlocked && this.waiting === undefined) {
      const call = this.calls[0];
      if (call === undefined) return;
      const outcome = this.execute(call.words, call.isText);
      if (outcome === 'paused') this.waitUntilUnpaused();
      else if (outcome !== 'locked') {
        this.calls.shift();
        if (outcome === 'blocked') this.waiting = call;
        else this.answer(call, replyOf(this.reply.take()));
      }
      this.finishTurn();
    }
    if (this.closing) this.end();
  }

  /** Gives out the replies to all that is safe on disk up to `position`. */
  release(position: number): void {
    const ready = this.held.filter((each) => each.position <= position);
    this.held = this.held.filter((each) => each.position > position);
    if (this.held.length === 0) this.door.holding.delete(this);
    for (const { resolve, value } of ready) resolve(value);
    if (this.closing) this.end();
  }

  private execute(words: readonly Argument[], isText: boolean): Outcome {
    const { door, reply, session, client } = this;
    assert(door.turn.serving === undefined, 'local: no command is being executed');
    reply.isText = isText;
    if (words.length === 0 || !door.writer.write(words, door.wordBytesMax)) {
      reply.error(words.length === 0 ? emptyRequest : tooLong);
      return 'done';
    }
    session.request = door.writer.request;
    door.turn.begin(this);
    door.keyspace.setNow(door.services.clock.nowMs());
    client.lastActiveAtMs = door.keyspace.nowMs;
    const outcome = door.executor.execute(session, reply);
    door.turn.end();
    if (outcome === 'wait') return client.isBlocked ? 'locked' : 'paused';
    return client.isBlocked ? 'blocked' : 'done';
  }

  /** What comes after a command: others who wait, and the end of a connection that asked for it. */
  private finishTurn(): void {
    if (this.closing) this.end();
    this.door.turn.resumeAll();
  }

  private answer({ resolve }: Call, value: ReplyValue): void {
    const { client, door } = this;
    const position = client.effectsEnd;
    if (this.held.length === 0 && position <= door.services.appendLog.settled) {
      resolve(value);
      return;
    }
    this.held.push({ position, value, resolve });
    door.holding.add(this);
  }

  private deliver(value: ReplyValue): void {
    if (this.messages.length === 0) {
      void Promise.resolve().then(() => {
        const { messages } = this;
        this.messages = [];
        for (const each of messages) this.onMessage(Array.isArray(each) ? each : [each]);
      });
    }
    this.messages.push(value);
  }

  private waitUntilUnpaused(): void {
    this.isPaused = true;
    this.door.services.clients.whenUnpaused(() => {
      this.isPaused = false;
      this.resume();
    });
  }

  /** Ends the connection, once replies that wait for the disk are out. */
  private end(): void {
    if (this.isGone || this.held.length > 0) return;
    this.isGone = true;
    const { waiting, calls } = this;
    this.door.forget(this);
    this.waiting = undefined;
    waiting?.resolve(closedError());
    for (const { resolve } of calls.splice(0)) resolve(closedError());
    this.onClose();
  }
}

const emptyRequest = { code: 'ERR', text: 'empty command', status: 'invalid-argument' } as const;
const tooLong = { code: 'ERR', text: 'invalid bulk length', status: 'out-of-range' } as const;

function closedError(): ReplyError {
  return new ReplyError('ERR', 'the connection is closed', 'unavailable');
}

function busyError(): ReplyError {
  return new ReplyError('ERR', 'an earlier call of this connection waits', 'unavailable');
}

function lockedError(): ReplyError {
  const { code, text } = interactiveErrors.lockTimeout;
  return new ReplyError(code, text);
}

function pausedError(): ReplyError {
  return new ReplyError('ERR', 'clients are paused', 'unavailable');
}

function replyOf(written: readonly Written[]): ReplyValue {
  const [first] = written;
  if (written.length === 1 && first !== undefined) return first.value;
  return written.length === 0 ? null : written.map(({ value }) => value);
}

/** The value with strings for its Buffers. */
function asText(value: ReplyValue): ReplyValue {
  if (Buffer.isBuffer(value)) return value.toString();
  if (Array.isArray(value)) return value.map(asText);
  if (value instanceof Set) return new Set([...value].map(asText));
  if (!(value instanceof Map)) return value;
  return new Map([...value].map(([key, each]) => [asText(key), asText(each)]));
}
