import { beforeAll, expect, test } from 'vitest';
import { Slice } from '#memory/slice.ts';
import { Engine } from '../testing/engine.ts';
import { hasherReady } from './hasher.ts';

beforeAll(() => hasherReady);

const nil = null;
const syntax = new Error('ERR syntax error');
const wrongType = new Error('WRONGTYPE Operation against a key holding the wrong kind of value');

/** When a key expires, 0 if it does not, undefined if there is none. */
function expiryOf(engine: Engine, key: string): number | undefined {
  const cursor = engine.keyspace.firstDatabase.peek(new Slice(Buffer.from(key)));
  return cursor.exists ? cursor.expireAtMs : undefined;
}

/** The changes announced while `work` runs. */
function eventsOf(engine: Engine, work: () => void): string[] {
  const events: string[] = [];
  engine.keyspace.writes.subscribe({
    beforeWrite: (event) => events.push(event),
    beforeFlush: () => {},
    beforeSwap: () => {},
  });
  work();
  return events;
}

/** Makes the key a list, by hand: there are no commands for one yet. */
function makeList(engine: Engine, key: string): void {
  engine.keyspace.firstDatabase.write(new Slice(Buffer.from(key))).overwrite('rpush', 1, 4);
}

test('SET takes each kind of expiry, and a plain SET takes it away again', () => {
  const engine = new Engine();
  const now = engine.clock.nowMs();
  engine.run('SET', 'k', 'v', 'EX', 10);
  expect(expiryOf(engine, 'k')).toBe(now + 10_000);
  engine.run('SET', 'k', 'v', 'PX', 10);
  expect(expiryOf(engine, 'k')).toBe(now + 10);
  engine.run('SET', 'k', 'v', 'EXAT', 2_000_000_000);
  expect(expiryOf(engine, 'k')).toBe(2_000_000_000_000);
  engine.run('SET', 'k', 'v', 'PXAT', 2_000_000_000_001);
  engine.run('SET', 'k', 'a longer value', 'KEEPTTL');
  expect(expiryOf(engine, 'k')).toBe(2_000_000_000_001);
  engine.run('SET', 'k', 'v');
  expect(expiryOf(engine, 'k')).toBe(0);
  engine.balanced();
});

test('SET with a time in the past leaves no key', () => {
  const engine = new Engine();
  expect(engine.run('SET', 'k', 'v', 'EXAT', 1)).toBe('OK');
  expect(engine.run('GET', 'k')).toBe(nil);
  engine.balanced();
});

test.each([
  ['EX', '0'],
  ['PX', '-1'],
  ['EX', '9223372036854775807'],
  ['PX', '9223372036854775807'],
  ['EXAT', '-9223372036854775808'],
])('SET with %s %s is an invalid expire time and changes nothing', (token, time) => {
  const engine = new Engine();
  engine.run('SET', 'k', 'old', 'EX', 10);
  const invalid = new Error("ERR invalid expire time in 'set' command");
  expect(engine.run('SET', 'k', 'new', token, time, 'GET')).toEqual(invalid);
  expect(engine.run('GET', 'k')).toBe('old');
  expect(expiryOf(engine, 'k')).toBe(engine.clock.nowMs() + 10_000);
});

test('a syntax error comes before a malformed time', () => {
  const engine = new Engine();
  expect(engine.run('SET', 'k', 'v', 'EX', 'abc', 'NX', 'XX')).toEqual(syntax);
  expect(engine.run('SET', 'k', 'v', 'EX')).toEqual(syntax);
  expect(engine.run('SET', 'k', 'v', 'EX', 1, 'KEEPTTL')).toEqual(syntax);
  expect(engine.run('SET', 'k', 'v', 'IFEQ', 'v', 'NX')).toEqual(syntax);
  expect(engine.run('SET', 'k', 'v', 'EX', 'abc')).toEqual(
    new Error('ERR value is not an integer or out of range'),
  );
});

test('GET gives the old value whether or not the condition held', () => {
  const engine = new Engine();
  expect(engine.run('SET', 'k', 'a', 'XX', 'GET')).toBe(nil);
  expect(engine.run('SET', 'k', 'a', 'NX', 'GET')).toBe(nil);
  expect(engine.run('SET', 'k', 'b', 'NX', 'GET')).toBe('a');
  expect(engine.run('GETSET', 'k', 'c')).toBe('a');
  expect(engine.run('SETNX', 'k', 'd')).toBe(0);
  expect(engine.run('GET', 'k')).toBe('c');
});

test('IFEQ and IFNE compare the present value, and only IFNE creates a key', () => {
  const engine = new Engine();
  expect(engine.run('SET', 'k', 'a', 'IFEQ', 'x')).toBe(nil);
  expect(engine.run('SET', 'k', 'a', 'IFNE', 'x')).toBe('OK');
  expect(engine.run('SET', 'k', 'b', 'IFNE', 'a')).toBe(nil);
  expect(engine.run('SET', 'k', 'b', 'ifeq', 'a', 'GET')).toBe('a');
  expect(engine.run('SET', 'k', 'c', 'IFEQ', 'a', 'GET')).toBe('b');
  expect(engine.run('GET', 'k')).toBe('b');
});

test('IFDEQ and IFDNE compare digests in any case, and refuse what is none', () => {
  const engine = new Engine();
  engine.run('SET', 'k', 'hello');
  const digest = String(engine.run('DIGEST', 'k'));
  const other = digest.replace(/^./, (first) => (first === '0' ? '1' : '0'));
  expect(engine.run('SET', 'k', 'x', 'IFDNE', digest.toUpperCase())).toBe(nil);
  expect(engine.run('SET', 'k', 'x', 'IFDEQ', other)).toBe(nil);
  expect(engine.run('SET', 'k', 'hello', 'IFDNE', other)).toBe('OK');
  expect(engine.run('SET', 'k', 'x', 'IFDEQ', digest.slice(1))).toEqual(
    new Error('ERR must be exactly 16 hexadecimal characters'),
  );
  expect(engine.run('SET', 'missing', 'x', 'IFDEQ', '1')).toBe(nil);
  expect(engine.run('SET', 'k', 'x', 'IFDEQ', digest.toUpperCase())).toBe('OK');
});

test('SET replaces any type, but neither reads nor compares another', () => {
  const engine = new Engine();
  makeList(engine, 'k');
  expect(engine.run('SET', 'k', 'v', 'GET')).toEqual(wrongType);
  expect(engine.run('SET', 'k', 'v', 'IFDEQ', '1')).toEqual(wrongType);
  expect(engine.run('GETSET', 'k', 'v')).toEqual(wrongType);
  expect(engine.run('SET', 'k', 'v', 'XX')).toBe('OK');
  expect(engine.run('GET', 'k')).toBe('v');
});

test('SETEX and PSETEX name themselves in their errors', () => {
  const engine = new Engine();
  expect(engine.run('SETEX', 'k', 0, 'v')).toEqual(
    new Error("ERR invalid expire time in 'setex' command"),
  );
  expect(engine.run('PSETEX', 'k', -5, 'v')).toEqual(
    new Error("ERR invalid expire time in 'psetex' command"),
  );
  engine.run('PSETEX', 'k', 5, 'v');
  expect(expiryOf(engine, 'k')).toBe(engine.clock.nowMs() + 5);
});

test('GETEX changes the expiry of a key that exists, and one in the past removes it', () => {
  const engine = new Engine();
  expect(engine.run('GETEX', 'k', 'EX', 'abc')).toBe(nil);
  engine.run('SET', 'k', 'v');
  expect(engine.run('GETEX', 'k', 'EX', 'abc')).toEqual(
    new Error('ERR value is not an integer or out of range'),
  );
  expect(engine.run('GETEX', 'k', 'EX', '0')).toEqual(
    new Error("ERR invalid expire time in 'getex' command"),
  );
  expect(engine.run('GETEX', 'k', 'PX', '50')).toBe('v');
  expect(expiryOf(engine, 'k')).toBe(engine.clock.nowMs() + 50);
  expect(engine.run('GETEX', 'k', 'PERSIST')).toBe('v');
  expect(expiryOf(engine, 'k')).toBe(0);
  expect(engine.run('GETEX', 'k', 'PXAT', '1')).toBe('v');
  expect(expiryOf(engine, 'k')).toBe(undefined);
});

test('the events are those that Redis notifies of', () => {
  const engine = new Engine();
  const events = eventsOf(engine, () => {
    engine.run('SET', 'k', '1');
    engine.run('SET', 'k', '1', 'EX', '10');
    engine.run('SET', 'k', '1', 'NX');
    engine.run('GETEX', 'k', 'PERSIST');
    engine.run('GETEX', 'k', 'PERSIST');
    engine.run('INCR', 'k');
    engine.run('INCRBYFLOAT', 'k', '0.5');
    engine.run('APPEND', 'k', '0');
    engine.run('SETRANGE', 'k', '0', '9');
    engine.run('GETEX', 'k', 'EXAT', '1');
    engine.run('MSET', 'a', '1', 'b', '2');
    engine.run('GETDEL', 'a');
    engine.run('DELEX', 'b', 'IFEQ', '3');
    engine.run('DELEX', 'b', 'IFEQ', '2');
  });
  expect(events.join(' ')).toBe(
    'set set expire persist incrby incrbyfloat append setrange del set set del del',
  );
});
