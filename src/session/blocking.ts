/**
 * Clients that wait for keys: BLPOP and its like, XREAD with BLOCK, WAIT.
 *
 * While anybody waits, this subscribes to the write path and marks the keys that are written as ready; after the
 * command that wrote them, those who wait for a ready key are served, first come first served. A wait that is served may
 * make other keys ready, so this goes on until none is. What a wait needs is its own copy; it looks at the key again each
 * time, so it does not matter what happened to the key: deleted, refilled, renamed to, of another type.
 *
 * Deadlines are in a heap. Whoever ends a wait leaves its deadline there, to be skipped when its time comes. Ten
 * thousand who wait cost nothing while nothing they wait for is written: a write tests one hash.
 */
import type { BlockedClients, Wait } from '#commands/blocking.ts';
import type { Client } from '#commands/client.ts';
import type { Context } from '#commands/context.ts';
import { errors } from '#commands/errors.ts';
import type { Reply } from '#commands/reply.ts';
import type { Database } from '#keyspace/database.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { KeyEvent, WriteSubscriber } from '#keyspace/writes.ts';
import { ArenaFullError } from '#memory/arena.ts';
import { Deadlines } from './deadlines.ts';
import type { EffectFeed } from './effect-feed.ts';
import { KeyInterest, type KeyOfInterest } from './key-interest.ts';

interface Waiting {
  readonly context: Context;
  readonly wait: Wait;
  readonly keys: readonly KeyOfInterest<Waiting>[];
  isOver: boolean;
}

export class Blocking implements BlockedClients, WriteSubscriber {
  /** Called when {@link nextDeadlineMs} comes earlier than it was. */
  onEarlierDeadline: () => void = () => {};
  /** Whether a transaction holds a key that would be changed: who waits for it is served when that ends. */
  isHeld: ((database: Database, key: Buffer) => boolean) | undefined;
  private readonly keyspace: Keyspace;
  private readonly effects: EffectFeed;
  private readonly byClient = new Map<Client, Waiting>();
  private readonly awaited: KeyInterest<Waiting>;
  private readonly deadlines = new Deadlines<Waiting>((waiting) => waiting.isOver);
  private ready = new Set<KeyOfInterest<Waiting>>();
  /** Keys that are ready, but for a transaction that holds what would be changed. */
  private readonly held = new Set<KeyOfInterest<Waiting>>();

  constructor(keyspace: Keyspace, effects: EffectFeed) {
    this.keyspace = keyspace;
    this.effects = effects;
    this.awaited = new KeyInterest(keyspace);
  }

  get count(): number {
    return this.byClient.size;
  }

  /** When somebody's time is over, ms since the epoch; Infinity if nobody's ever is. */
  get nextDeadlineMs(): number {
    return this.deadlines.next;
  }

  block(context: Context, wait: Wait): void {
    const database = context.database.index;
    const keys: KeyOfInterest<Waiting>[] = [];
    const waiting: Waiting = { context, wait, keys, isOver: false };
    if (this.byClient.size === 0) this.keyspace.writes.subscribe(this);
    this.byClient.set(context.client, waiting);
    context.client.isBlocked = true;
    for (const key of wait.keys) keys.push(this.awaited.add(database, key, waiting));
    if (wait.timeoutMs === 0) return;
    const before = this.deadlines.next;
    this.deadlines.add(this.keyspace.nowMs + wait.timeoutMs, waiting);
    if (this.deadlines.next < before) this.onEarlierDeadline();
  }

  release(client: Client, how: 'timeout' | 'error'): boolean {
    const waiting = this.byClient.get(client);
    if (waiting === undefined) return false;
    this.finishWith(waiting, (reply) => {
      if (how === 'timeout') waiting.wait.expire(reply);
      else reply.error(errors.unblocked);
    });
    return true;
  }

  end(client: Client, wait: Wait): void {
    if (this.byClient.get(client)?.wait === wait) this.release(client, 'timeout');
  }

  forget(client: Client): void {
    const waiting = this.byClient.get(client);
    if (waiting !== undefined) this.remove(waiting);
  }

  /** Answers those whose time is over. */
  expireDue(nowMs: number): void {
    for (;;) {
      const waiting = this.deadlines.takeDue(nowMs);
      if (waiting === undefined) return;
      this.finishWith(waiting, (reply) => waiting.wait.expire(reply));
    }
  }

  /** Whether a key that somebody waits for was written. */
  get hasReady(): boolean {
    return this.ready.size > 0;
  }

  /** Serves whoever waits for a key that was written. Not to be called while a command runs. */
  serveReady(): void {
    while (this.ready.size > 0) {
      const { ready } = this;
      this.ready = new Set();
      for (const key of ready) this.serveKey(key);
    }
  }

  /** A transaction has ended: what it held may be served. */
  retryHeld(): void {
    for (const key of this.held) if (key.parties.size > 0) this.ready.add(key);
    this.held.clear();
  }

  beforeWrite(_event: KeyEvent, cursor: KeyCursor): void {
    const key = this.awaited.at(cursor);
    if (key !== undefined) this.ready.add(key);
  }

  beforeFlush(database: number): void {
    for (const key of this.awaited.all()) if (key.database === database) this.ready.add(key);
  }

  beforeSwap(a: number, b: number): void {
    for (const key of this.awaited.all()) {
      if (key.database === a || key.database === b) this.ready.add(key);
    }
  }

  private serveKey(key: KeyOfInterest<Waiting>): void {
    const exhausted = new Set<number>();
    for (const waiting of [...key.parties]) {
      const { context, wait } = waiting;
      if (waiting.isOver || (wait.takes !== undefined && exhausted.has(wait.takes))) continue;
      if (this.isHeld !== undefined && this.needsHeld(waiting, this.isHeld)) {
        this.held.add(key);
        continue;
      }
      const reply = context.client.connection.outOfBand;
      if (this.serve(waiting, reply)) this.finish(waiting);
      else if (wait.takes !== undefined) exhausted.add(wait.takes);
    }
  }

  private needsHeld(
    { context: { database }, wait: { keys, changes = [] } }: Waiting,
    isHeld: (database: Database, key: Buffer) => boolean,
  ): boolean {
    return (
      keys.some((key) => isHeld(database, key)) || changes.some((key) => isHeld(database, key))
    );
  }

  private serve({ context, wait }: Waiting, reply: Reply): boolean {
    const isServed = this.attempt(context, wait, reply);
    // Its request waited, and would wait again: what it did then is only what it says.
    if (this.effects.isWanted) {
      this.effects.commit(context.database.index, undefined);
      context.client.effectsEnd = this.effects.position;
    }
    return isServed;
  }

  private attempt(context: Context, wait: Wait, reply: Reply): boolean {
    try {
      return wait.serve(new WokenContext(context, reply));
    } catch (error) {
      // What is taken or moved for somebody who waits is, or is not, as a whole.
      if (!(error instanceof ArenaFullError)) throw error;
      this.effects.forgetRecorded();
      reply.error(errors.storeFull);
      return true;
    }
  }

  private finishWith(waiting: Waiting, answer: (reply: Reply) => void): void {
    answer(waiting.context.client.connection.outOfBand);
    this.finish(waiting);
  }

  private finish(waiting: Waiting): void {
    const { connection } = waiting.context.client;
    this.remove(waiting);
    connection.flushReply();
    connection.resume();
  }

  private remove(waiting: Waiting): void {
    waiting.isOver = true;
    this.byClient.delete(waiting.context.client);
    waiting.context.client.isBlocked = false;
    for (const key of waiting.keys) this.awaited.remove(key, waiting);
    if (this.byClient.size === 0) this.keyspace.writes.unsubscribe(this);
  }
}

/** A client's context once more, with the reply that reaches it out of turn. It cannot wait again. */
class WokenContext implements Context {
  readonly keyspace;
  database;
  readonly request;
  readonly reply: Reply;
  readonly client;
  readonly services;

  constructor(context: Context, reply: Reply) {
    this.keyspace = context.keyspace;
    this.database = context.database;
    this.request = context.request;
    this.reply = reply;
    this.client = context.client;
    this.services = context.services;
  }

  block(): void {
    throw new Error('a wait that is served goes on by returning false');
  }
}
