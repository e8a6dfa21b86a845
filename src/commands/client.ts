/**
 * A client: what the server knows of somebody who is connected, whichever door they came through. Commands
 * read and change it; the connection behind it does what only a connection can.
 */
import type { Reply } from './reply.ts';

/** What a client's connection can be asked to do. */
export interface ClientConnection {
  readonly remoteAddress: string;
  readonly localAddress: string;
  /** Whether the client is on this machine. */
  readonly isLocal: boolean;
  /** 2 or 3 for RESP. */
  protocol: 2 | 3;
  /** Bytes of requests waiting to be completed. */
  readonly inputBytes: number;
  /** Bytes of replies waiting to be taken. */
  readonly outputBytes: number;
  /** Closes at once; what was not sent is lost. */
  destroy(): void;
  /** Closes once every reply so far was sent; later requests are not looked at. */
  closeAfterReplies(): void;
  /** Where to write something that is no reply to a request. Call {@link ClientConnection.flush} afterwards. */
  readonly outOfBand: Reply;
  flush(): void;
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
  user = 'default';
  authenticated: boolean;
  replyMode: ReplyMode = 'on';
  noEvict = false;
  noTouch = false;
  isMonitor = false;
  /** The full name of the last command, as CLIENT LIST shows it. */
  lastCommand = 'NULL';
  databaseIndex = 0;
  commands = 0;
  inputBytes = 0;
  outputBytes = 0;

  constructor(id: number, connection: ClientConnection, nowMs: number, authenticated: boolean) {
    this.id = id;
    this.connection = connection;
    this.createdAtMs = nowMs;
    this.lastActiveAtMs = nowMs;
    this.authenticated = authenticated;
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

  setPause(pause: Pause | undefined): void {
    this.pauseState = pause;
    if (pause !== undefined) return;
    const waiting = [...this.onUnpause];
    this.onUnpause.clear();
    for (const resume of waiting) resume();
  }

  /** Calls `resume` once nothing is paused any more. */
  whenUnpaused(resume: () => void): void {
    this.onUnpause.add(resume);
  }
}
