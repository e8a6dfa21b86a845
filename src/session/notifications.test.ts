/** Keyspace notifications of what redis-server 7.0 does not know, and when they are sent; test/notifications.test.ts compares the rest. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Engine, type EngineArgument, type EngineClient } from '#commands/testing/engine.ts';

let engine: Engine;
let listener: EngineClient;

beforeEach(() => {
  engine = new Engine();
  listener = engine.connect(3);
  engine.run('CONFIG', 'SET', 'notify-keyspace-events', 'EA');
  listener.run('PSUBSCRIBE', '__key*__:*');
  heard();
});

/** What the listener was sent since the last call: events with their keys. */
function heard(): string[] {
  return listener.connection.outOfBand.take().map(({ value }) => {
    const [, , channel, message] = value as string[];
    return `${channel?.replace(/^__keyevent@0__:/, '')} ${message}`;
  });
}

function eventsOf(...words: EngineArgument[]): string[] {
  heard();
  engine.run(...words);
  return heard();
}

describe('newer commands', () => {
  test.each([
    ['MSETEX 1 k v EX 100', ['set k', 'expire k']],
    ['INCREX n BYINT 2', ['incrby n']],
    ['INCREX n BYFLOAT 0.5', ['incrbyfloat n']],
    ['INCREX n BYINT 2 EX 100', ['incrby n', 'expire n']],
    ['DELEX string IFEQ v', ['del string']],
    ['HSETEX h EX 100 FIELDS 1 f v', ['hset h', 'hexpire h']],
    ['HSETEX h FIELDS 1 f v', ['hset h']],
    ['HGETEX hash EX 100 FIELDS 1 f', ['hexpire hash']],
    ['HGETEX hash PXAT 1 FIELDS 1 f', ['hdel hash', 'del hash']],
    ['HEXPIRE hash 100 FIELDS 1 f', ['hexpire hash']],
    ['HGETDEL hash FIELDS 1 f', ['hdel hash', 'del hash']],
    ['LMOVEM list other LEFT RIGHT COUNT 2 OBO', ['rpush other', 'lpop list', 'del list']],
    ['XDELEX stream IDS 1 1-1', ['xdel stream']],
  ])('%s', (line, expected) => {
    engine.run('SET', 'string', 'v');
    engine.run('HSET', 'hash', 'f', 'v');
    engine.run('RPUSH', 'list', 'a', 'b');
    engine.run('XADD', 'stream', '1-1', 'f', 'v');
    expect(eventsOf(...line.split(' '))).toEqual(expected);
  });
});

test('what nobody asked for is told when it happens', () => {
  engine.run('SET', 'k', 'v', 'PX', 10);
  engine.run('HSET', 'h', 'f', 'v', 'g', 'v');
  engine.run('HPEXPIRE', 'h', 10, 'FIELDS', 1, 'f');
  heard();
  engine.advance(11);
  expect(heard().sort()).toEqual(['expired k', 'hexpired h']);
});

test('a client that was served is told of after the one that served it', () => {
  engine.connect().run('BLPOP', 'l', 0);
  expect(eventsOf('RPUSH', 'l', 'a')).toEqual(['rpush l', 'lpop l', 'del l']);
});

test('a client that listens for itself is told after its reply', () => {
  listener.run('SET', 'k', 'v', 'PX', 10);
  heard();
  engine.clock.advance(11);
  expect(listener.run('MGET', 'k', 'j')).toEqual([null, null]);
  expect(heard()).toEqual(['expired k']);
});

test('only the classes that are configured are told, and the write path is left when none are', () => {
  engine.run('CONFIG', 'SET', 'notify-keyspace-events', 'Eh');
  expect(eventsOf('SET', 'k', 'v')).toEqual([]);
  expect(eventsOf('HSET', 'h', 'f', 'v')).toEqual(['hset h']);
  engine.run('CONFIG', 'SET', 'notify-keyspace-events', 'K');
  expect(eventsOf('HSET', 'h', 'g', 'v')).toEqual([]);
  engine.run('CONFIG', 'SET', 'notify-keyspace-events', '');
  expect(eventsOf('HSET', 'h', 'i', 'v')).toEqual([]);
});
