/**
 * Client-side caching: a client that keeps copies of what it has read is told when they are no longer true.
 *
 * The keys that a tracking client reads are remembered with the clients that did, by name alone, whatever the database, as in
 * Redis. A write forgets the key and tells them, once: they ask again if they still care. Who broadcasts is told of
 * every key with its prefixes and nothing is remembered. The table is bounded by tracking-table-max-keys: beyond it the
 * oldest keys are told as changed.
 *
 * Changes are noted on the write path and told after the command, so that nobody asks again before they are made.
 */
import type { Client } from '#commands/client.ts';
import type { Command } from '#commands/command.ts';
import { keysOf } from '#commands/derive/key-specs.ts';
import type { Tracking as TrackingOfCommands, TrackingState } from '#commands/tracking.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { KeyEvent, WriteSubscriber } from '#keyspace/writes.ts';
import type { Session } from './session.ts';

const invalidate = 'invalidate';
/** Where RESP2 clients subscribe to hear. */
const channel = '__redis__:invalidate';

export class Tracking implements TrackingOfCommands, WriteSubscriber {
  /** Redis's tracking-table-max-keys; 0 is no limit. */
  keysMax = 1_000_000;
  /** Whose command is being executed. */
  writer: Client | undefined;
  private readonly keyspace: Keyspace;
  private readonly clients = new Map<Client, TrackingState>();
  private readonly readers = new Map<string, Set<Client>>();
  private items = 0;
  /** Keys that were changed by the command under way. */
  private readonly changed = new Set<string>();
  private isFlushed = false;
  /** How to find the client that another is redirected to. Set by the executor. */
  find: (id: number) => Client | undefined = () => undefined;

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
  }

  /** How many clients are told. */
  get clientCount(): number {
    return this.clients.size;
  }

  get keyCount(): number {
    return this.readers.size;
  }

  get itemCount(): number {
    return this.items;
  }

  get prefixCount(): number {
    const prefixes = [...this.clients.values()].filter(({ isBroadcast }) => isBroadcast);
    return new Set(prefixes.flatMap((each) => each.prefixes)).size;
  }

  /** Whether a change is yet to be told. */
  get hasChanged(): boolean {
    return this.changed.size > 0 || this.isFlushed;
  }

  start(client: Client, state: TrackingState): void {
    if (this.clients.size === 0) this.keyspace.writes.subscribe(this);
    this.clients.set(client, state);
    client.tracking = state;
  }

  stop(client: Client): void {
    if (!this.clients.delete(client)) return;
    client.tracking = undefined;
    // Where it is remembered as a reader it is skipped when the key changes.
    if (this.clients.size > 0) return;
    this.keyspace.writes.unsubscribe(this);
    this.readers.clear();
    this.items = 0;
    this.changed.clear();
    this.isFlushed = false;
  }

  /** After a command of a tracking client: what it read is remembered. */
  remember(command: Command, { client, request }: Session, state: TrackingState): void {
    if (command.isRead && state.remembers) {
      for (const index of keysOf(command, request)) this.addReader(request.latin1(index), client);
    }
    // It is for the next command only; for the whole of a transaction.
    const isAsked = command.fullName === 'client|caching';
    if (!isAsked && client.transaction.queue === undefined && !client.transaction.isExecuting) {
      state.caching = undefined;
    }
  }

  /** Tells whoever has to know of what was changed. Not to be called while a command runs. */
  tell(): void {
    const { changed, writer } = this;
    this.writer = undefined;
    if (this.isFlushed) this.tellOfFlush();
    if (changed.size === 0) return;
    this.tellReaders(changed, writer);
    this.broadcast(changed, writer);
    changed.clear();
  }

  beforeWrite(_event: KeyEvent, { key }: KeyCursor): void {
    this.changed.add(key.latin1());
  }

  beforeFlush(): void {
    this.isFlushed = true;
  }

  beforeSwap(): void {}

  private addReader(key: string, client: Client): void {
    const readers = this.readers.get(key);
    if (readers === undefined) {
      this.readers.set(key, new Set([client]));
      this.items++;
      this.enforceLimit();
    } else if (!readers.has(client)) {
      readers.add(client);
      this.items++;
    }
  }

  private enforceLimit(): void {
    if (this.keysMax === 0) return;
    for (const oldest of this.readers.keys()) {
      if (this.readers.size <= this.keysMax) return;
      this.tellReaders([oldest], undefined);
    }
  }

  private tellReaders(keys: Iterable<string>, writer: Client | undefined): void {
    for (const key of keys) {
      const readers = this.readers.get(key);
      if (readers === undefined) continue;
      this.readers.delete(key);
      this.items -= readers.size;
      for (const client of readers) {
        const state = this.clients.get(client);
        if (state === undefined || state.isBroadcast) continue;
        if (!(state.isNoLoop && client === writer)) this.send(client, state, [key]);
      }
    }
  }

  private broadcast(keys: ReadonlySet<string>, writer: Client | undefined): void {
    for (const [client, state] of this.clients) {
      if (!state.isBroadcast || (state.isNoLoop && client === writer)) continue;
      const prefixes = state.prefixes.length === 0 ? [''] : state.prefixes;
      for (const prefix of prefixes) {
        const told = [...keys].filter((key) => key.startsWith(prefix));
        if (told.length > 0) this.send(client, state, told);
      }
    }
  }

  private tellOfFlush(): void {
    this.isFlushed = false;
    this.changed.clear();
    this.readers.clear();
    this.items = 0;
    for (const [client, state] of this.clients) this.send(client, state, undefined);
  }

  /** Sends the names of keys, or of all of them. */
  private send(client: Client, state: TrackingState, keys: readonly string[] | undefined): void {
    const receiver = state.redirectId === 0 ? client : this.find(state.redirectId);
    if (receiver === undefined) {
      this.tellOfBrokenRedirect(client, state);
      return;
    }
    const { connection, subscriptions } = receiver;
    const { outOfBand } = connection;
    if (connection.protocol === 3) {
      outOfBand.push(2);
      outOfBand.text(invalidate);
    } else if (state.redirectId !== 0 && subscriptions.channel.has(channel)) {
      outOfBand.array(3);
      outOfBand.text('message');
      outOfBand.text(channel);
    } else return;
    if (keys === undefined) outOfBand.nil();
    else {
      outOfBand.array(keys.length);
      for (const key of keys) {
        const bytes = Buffer.from(key, 'latin1');
        outOfBand.bulk(bytes, 0, bytes.length);
      }
    }
    connection.flushLater();
  }

  private tellOfBrokenRedirect({ connection }: Client, state: TrackingState): void {
    if (state.isRedirectBroken) return;
    state.isRedirectBroken = true;
    if (connection.protocol === 2) return;
    connection.outOfBand.push(2);
    connection.outOfBand.text('tracking-redir-broken');
    connection.outOfBand.integer(state.redirectId);
    connection.flushLater();
  }
}
