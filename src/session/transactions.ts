/**
 * MULTI, EXEC and WATCH: one client's commands in a row, with nobody's between them.
 *
 * While anybody watches, this subscribes to the write path; a write to a watched key makes the transactions of all who watch
 * it stale, whatever the event was: a change, an expiry, an eviction. A flush and an exchange of databases do so
 * for the keys that exist. What EXEC runs goes through the executor's accounts like any command, and its effects are
 * one unit.
 */
import type { Client } from '#commands/client.ts';
import type { Command } from '#commands/command.ts';
import { CommandQueue } from '#commands/command-queue.ts';
import type { Context } from '#commands/context.ts';
import { errors } from '#commands/errors.ts';
import type { Request } from '#commands/request.ts';
import type { Transactions as TransactionsOfCommands } from '#commands/transaction.ts';
import type { Database } from '#keyspace/database.ts';
import { foreseenMax } from '#keyspace/foresight.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { KeyEvent, WriteSubscriber } from '#keyspace/writes.ts';
import { Slice } from '#memory/slice.ts';
import type { EffectFeed } from './effect-feed.ts';
import { KeyInterest, type KeyOfInterest } from './key-interest.ts';
import type { Suspension } from './suspension.ts';

/** Runs a command that was queued, with all accounts. */
export type QueueRunner = (context: Context, command: Command, request: Request) => void;

/** So many queues that nobody uses are kept. */
const sparesMax = 64;

export class Transactions implements TransactionsOfCommands, WriteSubscriber {
  /** Set by the executor. */
  run: QueueRunner = () => {};
  private readonly keyspace: Keyspace;
  private readonly effects: EffectFeed;
  private readonly suspension: Suspension;
  private readonly watched: KeyInterest<Client>;
  private readonly byClient = new Map<Client, Set<KeyOfInterest<Client>>>();
  private readonly slice = new Slice();
  /** Queues that nobody uses. */
  private readonly spares: CommandQueue[] = [];

  constructor(keyspace: Keyspace, effects: EffectFeed, suspension: Suspension) {
    this.keyspace = keyspace;
    this.effects = effects;
    this.suspension = suspension;
    this.watched = new KeyInterest(keyspace);
  }

  begin({ transaction }: Client): void {
    transaction.begin(this.spares.pop() ?? new CommandQueue());
  }

  watch({ client, database }: Context, key: Buffer): void {
    // One whose time has come is gone now, not changed later.
    database.peek(this.slice.point(key, 0, key.length));
    if (this.watched.isEmpty) this.keyspace.writes.subscribe(this);
    const keys = this.byClient.get(client) ?? new Set();
    keys.add(this.watched.add(database.index, key, client));
    this.byClient.set(client, keys);
    client.transaction.watchedCount = keys.size;
  }

  unwatch(client: Client): void {
    const { transaction } = client;
    transaction.isStale = false;
    const keys = this.byClient.get(client);
    if (keys === undefined) return;
    for (const key of keys) this.watched.remove(key, client);
    this.byClient.delete(client);
    transaction.watchedCount = 0;
    if (this.watched.isEmpty) this.keyspace.writes.unsubscribe(this);
  }

  execute(context: Context): void {
    const { client, reply } = context;
    const { transaction } = client;
    const { isBroken, queue } = transaction;
    if (queue === undefined) throw new Error('EXEC without MULTI');
    this.expireWatched(client);
    const { isStale } = transaction;
    transaction.end();
    this.unwatch(client);
    if (isBroken || isStale) {
      this.giveBack(queue);
      if (isBroken) reply.error(errors.execAborted);
      else reply.nilArray();
      return;
    }
    transaction.isExecuting = true;
    this.effects.beginUnit();
    reply.array(queue.count);
    this.runFrom(context, queue, 0);
  }

  private runFrom(context: Context, queue: CommandQueue, first: number): void {
    const { suspension } = this;
    const { foresight } = this.keyspace;
    for (let i = first; i < queue.count; i++) {
      const place = (i - first) % foreseenMax;
      if (place === 0) this.foresee(queue, i, context.database);
      foresight.current = place;
      this.run(context, queue.turnTo(i), queue.request);
      if (suspension.isLeaving) {
        foresight.forget();
        // The input goes on meanwhile.
        queue.settle();
        suspension.andThen((resumed) => this.runFrom(resumed, queue, i + 1));
        return;
      }
    }
    foresight.forget();
    this.effects.endUnit();
    context.client.transaction.isExecuting = false;
    this.giveBack(queue);
  }

  /** Has the keys of the next commands touched together, as those of the requests of a read are. */
  private foresee(queue: CommandQueue, first: number, database: Database): void {
    const { slice } = this;
    const { foresight } = this.keyspace;
    const end = Math.min(queue.count, first + foreseenMax);
    foresight.begin(queue.bytesOf(first));
    for (let i = first; i < end; i++) {
      if (queue.firstArgument(i, slice)) foresight.add(slice);
      else foresight.addNone();
    }
    if (end - first > 1) foresight.touch(database);
  }

  /** Takes a queue that is done with. */
  private giveBack(queue: CommandQueue): void {
    if (queue.clear() && this.spares.length < sparesMax) this.spares.push(queue);
  }

  beforeWrite(_event: KeyEvent, cursor: KeyCursor): void {
    const key = this.watched.at(cursor);
    if (key !== undefined) this.makeStale(key);
  }

  beforeFlush(database: number): void {
    this.changeDatabase(database, (key) => this.exists(database, key));
  }

  beforeSwap(a: number, b: number): void {
    const isChanged = (key: Buffer) => this.exists(a, key) || this.exists(b, key);
    this.changeDatabase(a, isChanged);
    this.changeDatabase(b, isChanged);
  }

  private changeDatabase(database: number, isChanged: (key: Buffer) => boolean): void {
    for (const key of this.watched.all()) {
      if (key.database === database && isChanged(key.bytes)) this.makeStale(key);
    }
  }

  private exists(database: number, key: Buffer): boolean {
    const cursor = this.keyspace.database(database)?.peek(this.slice.point(key, 0, key.length));
    return cursor?.exists === true;
  }

  private makeStale(key: KeyOfInterest<Client>): void {
    for (const { transaction } of key.parties) transaction.isStale = true;
  }

  /** Looks at the watched keys, which removes those whose time has come. */
  private expireWatched(client: Client): void {
    for (const { database, bytes } of this.byClient.get(client) ?? []) this.exists(database, bytes);
  }
}
