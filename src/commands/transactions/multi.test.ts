/** Transactions: what is queued, what EXEC makes of it, and what WATCH sees. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Engine, type EngineClient } from '../testing/engine.ts';

let engine: Engine;
let other: EngineClient;

beforeEach(() => {
  engine = new Engine();
  other = engine.connect();
});

/** Queues the commands, each a line of words, and executes them. */
function transact(...lines: readonly string[]): unknown {
  engine.run('MULTI');
  for (const line of lines) expect(engine.run(...line.split(' '))).toBe('QUEUED');
  return engine.run('EXEC');
}

describe('EXEC', () => {
  test('runs what was queued, in order, errors of single commands notwithstanding', () => {
    const replies = transact('SET k a', 'INCR k', 'APPEND k b', 'GET k');
    expect(replies).toEqual(['OK', expect.anything(), 2, 'ab']);
    expect(transact()).toEqual([]);
  });

  test('runs nothing where a command could not be queued', () => {
    engine.run('MULTI');
    engine.run('SET', 'k', 'v');
    engine.run('GET');
    expect(String(engine.run('EXEC'))).toContain('EXECABORT Transaction discarded');
    expect(engine.run('EXISTS', 'k')).toBe(0);
    expect(transact('PING')).toEqual(['PONG']);
  });

  test('lets a client see nothing of another that is queuing', () => {
    engine.run('MULTI');
    engine.run('SET', 'k', 'v');
    expect(other.run('GET', 'k')).toBeNull();
    engine.run('EXEC');
    expect(other.run('GET', 'k')).toBe('v');
  });

  test('makes one unit of all effects', () => {
    const heard: string[] = [];
    const onEffects = (bytes: Buffer, at: number, length: number) =>
      heard.push(bytes.toString('latin1', at, at + length));
    engine.coordination.effects.follow({ onEffects });
    transact('SET a 1', 'SET b 2');
    transact('GET a');
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatch(/^\*1\r\n\$5\r\nMULTI.*EXEC\r\n$/s);
  });
});

describe('WATCH lets EXEC do nothing', () => {
  test.each([
    ['a change by another client', () => other.run('SET', 'k', 'x')],
    ['a change by the same client', () => engine.run('APPEND', 'k', 'x')],
    ['a deletion', () => other.run('DEL', 'k')],
    ['another name', () => other.run('RENAME', 'k', 'l')],
    ['an expiry', () => engine.clock.advance(1001)],
    ['a flush', () => other.run('FLUSHALL')],
    ['an exchange of databases', () => other.run('SWAPDB', 0, 1)],
  ])('after %s', (_name, change) => {
    engine.run('SET', 'k', 'v', 'PX', 1000);
    engine.run('WATCH', 'other', 'k');
    change();
    expect(transact('SET done 1')).toBeNull();
    expect(engine.run('EXISTS', 'done')).toBe(0);
    expect(transact('SET done 1')).toEqual(['OK']);
  });

  test.each([
    ['a read', () => other.run('GET', 'k')],
    ['a change of another key', () => other.run('SET', 'l', 'x')],
    ['a change in another database', () => [other.run('SELECT', 1), other.run('SET', 'k', 'x')]],
    ['UNWATCH', () => [other.run('SET', 'k', 'x'), engine.run('UNWATCH')]],
    ['DISCARD', () => [other.run('SET', 'k', 'x'), engine.run('MULTI'), engine.run('DISCARD')]],
    ['RESET', () => [other.run('SET', 'k', 'x'), engine.run('RESET')]],
  ])('but not after %s', (_name, happen) => {
    engine.run('WATCH', 'k');
    happen();
    expect(transact('SET done 1')).toEqual(['OK']);
  });

  test('but not after a key has gone whose time had come before', () => {
    engine.run('SET', 'k', 'v', 'PX', 10);
    engine.clock.advance(11);
    engine.run('WATCH', 'k');
    engine.advance(1);
    expect(transact('PING')).toEqual(['PONG']);
  });
});

test.each([
  [['EXEC'], 'ERR EXEC without MULTI'],
  [
    ['MULTI', 'EXEC x'],
    "EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command",
  ],
  [['MULTI', 'EXEC x', 'EXEC'], 'ERR EXEC without MULTI'],
  [['DISCARD'], 'ERR DISCARD without MULTI'],
  [['MULTI', 'MULTI'], 'ERR MULTI calls can not be nested'],
  [['MULTI', 'WATCH k'], 'ERR WATCH inside MULTI is not allowed'],
])('%s is a mistake', (lines, text) => {
  const replies = lines.map((line) => engine.run(...line.split(' ')));
  expect(String(replies.at(-1))).toContain(text);
});

test('a client that is gone watches nothing', () => {
  engine.run('WATCH', 'k');
  engine.services.transactions.unwatch(engine.client.client);
  expect(engine.client.client.transaction.watchedCount).toBe(0);
});
