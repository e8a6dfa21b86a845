import { expect, test } from 'vitest';
import { Engine } from '../testing/engine.ts';

test('MSET writes the last of a key named twice, and takes expiries away', () => {
  const engine = new Engine();
  engine.run('SET', 'a', 'old', 'EX', 1);
  expect(engine.run('MSET', 'a', '1', 'b', '2', 'a', '3')).toBe('OK');
  engine.advance(2_000);
  expect(engine.run('MGET', 'a', 'b', 'missing')).toEqual(['3', '2', null]);
  engine.balanced();
});

test('MSETNX writes all or nothing', () => {
  const engine = new Engine();
  expect(engine.run('MSETNX', 'a', '1', 'a', '2')).toBe(1);
  expect(engine.run('MSETNX', 'b', '1', 'a', '3')).toBe(0);
  expect(engine.run('MGET', 'a', 'b')).toEqual(['2', null]);
  expect(engine.run('MSETNX', 'a', '1', 'b')).toEqual(
    new Error("ERR wrong number of arguments for 'msetnx' command"),
  );
});

test('MSETEX gives all keys one expiry', () => {
  const engine = new Engine();
  expect(engine.run('MSETEX', 2, 'a', '1', 'b', '2', 'PX', 100)).toBe(1);
  expect(engine.run('MSETEX', 1, 'b', '3', 'KEEPTTL')).toBe(1);
  expect(engine.run('MSETEX', 1, 'c', '3')).toBe(1);
  engine.advance(100);
  expect(engine.run('MGET', 'a', 'b', 'c')).toEqual([null, null, '3']);
});

test('MSETEX takes NX if no key exists, and XX if all do', () => {
  const engine = new Engine();
  engine.run('SET', 'a', '1');
  expect(engine.run('MSETEX', 2, 'a', 'x', 'b', 'x', 'NX')).toBe(0);
  expect(engine.run('MSETEX', 2, 'a', 'x', 'b', 'x', 'EX', 10, 'XX')).toBe(0);
  expect(engine.run('MSETEX', 1, 'b', '2', 'nx')).toBe(1);
  expect(engine.run('MSETEX', 2, 'a', '3', 'b', '4', 'XX')).toBe(1);
  expect(engine.run('MGET', 'a', 'b')).toEqual(['3', '4']);
});

test.each([
  [['key1', 'val1', 'ex', '10'], 'ERR invalid numkeys value'],
  [['0', 'a', '1'], 'ERR invalid numkeys value'],
  [['2147483648', 'key1', 'val1'], 'ERR invalid numkeys value'],
  [['2147483647', 'key1', 'val1'], 'ERR wrong number of key-value pairs'],
  [['2', 'key1', 'val1', 'key2'], 'ERR wrong number of key-value pairs'],
  [['1', 'key1', 'val1', 'invalid_flag'], 'ERR syntax error'],
  [['1', 'key1', 'val1', 'NX', 'XX'], 'ERR syntax error'],
  [['1', 'key1', 'val1', 'EX', '0'], "ERR invalid expire time in 'msetex' command"],
  [['1'], "ERR wrong number of arguments for 'msetex' command"],
])('MSETEX %j is answered with %s', (args, text) => {
  expect(new Engine().run('MSETEX', ...args)).toEqual(new Error(text));
});
