/** maxmemory as a client meets it: refusals, policies changed at run time, what INFO and OBJECT tell of it. */
import { describe, expect, test } from 'vitest';
import { Engine } from '#commands/testing/engine.ts';

const oom = new Error("OOM command not allowed when used memory > 'maxmemory'.");

/** A limit in which the data may have about `bytes`; the rest is what the process is said to need. */
function limit(engine: Engine, bytes: number): void {
  engine.run('CONFIG', 'SET', 'maxmemory', `${2 * bytes}`);
}

function info(engine: Engine, field: string): string | undefined {
  return new RegExp(`^${field}:(.*)\r$`, 'm').exec(String(engine.run('INFO')))?.[1];
}

function fill(engine: Engine, count: number, ...options: string[]): void {
  for (let i = 0; i < count; i++) engine.run('SET', `key:${i}`, 'x'.repeat(1000), ...options);
}

describe('noeviction', () => {
  test('refuses commands that may need memory, and no others, until there is room', () => {
    const engine = new Engine();
    limit(engine, engine.keyspace.usedBytes + 2_000_000);
    fill(engine, 2200);
    const { count } = engine.keyspace.firstDatabase;
    expect(count).toBeLessThan(2000);
    expect(count).toBeGreaterThan(1700);
    for (const command of [
      ['SET', 'new', 'v'],
      ['APPEND', 'key:1', 'v'],
      ['SETRANGE', 'key:1', '5', 'v'],
      ['INCR', 'n'],
      ['SETBIT', 'bits', '1', '1'],
      ['MSET', 'a', '1', 'b', '2'],
      ['COPY', 'key:1', 'key:copy'],
    ]) {
      expect(engine.run(...command), command[0]).toEqual(oom);
    }
    expect(engine.run('GET', 'key:1')).toBe('x'.repeat(1000));
    expect(engine.run('EXPIRE', 'key:1', 100)).toBe(1);
    expect(engine.run('PING')).toBe('PONG');
    expect(engine.keyspace.firstDatabase.count).toBe(count);
    expect(info(engine, 'evicted_keys')).toBe('0');
    expect(String(engine.run('INFO', 'errorstats'))).toContain('errorstat_OOM:count=');
    for (let i = 0; i < 100; i++) engine.run('DEL', `key:${i}`);
    expect(engine.run('SET', 'new', 'v')).toBe('OK');
    engine.balanced();
  });

  test('goes on when the limit is raised or a policy is chosen', () => {
    const engine = new Engine();
    limit(engine, engine.keyspace.usedBytes + 100_000);
    fill(engine, 200);
    expect(engine.run('SET', 'new', 'v')).toEqual(oom);
    engine.run('CONFIG', 'SET', 'maxmemory', '0');
    expect(engine.run('SET', 'new', 'v')).toBe('OK');
    limit(engine, engine.keyspace.usedBytes - 10_000);
    expect(engine.run('SET', 'new', 'v')).toEqual(oom);
    expect(engine.run('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')).toBe('OK');
    expect(info(engine, 'maxmemory_policy')).toBe('allkeys-lru');
    expect(engine.run('SET', 'new', 'v')).toBe('OK');
    expect(Number(info(engine, 'evicted_keys'))).toBeGreaterThan(0);
    engine.balanced();
  });

  test('of keys that expire is a refusal as well when there are none', () => {
    const engine = new Engine();
    engine.run('CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru');
    fill(engine, 200);
    limit(engine, engine.keyspace.usedBytes - 10_000);
    expect(engine.run('SET', 'new', 'v')).toEqual(oom);
    engine.run('EXPIRE', 'key:7', 100);
    for (let i = 10; i < 30; i++) engine.run('EXPIRE', `key:${i}`, 100);
    expect(engine.run('SET', 'new', 'v')).toBe('OK');
    expect(engine.run('EXISTS', 'key:1')).toBe(1);
    engine.balanced();
  });
});

test('a limit that is lowered is worked down to', () => {
  const engine = new Engine();
  engine.run('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random');
  fill(engine, 2000);
  const full = engine.keyspace.usedBytes;
  limit(engine, full / 2);
  const { eviction } = engine.services.memoryLimit;
  while (eviction.makeRoom() === 'running');
  expect(engine.keyspace.usedBytes).toBeLessThanOrEqual(full / 2);
  expect(engine.keyspace.usedBytes).toBeGreaterThan(full * 0.45);
  expect(Number(info(engine, 'evicted_keys'))).toBe(2000 - engine.keyspace.firstDatabase.count);
  engine.run('CONFIG', 'RESETSTAT');
  expect(info(engine, 'evicted_keys')).toBe('0');
  engine.balanced();
});

test('OBJECT tells what the policy goes by, and only that', () => {
  const engine = new Engine();
  engine.run('SET', 'key', 'v');
  engine.advance(5200);
  expect(engine.run('OBJECT', 'IDLETIME', 'key')).toBe(5);
  expect(engine.run('OBJECT', 'FREQ', 'key')).toEqual(
    new Error(
      'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
    ),
  );
  engine.run('GET', 'key');
  expect(engine.run('OBJECT', 'IDLETIME', 'key')).toBe(0);
  engine.run('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu', 'lfu-log-factor', '0');
  engine.run('SET', 'other', 'v');
  for (let i = 0; i < 10; i++) engine.run('GET', 'other');
  expect(engine.run('OBJECT', 'FREQ', 'other')).toBe(15);
  engine.advance(3 * 60_000);
  expect(engine.run('OBJECT', 'FREQ', 'other')).toBe(12);
  expect(engine.run('OBJECT', 'IDLETIME', 'other')).toEqual(
    new Error(
      'ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
    ),
  );
  engine.run('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lrm');
  engine.run('SET', 'other', 'v');
  engine.advance(4200);
  engine.run('GET', 'other');
  expect(engine.run('OBJECT', 'IDLETIME', 'other')).toBe(4);
});
