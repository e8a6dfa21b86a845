import { beforeEach, describe, expect, test } from 'vitest';
import { Engine, type EngineClient, waiting } from '#commands/testing/engine.ts';
import { SeededRandom } from '#platform/random.ts';

let engine: Engine;
let a: EngineClient;
let b: EngineClient;

beforeEach(() => {
  engine = new Engine();
  a = engine.connect();
  b = engine.connect();
});

function errorOf(reply: unknown): string {
  return reply instanceof Error ? reply.message : `no error: ${String(reply)}`;
}

function idOf(reply: unknown): number {
  expect(reply).toEqual(expect.any(Number));
  return Number(reply);
}

describe('a transaction', () => {
  test('reads its own writes, which others see when it is committed, all at once', () => {
    engine.run('MSET', 'x', 1, 'y', 2);
    a.run('BEGIN');
    a.run('INCR', 'x');
    a.run('DEL', 'y');
    a.run('RPUSH', 'z', 'e');
    expect(a.run('MGET', 'x', 'y')).toEqual(['2', null]);
    expect(b.run('GET', 'x')).toBe(waiting);
    expect(b.client.isBlocked).toBe(true);
    expect(a.run('COMMIT')).toBe('OK');
    expect(b.client.isBlocked).toBe(false);
    expect(b.run('GET', 'x')).toBe('2');
    expect(b.run('EXISTS', 'y', 'z')).toBe(1);
    engine.balanced();
  });

  test('leaves no trace when it is rolled back', () => {
    engine.run('SADD', 's', 1, 2, 3);
    const before = engine.keyspace.usedBytes;
    a.run('BEGIN');
    for (let i = 0; i < 200; i++) a.run('SADD', 's', `member ${i}`);
    a.run('SET', 'new', 'x'.repeat(1000));
    a.run('ROLLBACK');
    expect(b.run('SMEMBERS', 's')).toEqual(['1', '2', '3']);
    expect(b.run('EXISTS', 'new')).toBe(0);
    engine.keyspace.lazyFree.finish();
    engine.keyspace.dropPendingParts();
    expect(engine.keyspace.usedBytes).toBe(before);
    engine.balanced();
  });

  test('sees its keys in commands over all keys, and not those it has deleted', () => {
    engine.run('MSET', 'kept', 1, 'gone', 2);
    a.run('BEGIN');
    a.run('DEL', 'gone');
    a.run('SET', 'new', 3);
    expect([...(a.run('KEYS', '*') as string[])].sort()).toEqual(['kept', 'new']);
    expect(a.run('DBSIZE')).toBe(2);
    expect(a.run('SCAN', 0, 'COUNT', 1000)).toEqual(['0', expect.arrayContaining(['kept', 'new'])]);
    for (let i = 0; i < 20; i++) expect(['kept', 'new']).toContain(a.run('RANDOMKEY'));
    a.run('COMMIT');
    expect(b.run('DBSIZE')).toBe(2);
  });

  test('may empty a database, and take that back', () => {
    engine.run('MSET', 'x', 1, 'y', 2);
    for (const end of ['ROLLBACK', 'COMMIT']) {
      a.run('BEGIN');
      a.run('SET', 'before', 1);
      a.run('FLUSHALL');
      a.run('SET', 'after', 1);
      expect(a.run('KEYS', '*')).toEqual(['after']);
      a.run(end);
      expect(b.run('DBSIZE')).toBe(end === 'COMMIT' ? 1 : 2);
    }
    expect(b.run('KEYS', '*')).toEqual(['after']);
    engine.balanced();
  });

  test('follows SELECT, MOVE and COPY to other databases', () => {
    a.run('BEGIN');
    a.run('SET', 'x', 1);
    a.run('MOVE', 'x', 1);
    a.run('SELECT', 1);
    a.run('COPY', 'x', 'y', 'DB', 2);
    a.run('COMMIT');
    expect(a.run('GET', 'x')).toBe('1');
    b.run('SELECT', 2);
    expect(b.run('GET', 'y')).toBe('1');
    engine.balanced();
  });

  test('runs MULTI and scripts inside, and blocks nobody in it', () => {
    a.run('BEGIN');
    a.run('MULTI');
    a.run('INCR', 'n');
    a.run('GET', 'n');
    expect(a.run('EXEC')).toEqual([1, '1']);
    const script = "return redis.call('INCR', KEYS[1])";
    expect(a.run('EVAL', script, 1, 'n')).toBe(2);
    expect(a.run('BLPOP', 'none', 0)).toBe(null);
    a.run('ROLLBACK');
    expect(b.run('EXISTS', 'n')).toBe(0);
  });

  test('sees the time stand, so that nothing it has read expires before it ends', () => {
    engine.run('SET', 'x', 1, 'PX', 100);
    a.run('BEGIN');
    expect(a.run('GET', 'x')).toBe('1');
    engine.advance(200);
    expect(a.run('GET', 'x')).toBe('1');
    a.run('APPEND', 'x', 2);
    a.run('COMMIT');
    expect(b.run('GET', 'x')).toBe(null);
    engine.balanced();
  });

  test('that only reads does not write', () => {
    a.run('BEGIN', 'READONLY');
    expect(a.run('GET', 'x')).toBe(null);
    expect(errorOf(a.run('SET', 'x', 1))).toMatch(/^READONLY/);
    expect(a.run('COMMIT')).toBe('OK');
  });

  test('is refused what has no place in it', () => {
    a.run('BEGIN');
    expect(errorOf(a.run('BEGIN'))).toMatch(/nested/);
    expect(errorOf(a.run('SWAPDB', 0, 1))).toMatch(/not allowed inside/);
    expect(errorOf(a.run('WATCH', 'x'))).toMatch(/not allowed inside/);
    a.run('ROLLBACK');
    expect(errorOf(a.run('COMMIT'))).toMatch(/^NOTXN/);
    a.run('MULTI');
    expect(errorOf(a.run('BEGIN'))).toMatch(/not allowed inside a transaction/);
  });
});

describe('naming a transaction', () => {
  test('any connection of its user may work in it, and end it', () => {
    const id = idOf(a.run('BEGIN'));
    expect(b.run('TXN', id, 'SET', 'x', 1)).toBe('OK');
    expect(b.run('PUT', 'y', 2, id)).toBe('OK');
    expect(a.run('GET', 'x')).toBe('1');
    expect(b.run('GET', 'y', id)).toBe('2');
    expect(b.run('DEL', 'y', id)).toBe(1);
    expect(b.run('COMMIT', id)).toBe('OK');
    expect(b.run('MGET', 'x', 'y')).toEqual(['1', null]);
    expect(errorOf(a.run('GET', 'x'))).toMatch(/^TXNABORTED .* committed by another client/);
    expect(errorOf(a.run('COMMIT'))).toMatch(/^TXNABORTED/);
    expect(a.run('GET', 'x')).toBe('1');
  });

  test('needs the id of one that is open, and a command on keys', () => {
    for (const isOpen of [false, true]) {
      if (isOpen) a.run('BEGIN');
      expect(errorOf(b.run('TXN', 99, 'GET', 'x'))).toMatch(/^NOTXN/);
      expect(errorOf(b.run('GET', 'x', 99))).toMatch(/^NOTXN/);
      expect(errorOf(b.run('PUT', 'x', 1, 99))).toMatch(/^NOTXN/);
      expect(errorOf(b.run('GET', 'x', 'y'))).toMatch(/wrong number of arguments/);
      expect(b.run('PUT', 'x', 'v')).toBe('OK');
      b.run('SET', 99, 'v');
      expect(b.run('DEL', 'x', 99)).toBe(2);
    }
    const id = idOf(b.run('BEGIN'));
    expect(errorOf(a.run('TXN', id, 'PING'))).toMatch(/commands on keys/);
    expect(errorOf(a.run('TXN', id, 'COMMIT'))).toMatch(/commands on keys/);
    expect(errorOf(a.run('TXN', id, 'TXN', id, 'GET', 'x'))).toMatch(/commands on keys/);
    expect(errorOf(a.run('TXN', id, 'GET'))).toMatch(/wrong number of arguments/);
  });

  test('takes the same user, or one who may do everything', () => {
    engine.run('ACL', 'SETUSER', 'other', 'on', 'nopass', '~*', '+@all', '-flushall');
    const id = idOf(a.run('BEGIN'));
    b.run('AUTH', 'other', '');
    expect(errorOf(b.run('TXN', id, 'GET', 'x'))).toMatch(/^NOPERM transaction/);
    expect(errorOf(b.run('COMMIT', id))).toMatch(/^NOPERM transaction/);
    expect(b.run('COMMITALL')).toBe(0);
    const own = idOf(b.run('BEGIN'));
    expect(a.run('COMMIT', own)).toBe('OK');
    expect(a.run('COMMITALL')).toBe(1);
  });

  test('SHOWALL tells what each has pending', () => {
    engine.run('SET', 'x', 1);
    const id = idOf(a.run('BEGIN'));
    a.run('HSET', 'h', 'f', 'v');
    a.run('DEL', 'x');
    const shown = JSON.stringify(b.run('SHOWALL'));
    expect(shown).toContain('["x","string","1"]');
    expect(shown).toContain(`"id",${id}`);
    expect(shown).toContain('[0,"h","hash",["f","v"]]');
    expect(shown).toContain('[0,"x","none",null]');
  });
});

describe('waiting', () => {
  test('lasts as long as lock-timeout, and no longer', () => {
    a.run('BEGIN');
    a.run('SET', 'x', 1);
    expect(b.run('GET', 'x')).toBe(waiting);
    engine.advance(4999);
    expect(b.client.isBlocked).toBe(true);
    engine.advance(2);
    expect(b.client.isBlocked).toBe(false);
    expect(errorOf(b.run('GET', 'x'))).toMatch(/^LOCKTIMEOUT/);
    expect(b.run('GET', 'y')).toBe(null);
  });

  test('in a circle has the youngest rolled back at once, and its client told', () => {
    a.run('BEGIN');
    b.run('BEGIN');
    a.run('SET', 'x', 1);
    b.run('SET', 'y', 2);
    expect(b.run('GET', 'x')).toBe(waiting);
    expect(a.run('GET', 'y')).toBe(null);
    expect(errorOf(b.run('GET', 'x'))).toMatch(/^DEADLOCK transaction 2/);
    expect(errorOf(b.run('SET', 'x', 3))).toMatch(/^TXNABORTED/);
    expect(a.run('COMMIT')).toBe('OK');
    expect(b.run('ROLLBACK')).toBe('OK');
    expect(b.run('GET', 'x')).toBe('1');
  });

  test('ends when whoever holds the key hangs up, or is idle for too long', () => {
    a.run('BEGIN');
    a.run('SET', 'x', 1);
    expect(b.run('SET', 'x', 2)).toBe(waiting);
    engine.services.clients.remove(a.client);
    expect(b.run('SET', 'x', 2)).toBe('OK');
    const c = engine.connect();
    c.run('BEGIN', 'TIMEOUT', 1000);
    c.run('SET', 'x', 3);
    engine.advance(900);
    c.run('GET', 'x');
    engine.advance(900);
    expect(b.run('SET', 'x', 4)).toBe(waiting);
    engine.advance(200);
    expect(b.run('SET', 'x', 4)).toBe('OK');
    expect(errorOf(c.run('GET', 'x'))).toMatch(/^TXNABORTED .* idle/);
  });

  test('is what a MULTI does as a whole, and a script for the keys it names', () => {
    a.run('BEGIN');
    a.run('SET', 'x', 1);
    b.run('MULTI');
    b.run('SET', 'y', 1);
    b.run('SET', 'x', 2);
    expect(b.run('EXEC')).toBe(waiting);
    expect(engine.run('EXISTS', 'y')).toBe(0);
    const script = "return redis.call('GET', 'x')";
    expect(engine.client.run('EVAL', script, 1, 'x')).toBe(waiting);
    const c = engine.connect();
    expect(errorOf(c.run('EVAL', script, 0))).toMatch(/LOCKED/);
    a.run('COMMIT');
    expect(b.run('EXEC')).toEqual(['OK', 'OK']);
  });

  test('of a client for a list is over when the transaction that filled it commits', () => {
    expect(b.run('BLPOP', 'l', 0)).toBe(undefined);
    a.run('BEGIN');
    a.run('RPUSH', 'l', 'e');
    expect(b.client.isBlocked).toBe(true);
    a.run('COMMIT');
    expect(b.client.isBlocked).toBe(false);
  });

  test('for a list does not reach into what a transaction has locked', () => {
    b.run('BLMOVE', 'from', 'to', 'LEFT', 'LEFT', 0);
    a.run('BEGIN');
    a.run('RPUSH', 'to', 'mine');
    engine.run('RPUSH', 'from', 'e');
    expect(b.client.isBlocked).toBe(true);
    a.run('COMMIT');
    expect(b.client.isBlocked).toBe(false);
    expect(engine.run('LRANGE', 'to', 0, -1)).toEqual(['e', 'mine']);
  });
});

test('a commit makes stale what others watch, and expiry and eviction spare what is locked', () => {
  b.run('WATCH', 'x');
  engine.run('SET', 'y', 1, 'PX', 10);
  a.run('BEGIN');
  a.run('SET', 'x', 1);
  a.run('GET', 'y');
  engine.advance(50);
  expect(engine.keyspace.firstDatabase.count).toBe(1);
  a.run('COMMIT');
  engine.advance(50);
  expect(engine.keyspace.firstDatabase.count).toBe(1);
  b.run('MULTI');
  b.run('GET', 'x');
  expect(b.run('EXEC')).toBe(null);
});

test('a thousand transactions at once on a hundred keys all end, and what was committed adds up', () => {
  const random = new SeededRandom(1);
  const below = (limit: number) => (random.int32() >>> 0) % limit;
  const clients = Array.from({ length: 1000 }, () => ({
    client: engine.connect(),
    left: Array.from({ length: 4 }, () => `k${below(100)}`),
    isOver: false,
  }));
  let committed = 0;
  for (const { client } of clients) client.run('BEGIN');
  for (let rounds = 0; clients.some(({ isOver }) => !isOver); rounds++) {
    expect(rounds).toBeLessThan(10_000);
    engine.clock.advance(1);
    for (const each of clients) {
      const { client, left } = each;
      if (each.isOver || client.client.isBlocked) continue;
      const key = left[0];
      const reply = key === undefined ? client.run('COMMIT') : client.run('INCR', key);
      if (reply === waiting) continue;
      left.shift();
      each.isOver = key === undefined || reply instanceof Error;
      if (key === undefined && reply === 'OK') committed++;
    }
    engine.coordination.interactive.expireDue(engine.clock.nowMs());
  }
  const keys = Array.from({ length: 100 }, (_, key) => `k${key}`);
  const total = (engine.run('MGET', ...keys) as (string | null)[]).reduce(
    (sum, n) => sum + Number(n),
    0,
  );
  expect(total).toBe(committed * 4);
  expect(committed).toBeGreaterThan(50);
  for (const { client } of clients) client.run('ROLLBACK');
  expect(engine.services.interactive.figures).toMatchObject({ open: 0, waiting: 0, lockedKeys: 0 });
  engine.balanced();
});
