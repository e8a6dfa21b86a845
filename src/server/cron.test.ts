import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Client, type ClientConnection } from '#commands/client.ts';
import type { Reply } from '#commands/reply.ts';
import { Keyspace } from '#keyspace/keyspace.ts';
import { Slice } from '#memory/slice.ts';
import { MemoryDisk } from '#persistence/testing/memory-disk.ts';
import type { Clock } from '#platform/clock.ts';
import { silentLog } from '#platform/log.ts';
import { readLuaWasm } from '#platform/lua-wasm.ts';
import { SeededRandom } from '#platform/random.ts';
import { Account } from '#session/acl/account.ts';
import { createCoordination } from '#session/coordination.ts';
import { configOf } from '../../test/kit/in-process.ts';
import { Cron } from './cron.ts';
import { createServices } from './services.ts';

/**
 * Time as the timers see it, in which working takes time too: each look at it costs a little. What is spent
 * that way is added up.
 */
class WorkClock implements Clock {
  readonly costMs = 0.01;
  spentMs = 0;

  nowMs(): number {
    return Date.now();
  }

  monotonicMs(): number {
    this.spentMs += this.costMs;
    return Date.now() + this.spentMs;
  }
}

function setUp(...flags: readonly string[]) {
  const config = configOf('--shards', '2', ...flags);
  const clock = new WorkClock();
  const random = new SeededRandom(1);
  const seed = { low: 1, high: 2 };
  const keyspace = new Keyspace({ shards: 2, databases: 2, random, seed });
  keyspace.setNow(clock.nowMs());
  const coordination = createCoordination(keyspace, {
    wasm: readLuaWasm,
    log: () => {},
    afterTurn: () => {},
  });
  const services = createServices({
    config,
    clock,
    random,
    keyspace,
    lifecycle: { shutdown: () => {}, abortShutdown: () => false },
    configFile: undefined,
    tcpPort: () => 0,
    coordination,
    log: silentLog,
    openDisk: () => new MemoryDisk(),
  });
  const cron = new Cron(services, keyspace, coordination);
  return { config, clock, keyspace, services, cron };
}

function addKeys(keyspace: Keyspace, count: number, ttlMs: number): void {
  const slice = new Slice();
  for (let i = 0; i < count; i++) {
    const key = Buffer.from(`key:${i}`);
    const cursor = keyspace.firstDatabase.write(slice.point(key, 0, key.length));
    cursor.overwrite('set', 0, 8, ttlMs > 0);
    if (ttlMs > 0) cursor.setExpiry(keyspace.nowMs + ttlMs);
  }
}

/** A client whose connection only notes that it was destroyed. */
function fakeClient(id: number, nowMs: number) {
  const connection: ClientConnection & { destroyed: boolean } = {
    remoteAddress: '',
    localAddress: '',
    isUnix: false,
    isLocal: true,
    descriptor: -1,
    isClosing: false,
    protocol: 2,
    inputBytes: 0,
    inputCapacityBytes: 0,
    outputBytes: 0,
    destroyed: false,
    destroy() {
      connection.destroyed = true;
    },
    closeAfterReplies() {},
    get outOfBand(): Reply {
      throw new Error('nothing to say');
    },
    flush() {},
    flushLater() {},
    flushReply() {},
    resume() {},
    enforceOutputLimit() {},
  };
  return { client: new Client(id, connection, nowMs, new Account('default')), connection };
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('expiry without anyone asking', () => {
  test('gives the memory of a key back within 100 ms of its time', () => {
    const { cron, keyspace } = setUp();
    const { usedBytes } = keyspace;
    addKeys(keyspace, 100, 1000);
    cron.start();
    vi.advanceTimersByTime(990);
    expect(keyspace.firstDatabase.count).toBe(100);
    vi.advanceTimersByTime(110);
    expect(keyspace.firstDatabase.count).toBe(0);
    expect(keyspace.usedBytes).toBeLessThan(usedBytes + 2000);
    cron.stop();
  });

  test('takes at most a quarter of the time while a great many expire together', () => {
    const { cron, keyspace, clock } = setUp();
    addKeys(keyspace, 50_000, 1000);
    cron.start();
    vi.advanceTimersByTime(1000);
    const startMs = Date.now();
    clock.spentMs = 0;
    vi.advanceTimersByTime(24);
    const { count } = keyspace.firstDatabase;
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(50_000);
    // The timers' time stands still during a slice, so what the slices took comes on top of it.
    const elapsedMs = Date.now() - startMs + clock.spentMs;
    expect(clock.spentMs / elapsedMs).toBeLessThan(0.26);
    vi.advanceTimersByTime(2000);
    expect(keyspace.firstDatabase.count).toBe(0);
    cron.stop();
  });

  test('does not keep removed memory from being freed, nor the other way round', () => {
    const { cron, keyspace } = setUp();
    addKeys(keyspace, 20_000, 0);
    const [first, second] = keyspace.databases;
    if (first === undefined || second === undefined) throw new Error('there are two databases');
    keyspace.swap(first, second);
    addKeys(keyspace, 50_000, 1000);
    keyspace.flush(second, true);
    expect(keyspace.lazyFree.pending).toBe(true);
    cron.start();
    vi.advanceTimersByTime(1010);
    vi.advanceTimersByTime(3000);
    expect(keyspace.lazyFree.pending).toBe(false);
    expect(first.count).toBe(0);
    cron.stop();
  });

  test('stops with the cron', () => {
    const { cron, keyspace } = setUp();
    addKeys(keyspace, 10, 100);
    cron.start();
    cron.stop();
    vi.advanceTimersByTime(1000);
    expect(keyspace.firstDatabase.count).toBe(10);
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('a memory limit that is lowered is worked down to, in a quarter of the time', () => {
  const { cron, keyspace, services, clock, config } = setUp('--maxmemory-policy', 'allkeys-lru');
  addKeys(keyspace, 20_000, 0);
  const full = keyspace.usedBytes;
  cron.start();
  vi.advanceTimersByTime(100);
  expect(keyspace.firstDatabase.count).toBe(20_000);
  // The data may have half of it, for it is far less than what this process takes.
  config.set(['maxmemory', `${full}`]);
  const startMs = Date.now();
  clock.spentMs = 0;
  vi.advanceTimersByTime(60);
  expect(keyspace.usedBytes).toBeGreaterThan(full / 2);
  expect(keyspace.usedBytes).toBeLessThan(full);
  const elapsedMs = Date.now() - startMs + clock.spentMs;
  expect(clock.spentMs / elapsedMs).toBeLessThan(0.26);
  vi.advanceTimersByTime(5000);
  expect(keyspace.usedBytes).toBeLessThanOrEqual(full / 2);
  expect(services.memoryLimit.eviction.makeRoom()).toBe('within');
  cron.stop();
});

describe('clients', () => {
  test('are closed when they were idle for longer than timeout, unless they watch', () => {
    const { cron, services, config } = setUp('--timeout', '10');
    const [idle, monitor, busy] = [1, 2, 3].map((id) => fakeClient(id, Date.now()));
    if (!idle || !monitor || !busy) throw new Error('three were made');
    monitor.client.isMonitor = true;
    for (const { client } of [idle, monitor, busy]) services.clients.add(client);
    cron.start();
    vi.advanceTimersByTime(9000);
    busy.client.lastActiveAtMs = Date.now();
    vi.advanceTimersByTime(3000);
    expect([idle, monitor, busy].map(({ connection }) => connection.destroyed)).toEqual([
      true,
      false,
      false,
    ]);
    config.set(['timeout', '0']);
    vi.advanceTimersByTime(100_000);
    expect(busy.connection.destroyed).toBe(false);
    cron.stop();
  });

  test('go on by themselves when a pause is over', () => {
    const { cron, services } = setUp();
    services.clients.pauseAll({ mode: 'all', untilMs: Date.now() + 500 });
    let resumedAtMs = 0;
    const startMs = Date.now();
    services.clients.whenUnpaused(() => {
      resumedAtMs = Date.now();
    });
    cron.start();
    vi.advanceTimersByTime(1000);
    expect(resumedAtMs - startMs).toBeGreaterThanOrEqual(500);
    expect(resumedAtMs - startMs).toBeLessThanOrEqual(550);
    cron.stop();
  });
});

test('hz changes the rhythm, but not below what prompt expiry needs', () => {
  const { cron, config, keyspace } = setUp('--hz', '1');
  addKeys(keyspace, 1, 10);
  cron.start();
  vi.advanceTimersByTime(60);
  expect(keyspace.firstDatabase.count).toBe(0);
  config.set(['hz', '500']);
  addKeys(keyspace, 1, 1);
  vi.advanceTimersByTime(4);
  expect(keyspace.firstDatabase.count).toBe(0);
  cron.stop();
});
