/** What random sequences do not see of the commands on keys: uses, events, hits, odd cursors, and old expired keys. */
import { describe, expect, test } from 'vitest';
import { Engine } from '../testing/engine.ts';
import type { ReplyValue } from '../testing/recording-reply.ts';

const names = Array.from({ length: 40 }, (_, index) => `name:${index}`);

function message(reply: unknown): unknown {
  return reply instanceof Error ? reply.message : reply;
}

/** The events on the write path from here on, as `event db:key`. */
function eventsOf(engine: Engine): string[] {
  const events: string[] = [];
  engine.keyspace.writes.subscribe({
    beforeWrite: (event, { database, key }) =>
      events.push(`${event} ${database.index}:${key.latin1()}`),
    beforeFlush: (database) => events.push(`flush ${database}`),
    beforeSwap: (a, b) => events.push(`swap ${a} ${b}`),
  });
  return events;
}

/** SCAN until its end: pages of keys. */
function pagesOf(engine: Engine, ...options: (string | number)[]): string[][] {
  const pages: string[][] = [];
  let cursor: ReplyValue = '0';
  do {
    const page: unknown = engine.run('SCAN', String(cursor), ...options);
    if (!Array.isArray(page)) throw new Error(`no page: ${message(page)}`);
    cursor = page[0];
    pages.push(page[1]);
  } while (cursor !== '0');
  return pages;
}

describe('what becomes of what is known of a key', () => {
  test('another name and another database keep its frequency, a copy starts anew', () => {
    const engine = new Engine();
    const other = engine.connect();
    other.run('SELECT', 3);
    engine.keyspace.access.mode = 'frequency';
    engine.run('SET', 'a', '1');
    for (let i = 0; i < 2_000; i++) engine.run('GET', 'a');
    const frequency = Number(engine.run('OBJECT', 'FREQ', 'a'));
    expect(frequency).toBeGreaterThan(10);
    engine.run('SET', 'taken', 'x');
    engine.run('COPY', 'a', 'taken', 'REPLACE');
    expect(engine.run('OBJECT', 'FREQ', 'taken')).toBe(5);
    engine.run('RENAME', 'a', 'taken');
    expect(engine.run('OBJECT', 'FREQ', 'taken')).toBeGreaterThanOrEqual(frequency);
    engine.run('MOVE', 'taken', 3);
    expect(other.run('OBJECT', 'FREQ', 'taken')).toBeGreaterThanOrEqual(frequency);
    engine.balanced();
  });

  test('its expiry and its encoding go along, into whichever shard', () => {
    const engine = new Engine();
    engine.run('SET', 'a', '12', 'PX', 600_000);
    engine.run('APPEND', 'a', '3');
    const expireTime = engine.run('PEXPIRETIME', 'a');
    let last = 'a';
    for (const name of names) {
      engine.run('COPY', last, name);
      expect(engine.run('OBJECT', 'ENCODING', name)).toBe('raw');
      expect(engine.run('PEXPIRETIME', name)).toBe(expireTime);
      engine.run('SET', last, 'x', 'PX', 1);
      engine.run('RENAME', name, last);
      expect(engine.run('OBJECT', 'ENCODING', last)).toBe('raw');
      expect(engine.run('PEXPIRETIME', last)).toBe(expireTime);
      engine.run('COPY', last, name);
      last = name;
    }
    engine.run('SET', 'plain', '12');
    engine.run('RENAME', 'plain', last);
    expect(engine.run('OBJECT', 'ENCODING', last)).toBe('int');
    expect(engine.run('PTTL', last)).toBe(-1);
    engine.balanced();
  });

  test('looking at a key is no use of it, but a hit or a miss', () => {
    const engine = new Engine();
    engine.run('SET', 'a', 'x');
    engine.clock.advance(10_200);
    const { stats } = engine.keyspace;
    for (const looking of ['EXISTS', 'TYPE', 'TTL', 'PTTL', 'EXPIRETIME', 'PEXPIRETIME']) {
      const { hits, misses } = stats;
      engine.run(looking, 'a');
      engine.run(looking, 'b');
      expect([looking, stats.hits - hits, stats.misses - misses]).toEqual([looking, 1, 1]);
    }
    expect(engine.run('OBJECT', 'IDLETIME', 'a')).toBe(10);
    expect(engine.run('TOUCH', 'a', 'b', 'a')).toBe(2);
    expect(engine.run('OBJECT', 'IDLETIME', 'a')).toBe(0);
  });

  test('OBJECT tells frequency or idle time, as the policy has it', () => {
    const engine = new Engine();
    engine.run('SET', 'a', 'x');
    expect(message(engine.run('OBJECT', 'FREQ', 'a'))).toMatch(/^ERR An LFU .* is not selected/);
    engine.keyspace.access.mode = 'frequency';
    engine.run('SET', 'b', 'x');
    expect(engine.run('OBJECT', 'FREQ', 'b')).toBe(5);
    expect(message(engine.run('OBJECT', 'IDLETIME', 'b'))).toMatch(/^ERR An LFU .* is selected/);
    expect(engine.run('OBJECT', 'FREQ', 'none')).toBeNull();
    expect(engine.run('OBJECT', 'IDLETIME', 'none')).toBeNull();
    expect(engine.run('OBJECT', 'REFCOUNT', 'b')).toBe(1);
  });
});

test('every change is announced once, under the name that Redis gives it', () => {
  const engine = new Engine();
  engine.run('MSET', 'a', '1', 'b', '2', 'c', '3');
  const events = eventsOf(engine);
  engine.run('RENAME', 'a', 'b');
  engine.run('RENAME', 'b', 'b');
  engine.run('COPY', 'b', 'd', 'DB', 1);
  engine.run('MOVE', 'c', 2);
  engine.run('EXPIRE', 'b', 100);
  engine.run('PERSIST', 'b');
  engine.run('PERSIST', 'b');
  engine.run('EXPIRE', 'b', -1);
  engine.run('DEL', 'b', 'none');
  engine.run('SWAPDB', 1, 2);
  engine.run('UNLINK', 'none');
  expect(events).toEqual([
    'rename_from 0:a',
    'rename_to 0:b',
    'copy_to 1:d',
    'move_from 0:c',
    'move_to 2:c',
    'expire 0:b',
    'persist 0:b',
    'del 0:b',
    'swap 1 2',
  ]);
  engine.balanced();
});

test('a time is neither greater nor less than itself, and never is later than any', () => {
  const engine = new Engine();
  engine.run('SET', 'a', 'x');
  const at = engine.clock.nowMs() + 5_000;
  expect(engine.run('PEXPIREAT', 'a', at, 'GT')).toBe(0);
  expect(engine.run('PEXPIREAT', 'a', at, 'XX', 'LT')).toBe(0);
  expect(engine.run('PEXPIREAT', 'a', at, 'LT')).toBe(1);
  for (const order of ['GT', 'LT']) expect(engine.run('PEXPIREAT', 'a', at, order)).toBe(0);
  expect(engine.run('PEXPIREAT', 'a', at + 1, 'GT', 'XX')).toBe(1);
  expect(engine.run('PEXPIREAT', 'a', at, 'LT', 'XX')).toBe(1);
  expect(engine.run('PEXPIREAT', 'a', at + 9, 'NX')).toBe(0);
  expect(engine.run('PTTL', 'a')).toBe(5_000);
  // The moment that is now is past.
  expect(engine.run('PEXPIRE', 'a', 0, 'LT')).toBe(1);
  expect(engine.run('EXISTS', 'a')).toBe(0);
});

describe('SCAN', () => {
  const engine = new Engine();
  for (let i = 0; i < 5_000; i++) engine.run('SET', `key:${i}`, 'v');

  test('takes about COUNT keys a page, and all of them for the largest COUNT', () => {
    for (const [count, pagesMin, pagesMax] of [
      [10, 250, 600],
      [1_000, 4, 6],
      ['9223372036854775807', 1, 1],
    ] as const) {
      const pages = pagesOf(engine, 'COUNT', count);
      expect(new Set(pages.flat()).size).toBe(5_000);
      expect(pages.length).toBeGreaterThanOrEqual(pagesMin);
      expect(pages.length).toBeLessThanOrEqual(pagesMax);
    }
  });

  test('filters by pattern and type', () => {
    expect(pagesOf(engine, 'COUNT', 700, 'MATCH', 'key:499?').flat()).toHaveLength(10);
    expect(pagesOf(engine, 'COUNT', 700, 'TYPE', 'String').flat()).toHaveLength(5_000);
    expect(pagesOf(engine, 'COUNT', 700, 'TYPE', 'hash').flat()).toHaveLength(0);
    expect(pagesOf(engine, 'COUNT', 700, 'TYPE', 'nosuch').flat()).toHaveLength(0);
  });

  test('ends at once with a cursor that is none of its own, and refuses what is no cursor', () => {
    for (const cursor of ['18446744073709551615', '-1', '35184372088832', '99999999999999999']) {
      expect(engine.run('SCAN', cursor)).toEqual(['0', []]);
    }
    const reply = engine.run('SCAN', '274877906943');
    expect(reply).toEqual([expect.any(String), expect.any(Array)]);
    for (const cursor of ['abc', ' 1', '1 ', '1.5', '18446744073709551616', '0'.repeat(100_000)]) {
      expect(message(engine.run('SCAN', cursor, 'COUNT', 0))).toBe('ERR invalid cursor');
    }
  });
});

describe('keys whose time has come, before anybody swept them', () => {
  function engineWithExpired(): Engine {
    const engine = new Engine();
    for (let i = 0; i < 3_000; i++) engine.run('SET', `gone:${i}`, 'v', 'PX', 10);
    engine.clock.advance(20);
    return engine;
  }

  test('are neither listed nor picked, and do not hide the one that lives', () => {
    const engine = engineWithExpired();
    expect(engine.run('RANDOMKEY')).toBeNull();
    engine.run('SET', 'alive', 'v');
    for (let i = 0; i < 5; i++) expect(engine.run('RANDOMKEY')).toBe('alive');
    expect(engine.run('KEYS', '*')).toEqual(['alive']);
    expect(engine.run('KEYS', 'gone:1')).toEqual([]);
    expect(pagesOf(engine).flat()).toEqual(['alive']);
    expect(engine.run('DBSIZE')).toBe(1);
    engine.balanced();
  });

  test('are no destination in the way and no source', () => {
    const engine = engineWithExpired();
    engine.run('SET', 'a', '1');
    expect(engine.run('RENAMENX', 'a', 'gone:1')).toBe(1);
    expect(engine.run('COPY', 'gone:1', 'gone:2')).toBe(1);
    expect(engine.run('COPY', 'gone:3', 'a')).toBe(0);
    expect(engine.run('MOVE', 'gone:4', 1)).toBe(0);
    expect(message(engine.run('RENAME', 'gone:5', 'a'))).toBe('ERR no such key');
    expect(engine.run('PTTL', 'gone:2')).toBe(-1);
    engine.balanced();
  });
});

test('a database can be emptied while others keep theirs, and the memory comes back', () => {
  const engine = new Engine();
  const other = engine.connect();
  other.run('SELECT', 1);
  const fill = () => {
    for (let i = 0; i < 2_000; i++) other.run('SET', `k:${i}`, 'v'.repeat(i % 300), 'PX', 50_000);
  };
  engine.run('SET', 'a', 'x');
  fill();
  other.run('FLUSHDB', 'SYNC');
  const usedBytes = engine.keyspace.usedBytes;
  fill();
  expect(other.run('FLUSHDB', 'ASYNC')).toBe('OK');
  expect(other.run('DBSIZE')).toBe(0);
  expect(engine.keyspace.lazyFree.pending).toBe(true);
  engine.advance(100);
  // A block may be a few bytes longer than asked for, where less would be left than a block needs.
  expect(engine.keyspace.usedBytes - usedBytes).toBeLessThan(64);
  expect(engine.run('GET', 'a')).toBe('x');
  for (const wrong of [['NOW'], ['SYNC', 'ASYNC'], ['SYNC', 'SYNC']]) {
    expect(message(engine.run('FLUSHALL', ...wrong))).toBe('ERR syntax error');
  }
  expect(engine.run('FLUSHALL')).toBe('OK');
  expect(engine.run('DBSIZE')).toBe(0);
  engine.balanced();
});

test('a long value survives another name in another shard', () => {
  const engine = new Engine();
  const value = 'v'.repeat(3_000_000);
  engine.run('SET', 'start', value);
  let name = 'start';
  for (const next of names.slice(0, 12)) {
    expect(engine.run('RENAME', name, next)).toBe('OK');
    name = next;
  }
  expect(engine.run('GET', name)).toBe(value);
  expect(engine.run('DBSIZE')).toBe(1);
  engine.balanced();
});
