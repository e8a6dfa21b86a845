/** Waiting for keys, with commands of the test's own: who is served, when, and what ends a wait. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Wait } from '#commands/blocking.ts';
import { Engine, type EngineClient } from '#commands/testing/engine.ts';
import { valueType } from '#keyspace/entry.ts';
import { Slice } from '#memory/slice.ts';

let engine: Engine;

beforeEach(() => {
  engine = new Engine();
});

/** A client that waits to take the string at one of the keys, which it deletes. */
function waitFor(keys: readonly string[], timeoutMs = 0): EngineClient {
  const client = engine.connect();
  const wait: Wait = {
    keys: keys.map((key) => Buffer.from(key)),
    timeoutMs,
    takes: valueType.string,
    serve({ database, reply }) {
      for (const key of keys) {
        const cursor = database.write(new Slice(Buffer.from(key)));
        if (!cursor.exists) continue;
        reply.bulk(cursor.bytes, cursor.valueAt, cursor.valueLength);
        cursor.remove('del');
        return true;
      }
      return false;
    },
    expire: (reply) => reply.nilArray(),
  };
  client.session.block(wait);
  return client;
}

function answersOf(client: EngineClient): unknown[] {
  return client.connection.outOfBand.take().map(({ value }) => value);
}

describe('those who wait for a key', () => {
  test('are served in the order in which they came, one for each value', () => {
    const clients = [waitFor(['k']), waitFor(['k']), waitFor(['k'])];
    engine.run('SET', 'k', 'a');
    engine.run('SET', 'k', 'b');
    expect(clients.map(answersOf)).toEqual([['a'], ['b'], []]);
    expect(engine.run('EXISTS', 'k')).toBe(0);
    expect(engine.services.blocked.count).toBe(1);
  });

  test('are served by whichever of their keys comes first, and then no more', () => {
    const client = waitFor(['a', 'b', 'a']);
    engine.run('SET', 'b', 'x');
    engine.run('SET', 'a', 'y');
    expect(answersOf(client)).toEqual(['x']);
    expect(engine.run('GET', 'a')).toBe('y');
  });

  test('are served by a rename, a move and an exchange of databases', () => {
    const renamed = waitFor(['to']);
    engine.run('SET', 'from', 'x');
    engine.run('RENAME', 'from', 'to');
    expect(answersOf(renamed)).toEqual(['x']);
    const swapped = waitFor(['k']);
    engine.run('SELECT', 3);
    engine.run('SET', 'k', 'y');
    expect(answersOf(swapped)).toEqual([]);
    engine.run('SWAPDB', 0, 3);
    expect(answersOf(swapped)).toEqual(['y']);
  });

  test('wait on where a key of the same name is in another database', () => {
    const client = waitFor(['k']);
    engine.run('SELECT', 1);
    engine.run('SET', 'k', 'x');
    expect(answersOf(client)).toEqual([]);
  });
});

describe('a wait ends', () => {
  test('when its time is over, and not before', () => {
    const clients = [waitFor(['k'], 200), waitFor(['k'], 100), waitFor(['k'])];
    engine.advance(99);
    expect(clients.map(answersOf)).toEqual([[], [], []]);
    engine.advance(1);
    expect(clients.map(answersOf)).toEqual([[], [null], []]);
    engine.advance(100);
    expect(clients.map(answersOf)).toEqual([[null], [], []]);
  });

  test('by CLIENT UNBLOCK, as a timeout or as an error', () => {
    const [one, two] = [waitFor(['k']), waitFor(['k'])];
    expect(engine.run('CLIENT', 'UNBLOCK', one.client.id)).toBe(1);
    expect(engine.run('CLIENT', 'UNBLOCK', two.client.id, 'ERROR')).toBe(1);
    expect(engine.run('CLIENT', 'UNBLOCK', two.client.id)).toBe(0);
    expect(answersOf(one)).toEqual([null]);
    expect(String(answersOf(two)[0])).toContain('UNBLOCKED client unblocked via CLIENT UNBLOCK');
  });

  test('with its client, who takes nothing from the others', () => {
    const [gone, next] = [waitFor(['k']), waitFor(['k'])];
    engine.services.blocked.forget(gone.client);
    engine.run('SET', 'k', 'x');
    expect([gone, next].map(answersOf)).toEqual([[], ['x']]);
  });
});

test('ten thousand who wait for other keys leave a write as it is', () => {
  for (let i = 0; i < 10_000; i++) waitFor([`other:${i}`]);
  engine.run('SET', 'k', 'x');
  expect(engine.run('GET', 'k')).toBe('x');
  expect(engine.services.blocked.count).toBe(10_000);
});
