/** Client-side caching: which changes a client is told of, in each mode. */
import { inspect } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { Engine, type EngineClient } from '../testing/engine.ts';

let engine: Engine;
let reader: EngineClient;

beforeEach(() => {
  engine = new Engine();
  reader = engine.connect(3);
});

/** What the client was told since the last time. */
function toldTo(client: EngineClient): unknown[] {
  return client.connection.outOfBand.take().map(({ value }) => value);
}

const invalidated = (...keys: readonly string[]) => ['invalidate', keys];

describe('a client that tracks', () => {
  test('is told once of each key that it has read, and of no other', () => {
    reader.run('CLIENT', 'TRACKING', 'ON');
    engine.run('MSET', 'a', 1, 'b', 2);
    reader.run('GET', 'a');
    reader.run('EXISTS', 'none');
    engine.run('SET', 'b', 3);
    expect(toldTo(reader)).toEqual([]);
    engine.run('SET', 'a', 3);
    engine.run('SET', 'a', 4);
    engine.run('SET', 'none', 1);
    expect(toldTo(reader)).toEqual([invalidated('a'), invalidated('none')]);
  });

  test('is told of keys that expire, and of everything at once when it is flushed', () => {
    reader.run('CLIENT', 'TRACKING', 'ON');
    engine.run('SET', 'a', 1, 'PX', 100);
    reader.run('GET', 'a');
    engine.advance(101);
    expect(toldTo(reader)).toEqual([invalidated('a')]);
    engine.run('FLUSHALL');
    expect(toldTo(reader)).toEqual([['invalidate', null]]);
  });

  test('is told of its own changes, unless it does not want to be', () => {
    reader.run('CLIENT', 'TRACKING', 'ON');
    reader.run('GET', 'a');
    reader.run('SET', 'a', 1);
    expect(toldTo(reader)).toEqual([invalidated('a')]);
    reader.run('CLIENT', 'TRACKING', 'ON', 'NOLOOP');
    reader.run('GET', 'a');
    reader.run('SET', 'a', 2);
    expect(toldTo(reader)).toEqual([]);
  });

  test('is told after a transaction, not in its midst', () => {
    reader.run('CLIENT', 'TRACKING', 'ON');
    reader.run('MULTI');
    reader.run('GET', 'a');
    reader.run('SET', 'a', 1);
    expect(reader.run('EXEC')).toEqual([null, 'OK']);
    expect(toldTo(reader)).toEqual([invalidated('a')]);
  });

  test('is not told any more once it does not track, or has started over', () => {
    for (const end of [['CLIENT', 'TRACKING', 'OFF'], ['RESET']]) {
      reader.run('HELLO', 3);
      reader.run('CLIENT', 'TRACKING', 'ON');
      reader.run('GET', 'a');
      reader.run(...end);
      engine.run('SET', 'a', 1);
      expect(toldTo(reader)).toEqual([]);
    }
  });
});

describe('what is remembered', () => {
  test('is with OPTIN only what is read after CLIENT CACHING YES', () => {
    reader.run('CLIENT', 'TRACKING', 'ON', 'OPTIN');
    reader.run('GET', 'a');
    reader.run('CLIENT', 'CACHING', 'YES');
    reader.run('GET', 'b');
    reader.run('GET', 'c');
    for (const key of ['a', 'b', 'c']) engine.run('SET', key, 1);
    expect(toldTo(reader)).toEqual([invalidated('b')]);
  });

  test('is with OPTOUT all but what is read after CLIENT CACHING NO', () => {
    reader.run('CLIENT', 'TRACKING', 'ON', 'OPTOUT');
    reader.run('CLIENT', 'CACHING', 'NO');
    reader.run('GET', 'a');
    reader.run('GET', 'b');
    for (const key of ['a', 'b']) engine.run('SET', key, 1);
    expect(toldTo(reader)).toEqual([invalidated('b')]);
  });

  test('has a limit, beyond which the oldest keys are told as changed', () => {
    engine.run('CONFIG', 'SET', 'tracking-table-max-keys', 2);
    reader.run('CLIENT', 'TRACKING', 'ON');
    for (const key of ['a', 'b', 'c']) reader.run('GET', key);
    expect(toldTo(reader)).toEqual([invalidated('a')]);
    expect(String(engine.run('INFO', 'stats'))).toContain('tracking_total_keys:2');
  });
});

test('a broadcast tells of every key with one of the prefixes, read or not', () => {
  reader.run('CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', 'a', 'PREFIX', 'b');
  engine.run('MSET', 'a1', 1, 'b1', 1, 'a2', 1, 'c', 1);
  expect(toldTo(reader)).toEqual([invalidated('a1', 'a2'), invalidated('b1')]);
  const all = engine.connect(3);
  all.run('CLIENT', 'TRACKING', 'ON', 'BCAST');
  engine.run('DEL', 'c');
  expect(toldTo(all)).toEqual([invalidated('c')]);
});

describe('what is redirected', () => {
  test('reaches a RESP2 client as a message of the channel it subscribed to', () => {
    const [caching, listening] = [engine.connect(2), engine.connect(2)];
    listening.runAll('SUBSCRIBE', '__redis__:invalidate');
    caching.run('CLIENT', 'TRACKING', 'ON', 'REDIRECT', listening.client.id);
    expect(caching.run('CLIENT', 'GETREDIR')).toBe(listening.client.id);
    caching.run('GET', 'a');
    engine.run('SET', 'a', 1);
    expect(toldTo(listening)).toEqual([['message', '__redis__:invalidate', ['a']]]);
    expect(toldTo(caching)).toEqual([]);
  });

  test('and finds nobody makes the redirection broken, which the client is told', () => {
    const gone = engine.connect(3);
    reader.run('CLIENT', 'TRACKING', 'ON', 'REDIRECT', gone.client.id);
    engine.services.clients.remove(gone.client);
    reader.run('GET', 'a');
    engine.run('SET', 'a', 1);
    expect(toldTo(reader)).toEqual([['tracking-redir-broken', gone.client.id]]);
    expect(inspect(reader.run('CLIENT', 'TRACKINGINFO'))).toContain('broken_redirect');
  });
});

test.each([
  [['ON', 'PREFIX', 'a'], 'PREFIX option requires BCAST mode to be enabled'],
  [['ON', 'BCAST', 'OPTIN'], 'OPTIN and OPTOUT are not compatible with BCAST'],
  [['ON', 'OPTOUT'], "You can't switch OPTIN/OPTOUT mode"],
  [['ON', 'BCAST'], "You can't switch BCAST mode on/off"],
])('CLIENT TRACKING %j is refused to a client that tracks with OPTIN', (words, text) => {
  reader.run('CLIENT', 'TRACKING', 'ON', 'OPTIN');
  expect(String(reader.run('CLIENT', 'TRACKING', ...words))).toContain(text);
});

test('prefixes with keys in common are refused, but not one that is there already', () => {
  const tracking = ['CLIENT', 'TRACKING', 'ON', 'BCAST'] as const;
  expect(String(reader.run(...tracking, 'PREFIX', 'a', 'PREFIX', 'ab'))).toContain(
    "Prefix 'a' overlaps with another provided prefix 'ab'.",
  );
  expect(reader.run(...tracking, 'PREFIX', 'a')).toBe('OK');
  expect(reader.run(...tracking, 'PREFIX', 'a', 'PREFIX', 'b')).toBe('OK');
  expect(String(reader.run(...tracking, 'PREFIX', 'abc'))).toContain(
    "Prefix 'abc' overlaps with an existing prefix 'a'.",
  );
});
