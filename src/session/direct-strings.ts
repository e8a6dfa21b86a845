/**
 * Reading and writing strings from the program that the store lives in, without a request: key, entry, value. The same
 * database, write path, expiry, effects and counters as for everyone; only parsing, finding the command and building
 * a reply are left out.
 *
 * It serves where nothing stands between a client and a plain GET or SET. In all other cases (somebody watches with
 * MONITOR, clients are paused, memory is limited and a write may have to evict, the disk has to be waited for …) the
 * answer is undefined, nothing was done, and the caller makes a request, which the executor knows what to do with.
 */
import type { Client } from '#commands/client.ts';
import type { Command } from '#commands/command.ts';
import type { Services } from '#commands/services.ts';
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import { ArenaFullError } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import { store } from '#types/strings.ts';
import type { Coordination } from './coordination.ts';
import { NearCache, nearValueBytesMax } from './near-cache.ts';

/** Longer words are left to requests. */
const wordBytesMax = 16 * 1024;
/** What reads a word in whole words may look so far behind it. */
const wordSlackBytes = 8;
/** Where the value lies in the buffer, behind the key. */
const valueAt = wordBytesMax + wordSlackBytes;
/** Up to this length a loop is faster than a call of Buffer's. */
const loopedLengthMax = 48;

export class DirectStrings {
  private readonly services: Services;
  private readonly keyspace: Keyspace;
  private readonly coordination: Coordination;
  private readonly client: Client;
  /** Undefined where the operator took the command away. */
  private readonly getCommand: Command | undefined;
  private readonly setCommand: Command | undefined;
  private readonly near = new NearCache();
  private isNearKept = false;
  /** Key and value in one buffer, because one view of such buffers is kept (memory/bytes.ts). */
  private readonly bytes = Buffer.alloc(valueAt + wordBytesMax + wordSlackBytes);
  private readonly key = new Slice();
  private readonly value = new Slice();
  private readonly nowMs: () => number;

  /** Acts for `client`, who is the program itself. */
  constructor(services: Services, keyspace: Keyspace, coordination: Coordination, client: Client) {
    this.services = services;
    this.keyspace = keyspace;
    this.coordination = coordination;
    this.client = client;
    this.getCommand = services.commands.named('get');
    this.setCommand = services.commands.named('set');
    this.nowMs = () => services.clock.nowMs();
  }

  /** The string at a key, null if there is no such key; undefined where a request has to be made. */
  get(key: string): string | null | undefined {
    const { getCommand } = this;
    if (getCommand === undefined || !this.isPlain) return undefined;
    if (this.isNearKept && !this.services.memoryLimit.eviction.isLimited) {
      const value = this.near.get(key, this.nowMs);
      if (value !== undefined) {
        this.keyspace.stats.hits++;
        this.count(getCommand);
        return value;
      }
    }
    return this.read(key, getCommand);
  }

  /** Stores a string, whatever the key held before; undefined where a request has to be made. */
  set(key: string, value: string | Uint8Array): true | undefined {
    const { setCommand } = this;
    if (setCommand === undefined || !this.isPlain || !this.mayWrite) return undefined;
    const keyLength = this.writeKey(key);
    const valueLength = this.writeValue(value);
    if (keyLength < 0 || valueLength < 0) return undefined;
    const { keyspace, coordination } = this;
    keyspace.setNow(this.services.clock.nowMs());
    keyspace.touches = !this.client.noTouch;
    coordination.tracking.writer = this.client;
    try {
      const cursor = keyspace.firstDatabase.write(this.key);
      store(cursor, this.value);
      cursor.setExpiry(0);
    } catch (error) {
      // As in the executor, which will say so.
      if (!(error instanceof ArenaFullError)) throw error;
      return undefined;
    }
    const { effects } = coordination;
    if (effects.isWanted) {
      effects.record('SET', this.key, this.value);
      effects.commit(0, undefined);
      this.client.effectsEnd = effects.position;
    }
    this.count(setCommand);
    this.settle();
    return true;
  }

  /** Whether a command of this client would be run at once and seen by nobody. */
  private get isPlain(): boolean {
    const { client, services, coordination } = this;
    return (
      client.databaseIndex === 0 &&
      client.transaction.queue === undefined &&
      client.tracking === undefined &&
      services.clients.pause === undefined &&
      services.clients.monitors.size === 0 &&
      !services.hotKeys.isTracking &&
      !services.loading.isActive &&
      !coordination.interactive.isActive &&
      !coordination.suspension.isActive &&
      coordination.turn.serving === undefined
    );
  }

  /** Whether a write needs nothing done before it, and nobody waits for the disk after it. */
  private get mayWrite(): boolean {
    const { appendLog, snapshots, memoryLimit } = this.services;
    return (
      !memoryLimit.eviction.isLimited &&
      appendLog.settled === Number.POSITIVE_INFINITY &&
      appendLog.problem === undefined &&
      !snapshots.deniesWrites
    );
  }

  private read(key: string, command: Command): string | null | undefined {
    if (this.writeKey(key) < 0) return undefined;
    const { keyspace } = this;
    keyspace.setNow(this.services.clock.nowMs());
    keyspace.touches = !this.client.noTouch;
    const cursor = keyspace.firstDatabase.read(this.key);
    if (cursor.entry !== 0 && cursor.type !== valueType.string) {
      // The request that gives the error counts it.
      keyspace.stats.hits--;
      return undefined;
    }
    this.count(command);
    const value = cursor.entry === 0 ? null : this.decode(key, cursor);
    // The key's time may have come.
    this.settle();
    return value;
  }

  private decode(key: string, cursor: KeyCursor): string {
    const { valueLength } = cursor;
    const end = cursor.valueAt + valueLength;
    const value = cursor.arena.bytes.toString('utf8', cursor.valueAt, end);
    if (valueLength > nearValueBytesMax) return value;
    if (!this.isNearKept) {
      this.isNearKept = true;
      this.keyspace.writes.subscribe(this.near);
    }
    this.near.put(key, value, cursor);
    return value;
  }

  /** What follows a command: those who hear of it, and those who waited for it. */
  private settle(): void {
    const { notifications, blocking, tracking } = this.coordination;
    if (notifications.hasPending) notifications.publish();
    if (blocking.hasReady) {
      blocking.serveReady();
      if (notifications.hasPending) notifications.publish();
    }
    if (tracking.hasChanged) tracking.tell();
  }

  private count({ stats }: Command): void {
    stats.calls++;
    this.services.stats.commands++;
    this.client.commands++;
  }

  /** Returns the length, -1 if it is too long. */
  private writeKey(key: string): number {
    const length = writeText(this.bytes, 0, key);
    this.key.point(this.bytes, 0, length);
    return length;
  }

  private writeValue(value: string | Uint8Array): number {
    const { bytes } = this;
    let { length } = value;
    if (typeof value === 'string') length = writeText(bytes, valueAt, value);
    else if (length > wordBytesMax) return -1;
    else bytes.set(value, valueAt);
    this.value.point(bytes, valueAt, length);
    return length;
  }
}

/** Writes a text as UTF-8. Returns its length, -1 if it may be too long. */
function writeText(bytes: Buffer, at: number, text: string): number {
  const { length } = text;
  if (length > loopedLengthMax) return length * 3 > wordBytesMax ? -1 : bytes.write(text, at);
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) return bytes.write(text, at);
    bytes[at + i] = code;
  }
  return length;
}
