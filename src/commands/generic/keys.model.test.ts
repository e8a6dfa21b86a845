/**
 * Random sequences of the commands on keys and databases, against databases that are Maps and time that stands
 * until it is let pass. After each sequence the books of all shards are checked, and what was kept must add up
 * with what is there.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Engine, type EngineArgument } from '../testing/engine.ts';
import type { ReplyValue } from '../testing/recording-reply.ts';

interface Entry {
  value: string;
  /** ms since the epoch; Infinity = never. */
  expireAtMs: number;
}

const startMs = 1_700_000_000_000;
const databases = 3;

/** What the commands do, said once more. */
class Model {
  nowMs = startMs;
  readonly contents: Map<string, Entry>[] = Array.from({ length: databases }, () => new Map());

  live(db: number): Map<string, Entry> {
    const content = this.contents[db] ?? new Map<string, Entry>();
    for (const [key, { expireAtMs }] of content) {
      if (expireAtMs <= this.nowMs) content.delete(key);
    }
    return content;
  }

  set(db: number, key: string, value: string, expireAtMs: number): string {
    this.live(db).set(key, { value, expireAtMs });
    return 'OK';
  }

  append(db: number, key: string, value: string): number {
    const entry = this.live(db).get(key) ?? { value: '', expireAtMs: Number.POSITIVE_INFINITY };
    entry.value += value;
    this.live(db).set(key, entry);
    return entry.value.length;
  }

  del(db: number, keys: readonly string[]): number {
    return keys.filter((key) => this.live(db).delete(key)).length;
  }

  exists(db: number, keys: readonly string[]): number {
    return keys.filter((key) => this.live(db).has(key)).length;
  }

  rename(db: number, from: string, to: string, onlyIfFree: boolean): string | number {
    const content = this.live(db);
    const entry = content.get(from);
    if (entry === undefined) return 'ERR no such key';
    if (onlyIfFree && content.has(to)) return 0;
    content.delete(from);
    content.set(to, entry);
    return onlyIfFree ? 1 : 'OK';
  }

  copy(db: number, from: string, toDb: number, to: string, replace: boolean): string | number {
    if (db === toDb && from === to) return 'ERR source and destination objects are the same';
    const entry = this.live(db).get(from);
    if (entry === undefined || (this.live(toDb).has(to) && !replace)) return 0;
    this.live(toDb).set(to, { ...entry });
    return 1;
  }

  move(db: number, key: string, toDb: number): string | number {
    if (db === toDb) return 'ERR source and destination objects are the same';
    const entry = this.live(db).get(key);
    if (entry === undefined || this.live(toDb).has(key)) return 0;
    this.live(db).delete(key);
    this.live(toDb).set(key, entry);
    return 1;
  }

  swap(a: number, b: number): string {
    const [first, second] = [this.live(a), this.live(b)];
    this.contents[a] = second;
    this.contents[b] = first;
    return 'OK';
  }

  expire(db: number, key: string, atMs: number, conditions: readonly string[]): string | number {
    const has = (word: string) => conditions.includes(word);
    if (has('NX') && (has('XX') || has('GT') || has('LT'))) {
      return 'ERR NX and XX, GT or LT options at the same time are not compatible';
    }
    if (has('GT') && has('LT')) {
      return 'ERR GT and LT options at the same time are not compatible';
    }
    const entry = this.live(db).get(key);
    if (entry === undefined) return 0;
    const before = entry.expireAtMs;
    const never = before === Number.POSITIVE_INFINITY;
    if (has('NX') && !never) return 0;
    if (has('XX') && never) return 0;
    if (has('GT') && (never || atMs <= before)) return 0;
    if (has('LT') && !never && atMs >= before) return 0;
    entry.expireAtMs = atMs;
    return 1;
  }

  persist(db: number, key: string): number {
    const entry = this.live(db).get(key);
    if (entry === undefined || entry.expireAtMs === Number.POSITIVE_INFINITY) return 0;
    entry.expireAtMs = Number.POSITIVE_INFINITY;
    return 1;
  }

  pexpireTime(db: number, key: string): number {
    const entry = this.live(db).get(key);
    if (entry === undefined) return -2;
    return entry.expireAtMs === Number.POSITIVE_INFINITY ? -1 : entry.expireAtMs;
  }

  flush(db: number): string {
    this.contents[db]?.clear();
    return 'OK';
  }
}

/** The engine and the model side by side. */
class Pair {
  readonly model = new Model();
  readonly engine = new Engine({ shards: 4, databases });
  private readonly clients = Array.from({ length: databases }, (_, index) => {
    const client = this.engine.connect();
    const database = this.engine.keyspace.database(index);
    if (database !== undefined) client.session.database = database;
    return client;
  });

  /** Runs a command in a database, and compares the reply. */
  check(db: number, args: readonly EngineArgument[], expected: ReplyValue): void {
    expect(this.run(db, args), args.join(' ')).toEqual(expected);
  }

  run(db: number, args: readonly EngineArgument[]): ReplyValue {
    const reply = this.clients[db]?.run(...args);
    if (reply === undefined || typeof reply === 'symbol') throw new Error('no reply');
    return reply instanceof Error ? reply.message : reply;
  }

  pass(ms: number): void {
    this.model.nowMs += ms;
    this.engine.advance(ms);
  }

  /** Everything that can be read of every database must be as the model has it. */
  compare(): void {
    this.engine.verify();
    for (let db = 0; db < databases; db++) {
      const content = this.model.live(db);
      this.check(db, ['DBSIZE'], content.size);
      expect(sorted(this.run(db, ['KEYS', '*']))).toEqual([...content.keys()].sort());
      expect([...new Set(this.scan(db, 3))].sort()).toEqual([...content.keys()].sort());
      for (const [key, { value }] of content) {
        this.check(db, ['GET', key], value);
        this.check(db, ['PEXPIRETIME', key], this.model.pexpireTime(db, key));
      }
      const picked = this.run(db, ['RANDOMKEY']);
      expect(typeof picked === 'string' ? content.has(picked) : content.size === 0).toBe(true);
    }
  }

  scan(db: number, count: number, ...options: string[]): string[] {
    const found: string[] = [];
    let cursor: ReplyValue = '0';
    do {
      const page = this.run(db, ['SCAN', String(cursor), 'COUNT', count, ...options]);
      if (!Array.isArray(page)) throw new Error('no page');
      cursor = page[0] ?? '0';
      found.push(...sorted(page[1] ?? []));
    } while (cursor !== '0');
    return found;
  }
}

function sorted(reply: ReplyValue): string[] {
  return Array.isArray(reply) ? reply.map(String).sort() : [];
}

const key = fc.constantFrom('', 'a', 'key:1', '\x00\xff', 'k'.repeat(40));
const value = fc.oneof(
  fc.string({ maxLength: 12, unit: 'binary-ascii' }),
  fc.nat(3000).map((length) => 'v'.repeat(length)),
);
const db = fc.nat(databases - 1);
/** Few, so that two keys or two expiries of one often meet in the same millisecond. */
const delta = fc.constantFrom(-3_000, -1, 0, 1, 1_000, 20_000, 30_000);
const words = fc.subarray(['NX', 'XX', 'GT', 'LT'], { maxLength: 2 });

type Step = (pair: Pair) => void;

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(db, key, value, fc.option(fc.constantFrom(1, 1_000, 20_000, 30_000))).map(
    ([db, key, value, ttlMs]): Step =>
      (pair) => {
        const atMs = ttlMs === null ? Number.POSITIVE_INFINITY : pair.model.nowMs + ttlMs;
        const options = ttlMs === null ? [] : ['PX', ttlMs];
        pair.check(db, ['SET', key, value, ...options], pair.model.set(db, key, value, atMs));
      },
  ),
  fc.tuple(db, key, value).map(
    ([db, key, value]): Step =>
      (pair) =>
        pair.check(db, ['APPEND', key, value], pair.model.append(db, key, value)),
  ),
  fc.tuple(db, fc.constantFrom('DEL', 'UNLINK'), fc.array(key, { minLength: 1 })).map(
    ([db, name, keys]): Step =>
      (pair) =>
        pair.check(db, [name, ...keys], pair.model.del(db, keys)),
  ),
  fc.tuple(db, fc.constantFrom('EXISTS', 'TOUCH'), fc.array(key, { minLength: 1 })).map(
    ([db, name, keys]): Step =>
      (pair) =>
        pair.check(db, [name, ...keys], pair.model.exists(db, keys)),
  ),
  fc.tuple(db, key, key, fc.boolean()).map(
    ([db, from, to, nx]): Step =>
      (pair) =>
        pair.check(db, [nx ? 'RENAMENX' : 'RENAME', from, to], pair.model.rename(db, from, to, nx)),
  ),
  fc.tuple(db, key, db, key, fc.boolean()).map(
    ([db, from, toDb, to, replace]): Step =>
      (pair) =>
        pair.check(
          db,
          ['COPY', from, to, 'DB', toDb, ...(replace ? ['REPLACE'] : [])],
          pair.model.copy(db, from, toDb, to, replace),
        ),
  ),
  fc.tuple(db, key, db).map(
    ([db, key, toDb]): Step =>
      (pair) =>
        pair.check(db, ['MOVE', key, toDb], pair.model.move(db, key, toDb)),
  ),
  fc.tuple(db, db).map(
    ([a, b]): Step =>
      (pair) =>
        pair.check(0, ['SWAPDB', a, b], pair.model.swap(a, b)),
  ),
  fc.tuple(db, key, delta, words).map(
    ([db, key, delta, words]): Step =>
      (pair) => {
        const atMs = pair.model.nowMs + delta;
        const expected = pair.model.expire(db, key, atMs, words);
        pair.check(db, ['PEXPIRE', key, delta, ...words], expected);
      },
  ),
  fc.tuple(db, key, delta, words).map(
    ([db, key, delta, words]): Step =>
      (pair) => {
        const atMs = Math.floor((pair.model.nowMs + delta) / 1000) * 1000;
        const expected = pair.model.expire(db, key, atMs, words);
        pair.check(db, ['EXPIREAT', key, atMs / 1000, ...words], expected);
      },
  ),
  fc.tuple(db, key).map(
    ([db, key]): Step =>
      (pair) =>
        pair.check(db, ['PERSIST', key], pair.model.persist(db, key)),
  ),
  fc.constantFrom(1, 500, 9_000).map(
    (ms): Step =>
      (pair) =>
        pair.pass(ms),
  ),
  fc.constantFrom([], ['ASYNC'], ['SYNC']).map(
    (mode): Step =>
      (pair) =>
        pair.check(1, ['FLUSHDB', ...mode], pair.model.flush(1)),
  ),
  fc.constant<Step>((pair) => pair.compare()),
);

test('keys are as a Map would keep them, whatever is done in whatever order', () => {
  fc.assert(
    fc.property(fc.array(steps, { minLength: 1, maxLength: 80, size: 'max' }), (sequence) => {
      const pair = new Pair();
      for (const step of sequence) step(pair);
      pair.compare();
      pair.engine.balanced();
    }),
    { numRuns: 100 },
  );
});

test('a scan meets every key that is there throughout, while others come and go', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 500 }), (seed, count) => {
      const pair = new Pair();
      const client = pair.engine.client;
      const stays = Array.from({ length: 800 }, (_, index) => `stays:${index}`);
      for (const key of stays) client.run('SET', key, 'v');
      const found = new Set<string>();
      let cursor: ReplyValue = '0';
      let other = seed;
      let round = 0;
      do {
        const page = pair.run(0, ['SCAN', String(cursor), 'COUNT', count, 'MATCH', 'stays:*']);
        if (!Array.isArray(page)) throw new Error('no page');
        cursor = page[0] ?? '0';
        for (const key of sorted(page[1] ?? [])) found.add(key);
        // First the tables grow a lot, then they shrink again.
        for (let i = 0; i < 100; i++) {
          other = (Math.imul(other, 1_103_515_245) + 12_345) >>> 0;
          if (round < 20) client.run('SET', `other:${round}:${i}`, 'v');
          else client.run('DEL', `other:${round - 20}:${i}`);
        }
        round++;
      } while (cursor !== '0');
      expect(found.size).toBe(stays.length);
    }),
    { numRuns: 8 },
  );
});
