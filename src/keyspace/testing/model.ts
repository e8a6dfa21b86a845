/**
 * A keyspace beside a model of plain Maps: every operation is done to both, and what they say is compared. Keys
 * whose time has come stay in the model until they are met or swept, as in the keyspace.
 */
import { headerBytes, heldBytes } from '#memory/allocator.ts';
import { ArenaFullError } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import { ManualClock } from '#platform/clock.ts';
import { SeededRandom } from '#platform/random.ts';
import { RefList } from '#structures/ref-list.ts';
import type { Database } from '../database.ts';
import { type ValueType, valueType } from '../entry.ts';
import { ActiveExpiry } from '../expiry.ts';
import type { KeyCursor } from '../key-cursor.ts';
import { Keyspace } from '../keyspace.ts';
import type { WriteSubscriber } from '../writes.ts';
import { emptyCompletely, verifyKeyspace } from './books.ts';

interface ModelEntry {
  readonly type: ValueType;
  readonly value: Buffer;
  readonly expireAtMs: number;
}

/** Something that does not agree. */
class Disagreement extends Error {
  override readonly name = 'Disagreement';
}

function agree(condition: boolean, what: string): void {
  if (!condition) throw new Disagreement(what);
}

export class ModelledKeyspace implements WriteSubscriber {
  readonly clock = new ManualClock();
  readonly keyspace: Keyspace;
  readonly expiry: ActiveExpiry;
  private readonly models: Map<string, ModelEntry>[];
  private isOver = false;
  /** What was announced since the operation under way began. */
  private readonly announced: string[] = [];

  constructor({ shards, databases, seed }: { shards: number; databases: number; seed: number }) {
    const random = new SeededRandom(seed);
    const hashSeed = { low: random.int32(), high: random.int32() };
    this.keyspace = new Keyspace({ shards, databases, random, seed: hashSeed });
    this.expiry = new ActiveExpiry(this.keyspace, this.clock);
    this.models = this.keyspace.databases.map(() => new Map());
    this.keyspace.setNow(this.clock.nowMs());
    this.keyspace.writes.subscribe(this);
  }

  /** Whoever subscribes must see the key as it was. */
  beforeWrite(event: string, cursor: KeyCursor): void {
    if (this.isOver) return;
    const { index } = cursor.database;
    const key = cursor.key.latin1();
    this.announced.push(`${event} ${index} ${key.slice(0, 20)}`);
    this.compare(cursor, this.model(index).get(key), `before ${event}`);
  }

  beforeFlush(index: number): void {
    if (this.isOver) return;
    this.announced.push(`flush ${index}`);
    agree(this.database(index).count === this.model(index).size, 'before a flush all is there');
  }

  beforeSwap(a: number, b: number): void {
    this.announced.push(`swap ${a} ${b}`);
    agree(this.database(a).count === this.model(a).size, 'before a swap nothing has moved');
  }

  overwrite(index: number, key: string, type: ValueType, value: Buffer, expires: boolean): void {
    const cursor = this.open(index, key);
    cursor.overwrite('overwrite', type, value.length, expires);
    agree(cursor.valueLength === value.length, 'a value written is as long as asked for');
    value.copy(cursor.bytes, cursor.valueAt);
    const expireAtMs = this.model(index).get(key)?.expireAtMs ?? 0;
    this.model(index).set(key, { type, value, expireAtMs });
    this.expectAnnounced(`overwrite ${index} ${key.slice(0, 20)}`);
    agree(!cursor.edited, 'a value written whole was not edited');
  }

  resize(index: number, key: string, length: number, fill: number): void {
    const cursor = this.open(index, key);
    const entry = this.model(index).get(key);
    if (entry === undefined) return;
    cursor.resize('resize', length);
    const value = Buffer.alloc(length, fill);
    entry.value.copy(value);
    cursor.bytes.fill(
      fill,
      cursor.valueAt + Math.min(entry.value.length, length),
      cursor.valueAt + length,
    );
    this.model(index).set(key, { ...entry, value });
    this.expectAnnounced(`resize ${index} ${key.slice(0, 20)}`);
    agree(cursor.edited, 'a resized value was edited');
  }

  edit(index: number, key: string, byte: number): void {
    const cursor = this.open(index, key);
    const entry = this.model(index).get(key);
    if (entry === undefined || entry.value.length === 0) return;
    cursor.edit('edit');
    const value = Buffer.from(entry.value);
    const at = byte % value.length;
    value[at] = byte;
    cursor.bytes[cursor.valueAt + at] = byte;
    this.model(index).set(key, { ...entry, value });
    this.expectAnnounced(`edit ${index} ${key.slice(0, 20)}`);
  }

  changeExpiry(index: number, key: string, expireAtMs: number): void {
    const cursor = this.open(index, key);
    const entry = this.model(index).get(key);
    if (entry === undefined) return;
    const { access } = cursor;
    cursor.changeExpiry('expire', expireAtMs);
    this.model(index).set(key, { ...entry, expireAtMs });
    this.expectAnnounced(`expire ${index} ${key.slice(0, 20)}`);
    agree(cursor.access === access, 'moving an entry keeps when it was used');
  }

  remove(index: number, key: string): void {
    const cursor = this.open(index, key);
    if (!this.model(index).has(key)) return;
    cursor.remove('del');
    agree(!cursor.exists, 'a removed key is gone');
    this.model(index).delete(key);
    this.expectAnnounced(`del ${index} ${key.slice(0, 20)}`);
  }

  read(index: number, key: string): void {
    const { stats } = this.keyspace;
    const before = stats.hits + stats.misses;
    this.open(index, key, 'read');
    agree(stats.hits + stats.misses === before + 1, 'a read is counted once');
  }

  pass(ms: number): void {
    this.clock.advance(ms);
    this.keyspace.setNow(this.clock.nowMs());
  }

  sweep(): void {
    const { stats } = this.keyspace;
    const before = stats.expired;
    agree(!this.expiry.sweep(1), 'a clock that stands lets a sweep finish');
    let due = 0;
    for (const model of this.models) {
      for (const [key, { expireAtMs }] of model) {
        if (expireAtMs === 0 || expireAtMs > this.keyspace.nowMs) continue;
        model.delete(key);
        due++;
      }
    }
    agree(stats.expired - before === due, 'a sweep removes exactly what is due');
    agree(this.announced.filter((each) => each.startsWith('expired ')).length === due, 'announced');
    this.announced.length = 0;
  }

  flush(index: number, async: boolean): void {
    const removed = this.keyspace.flush(this.database(index), async);
    agree(removed === this.model(index).size, 'a flush tells how many keys went');
    this.model(index).clear();
    this.expectAnnounced(`flush ${index}`);
  }

  flushAll(): void {
    this.keyspace.flushAll();
    for (const model of this.models) model.clear();
    this.expectAnnounced(...this.models.map((_, index) => `flush ${index}`));
  }

  swap(a: number, b: number): void {
    this.keyspace.swap(this.database(a), this.database(b));
    if (a === b) return;
    const model = this.model(a);
    this.models[a] = this.model(b);
    this.models[b] = model;
    this.expectAnnounced(`swap ${a} ${b}`);
  }

  /** A random key is one of those that live. */
  random(index: number): void {
    const cursor = this.database(index).random();
    const wasThere = cursor.exists;
    for (const event of this.announced.splice(0)) {
      agree(event.startsWith(`expired ${index}`), 'a random key removes only what has expired');
    }
    this.forgetExpired(index);
    if (!wasThere) agree(this.alive(index) === 0, 'where there are keys one is found');
    else this.compare(cursor, this.model(index).get(cursor.key.latin1()), 'a random key');
  }

  /** Does `step` while no arena can grow. Returns whether it failed for that reason; it must then have changed nothing. */
  withoutRoom(step: () => void): boolean {
    const arenas = this.keyspace.shards.map(({ arena }) => arena);
    for (const arena of arenas) {
      // What is flushed starts over in the room that it had.
      const limit = heldBytes(arena) + headerBytes;
      arena.reach = (length) => {
        if (length > limit) throw new ArenaFullError('no room');
      };
    }
    try {
      step();
      return false;
    } catch (error) {
      if (!(error instanceof ArenaFullError)) throw error;
      this.announced.length = 0;
      return true;
    } finally {
      // The class has it.
      for (const arena of arenas) Reflect.deleteProperty(arena, 'reach');
    }
  }

  /** Ends the history: everything goes, and every byte comes back. */
  end(): void {
    this.isOver = true;
    emptyCompletely(this.keyspace);
  }

  /** Everything, compared. */
  verify(): void {
    verifyKeyspace(this.keyspace);
    for (const database of this.keyspace.databases) {
      const model = this.model(database.index);
      agree(database.count === model.size, 'databases count their keys');
      const expiring = [...model.values()].filter(({ expireAtMs }) => expireAtMs !== 0).length;
      agree(database.expiring === expiring, 'databases count their keys that expire');
      for (const [key, cursor] of everyKey(database))
        this.compare(cursor, model.get(key), 'a scan');
    }
  }

  private open(index: number, key: string, how: 'read' | 'write' = 'write'): KeyCursor {
    const bytes = Buffer.from(`--${key}-`, 'latin1');
    const slice = new Slice(bytes, 2, bytes.length - 3);
    const entry = this.model(index).get(key);
    const hasExpired = entry !== undefined && this.hasExpired(entry);
    const cursor = this.database(index)[how](slice);
    if (hasExpired) {
      this.model(index).delete(key);
      this.expectAnnounced(`expired ${index} ${key.slice(0, 20)}`);
    }
    this.compare(cursor, this.model(index).get(key), `to ${how}`);
    this.expectAnnounced();
    return cursor;
  }

  private compare(cursor: KeyCursor, entry: ModelEntry | undefined, when: string): void {
    agree(cursor.exists === (entry !== undefined), `${when}: whether a key exists`);
    if (entry === undefined) return;
    const { valueAt, valueLength } = cursor;
    agree(cursor.type === entry.type, `${when}: its type`);
    agree(cursor.expireAtMs === entry.expireAtMs, `${when}: its expiry`);
    agree(valueLength === entry.value.length, `${when}: its length`);
    agree(
      entry.value.equals(cursor.bytes.subarray(valueAt, valueAt + valueLength)),
      `${when}: bytes`,
    );
  }

  /** Drops from the model what the keyspace has dropped because its time had come. */
  private forgetExpired(index: number): void {
    const there = new Set([...everyKey(this.database(index))].map(([key]) => key));
    for (const [key, entry] of this.model(index)) {
      if (!there.has(key) && this.hasExpired(entry)) this.model(index).delete(key);
    }
  }

  private alive(index: number): number {
    return [...this.model(index).values()].filter((entry) => !this.hasExpired(entry)).length;
  }

  private hasExpired({ expireAtMs }: ModelEntry): boolean {
    return expireAtMs !== 0 && expireAtMs <= this.keyspace.nowMs;
  }

  private expectAnnounced(...expected: readonly string[]): void {
    const announced = this.announced.splice(0).join();
    agree(announced === expected.join(), `announced: ${announced}, not ${expected.join()}`);
  }

  private database(index: number): Database {
    const database = this.keyspace.database(index);
    if (database === undefined) throw new Error(`there is no database ${index}`);
    return database;
  }

  private model(index: number): Map<string, ModelEntry> {
    const model = this.models[index];
    if (model === undefined) throw new Error(`there is no database ${index}`);
    return model;
  }
}

/** Every key of a database with a cursor on it, by scanning. */
function* everyKey(database: Database): Iterable<[string, KeyCursor]> {
  const list = new RefList();
  let at = 0;
  do {
    const shard = database.shardOfCursor(at);
    list.clear();
    at = database.scan(at, list);
    for (let i = 0; i < list.length; i++) {
      const cursor = database.openEntry(shard, list.at(i));
      yield [cursor.key.latin1(), cursor];
    }
  } while (at !== 0);
}

/** Every type, for drawing one. */
export const allTypes: readonly ValueType[] = Object.values(valueType);
