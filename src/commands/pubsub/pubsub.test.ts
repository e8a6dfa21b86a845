/** Publish and subscribe: who hears what, in both protocols, and what a subscriber may ask. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Engine, type EngineClient } from '../testing/engine.ts';

let engine: Engine;
let listener: EngineClient;

beforeEach(() => {
  engine = new Engine();
  listener = engine.connect(3);
});

/** All that a client's command wrote. */
function repliesTo(client: EngineClient, ...words: readonly string[]): unknown[] {
  const replies = client.runAll(...words);
  return Array.isArray(replies) ? replies.map(({ value }) => value) : [replies];
}

function heardBy(client: EngineClient): unknown[] {
  return client.connection.outOfBand.take().map(({ value }) => value);
}

describe('a message', () => {
  test('reaches those who listen to its channel and to patterns that it matches, once for each', () => {
    repliesTo(listener, 'SUBSCRIBE', 'news', 'other');
    repliesTo(listener, 'PSUBSCRIBE', 'n*', '?ews', 'x*');
    expect(engine.run('PUBLISH', 'news', 'hello')).toBe(3);
    expect(heardBy(listener)).toEqual([
      ['message', 'news', 'hello'],
      ['pmessage', 'n*', 'news', 'hello'],
      ['pmessage', '?ews', 'news', 'hello'],
    ]);
  });

  test('to a sharded channel reaches only those who listen to such', () => {
    repliesTo(listener, 'SUBSCRIBE', 'news');
    repliesTo(listener, 'SSUBSCRIBE', 'news');
    expect(engine.run('SPUBLISH', 'news', 'hello')).toBe(1);
    expect(heardBy(listener)).toEqual([['smessage', 'news', 'hello']]);
  });

  test('may be of any bytes, and so may channels', () => {
    const bytes = '\x00\xff\r\n';
    repliesTo(listener, 'SUBSCRIBE', bytes);
    engine.run('PUBLISH', bytes, bytes);
    expect(heardBy(listener)).toEqual([['message', bytes, bytes]]);
  });

  test('reaches nobody who has gone or no longer listens', () => {
    repliesTo(listener, 'SUBSCRIBE', 'a', 'b');
    repliesTo(listener, 'PSUBSCRIBE', '*');
    repliesTo(listener, 'UNSUBSCRIBE', 'a');
    expect(engine.run('PUBLISH', 'a', 'x')).toBe(1);
    engine.services.pubsub.forget(listener.client);
    expect(engine.run('PUBLISH', 'b', 'x')).toBe(0);
    expect(engine.run('PUBSUB', 'NUMPAT')).toBe(0);
  });
});

describe('the replies of subscribing', () => {
  test('count channels and patterns together, and sharded channels apart', () => {
    expect(repliesTo(listener, 'SUBSCRIBE', 'a', 'b', 'a')).toEqual([
      ['subscribe', 'a', 1],
      ['subscribe', 'b', 2],
      ['subscribe', 'a', 2],
    ]);
    expect(repliesTo(listener, 'PSUBSCRIBE', 'p')).toEqual([['psubscribe', 'p', 3]]);
    expect(repliesTo(listener, 'SSUBSCRIBE', 's')).toEqual([['ssubscribe', 's', 1]]);
    expect(repliesTo(listener, 'UNSUBSCRIBE')).toEqual([
      ['unsubscribe', 'a', 2],
      ['unsubscribe', 'b', 1],
    ]);
    expect(repliesTo(listener, 'UNSUBSCRIBE')).toEqual([['unsubscribe', null, 1]]);
  });
});

describe('a subscriber over RESP2', () => {
  test('may only listen, ping, start over and leave', () => {
    const client = engine.connect(2);
    repliesTo(client, 'SUBSCRIBE', 'a');
    expect(String(client.run('GET', 'k'))).toContain(
      "Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET",
    );
    expect(client.run('PING')).toEqual(['pong', '']);
    expect(client.run('PING', 'x')).toEqual(['pong', 'x']);
    client.run('RESET');
    expect(client.run('PING')).toBe('PONG');
    expect(engine.run('PUBSUB', 'CHANNELS')).toEqual([]);
  });
});

test('PUBSUB tells who listens to what', () => {
  repliesTo(listener, 'SUBSCRIBE', 'aa', 'ab', 'b');
  repliesTo(engine.connect(3), 'SUBSCRIBE', 'aa');
  repliesTo(listener, 'SSUBSCRIBE', 's');
  expect(engine.run('PUBSUB', 'CHANNELS', 'a*')).toEqual(['aa', 'ab']);
  expect(engine.run('PUBSUB', 'NUMSUB', 'aa', 'none')).toEqual(['aa', 2, 'none', 0]);
  expect(engine.run('PUBSUB', 'SHARDCHANNELS')).toEqual(['s']);
  expect(engine.run('PUBSUB', 'SHARDNUMSUB', 's')).toEqual(['s', 1]);
  expect(String(engine.run('CLIENT', 'LIST', 'TYPE', 'pubsub'))).toContain('sub=3 psub=0 ssub=1');
});
