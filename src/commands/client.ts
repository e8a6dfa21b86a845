/**
 * A client: what the server knows of somebody who is connected, whichever door they came through. Commands
 * read and change it; the connection behind it does what only a connection can.
 */
import type { Account } from './access.ts';
import { Fieldsets } from './fieldsets.ts';
import type { Message } from './message.ts';
import type { Reply } from './reply.ts';
import { Subscriptions } from './subscriptions.ts';
import type { TrackingState } from './tracking.ts';
import { Transaction } from './transaction.ts';

/** What a client's connection can be asked to do. */
export interface ClientConnection {
  readonly remoteAddress: string;
  readonly localAddress: string;
  /** Whether the client is on this machine. */
  readonly isLocal: boolean;
  /** Whether it came through a unix socket. */
  readonly isUnix: boolean;
  /** The system's number of its socket, -1 if there is none. */
  readonly descriptor: number;
  /** 2 or 3 for RESP. */
  protocol: 2 | 3;
  /** Bytes of requests waiting to be completed. */
  readonly inputBytes: number;
  /** Bytes of the buffer that holds them. */
  readonly inputCapacityBytes: number;
  /** Bytes of replies waiting to be taken. */
  readonly outputBytes: number;
  /** Whether it is to be closed once its replies were sent. */
  readonly isClosing: boolean;
  /** Whether the command under way has to be answered at once, so that nothing may be suspended. */
  readonly isSynchronous?: boolean;
  /** Closes at once; what was not sent is lost. */
  destroy(): void;
  /** Closes once every reply so far was sent; later requests are not looked at. */
  closeAfterReplies(): void;
  /** Where to write something that is no reply to a request. Call {@link ClientConnection.flush} afterwards. */
  readonly outOfBand: Reply;
  flush(): void;
  /** Like {@link flush}, but not before whoever is being served has been: for several messages in one go. */
  flushLater(): void;
  /** Sends a message that others get as well, where that is cheaper than writing it: {@link flushLater} is done. */
  sendMessage?(message: Message): void;
  /** Like {@link flush}, for the reply to a command that waited: the client may not want replies. */
  flushReply(): void;
  /** Goes on with the client's requests after one that waited. */
  resume(): void;
  /** Closes a client that has not taken its replies for too long. To be called once in a while. */
  enforceOutputLimit(nowMs: number): void;
}

/** CLIENT REPLY: whether the client wants answers. `skip` is for the next command only. */
export type ReplyMode = 'on' | 'off' | 'skip-next' | 'skip';

export class Client {
  readonly id: number;
  readonly connection: ClientConnection;
  readonly createdAtMs: number;
  lastActiveAtMs: number;
  name = '';
  libraryName = '';
  libraryVersion = '';
  /** Who it is: the default user until it says otherwise. */
  account: Account;
  authenticated: boolean;
  replyMode: ReplyMode = 'on';
  noEvict = false;
  noTouch = false;
  isMonitor = false;
  readonly transaction = new Transaction();
  readonly subscriptions = new Subscriptions();
  /** What it asked for of client-side caching, if anything. */
  tracking: TrackingState | undefined;
  /** Whether a command of it waits for a key to be written, or for a lock. */
  isBlocked = false;
  /** The full name of the last command, as CLIENT LIST shows it. */
  lastCommand = 'NULL';
  databaseIndex = 0;
  /** The position in the effect feed after the last effect of its commands. */
  effectsEnd = 0;
  /** What HIMPORT PREPARE gave names to. */
  readonly fieldsets = new Fieldsets();
  commands = 0;
  inputBytes = 0;
  outputBytes = 0;

  constructor(id: number, connection: ClientConnection, nowMs: number, account: Account) {
    this.id = id;
    this.connection = connection;
    this.createdAtMs = nowMs;
    this.lastActiveAtMs = nowMs;
    this.account = account;
    this.authenticated = account.isOpen;
  }

  /** The name of its user. */
  get user(): string {
    return this.account.name;
  }

  /** Says that a command was not answered because it did not want it: SKIP is for one command only. */
  passSilence(): void {
    if (this.replyMode === 'skip-next') this.replyMode = 'skip';
    else if (this.replyMode === 'skip') this.replyMode = 'on';
  }

  /** Makes it what it was when it came, but for its library and a reply that is being skipped (RESET). */
  reset(account: Account): void {
    this.name = '';
    this.account = account;
    this.authenticated = account.isOpen;
    this.databaseIndex = 0;
    this.connection.protocol = 2;
    this.isMonitor = false;
    this.noEvict = false;
    this.noTouch = false;
    this.fieldsets.clear();
    this.transaction.end();
    if (this.replyMode !== 'skip') this.replyMode = 'on';
  }
}

/** CLIENT PAUSE: whose commands wait, and until when. */
export interface Pause {
  readonly mode: 'write' | 'all';
  readonly untilMs: number;
}

/** Everybody connected, in the order of their ids. */
export class Clients {
  /** How many may be connected. */
  max = 10_000;
  accepted = 0;
  rejected = 0;
  /** Who watches every command. */
  readonly monitors = new Set<Client>();
  private pauseState: Pause | undefined;
  private readonly byId = new Map<number, Client>();
  /** Called with each client that goes. */
  onRemove: (client: Client) => void = () => {};
  private readonly onUnpause = new Set<() => void>();
  private nextId = 1;

  /** An id nobody had before. */
  newId(): number {
    return this.nextId++;
  }

  add(client: Client): void {
    this.byId.set(client.id, client);
    this.accepted++;
  }

  remove(client: Client): void {
    this.byId.delete(client.id);
    this.monitors.delete(client);
    this.onRemove(client);
  }

  get count(): number {
    return this.byId.size;
  }

  /** Bytes in the buffers of all connections. O(clients). */
  get bufferBytes(): number {
    let bytes = 0;
    for (const { connection } of this.byId.values()) {
      bytes += connection.inputBytes + connection.outputBytes;
    }
    return bytes;
  }

  find(id: number): Client | undefined {
    return this.byId.get(id);
  }

  all(): IterableIterator<Client> {
    return this.byId.values();
  }

  /** The pause in force, if any. */
  get pause(): Pause | undefined {
    return this.pauseState;
  }

  /** Pauses, or prolongs and sharpens the pause in force; as in Redis neither is ever lessened. */
  pauseAll({ mode, untilMs }: Pause): void {
    const { pauseState } = this;
    this.pauseState = {
      mode: pauseState?.mode === 'all' ? 'all' : mode,
      untilMs: Math.max(pauseState?.untilMs ?? 0, untilMs),
    };
  }

  /** Ends the pause if its time is over. To be called regularly: nobody else tells those who wait. */
  expirePause(nowMs: number): void {
    if (this.pauseState !== undefined && this.pauseState.untilMs <= nowMs) this.unpause();
  }

  /** Ends the pause, and lets those go on who wait. */
  unpause(): void {
    this.pauseState = undefined;
    const waiting = [...this.onUnpause];
    this.onUnpause.clear();
    for (const resume of waiting) resume();
  }

  /** Calls `resume` once nothing is paused any more. */
  whenUnpaused(resume: () => void): void {
    this.onUnpause.add(resume);
  }
}
