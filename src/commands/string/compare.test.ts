import { beforeAll, expect, test } from 'vitest';
import { Slice } from '#memory/slice.ts';
import { Engine } from '../testing/engine.ts';
import { hasherReady } from './hasher.ts';

beforeAll(() => hasherReady);

test('DIGEST is the XXH3 hash in 16 digits, leading zeros included', () => {
  const engine = new Engine();
  // The value and its digest are the example in Redis's documentation of leading zeros.
  engine.run(
    'SET',
    'k',
    'v8lf0c11xh8ymlqztfd3eeq16kfn4sspw7fqmnuuq3k3t75em5wdizgcdw7uc26nnf961u2jkfzkjytls2kwlj7626sd',
  );
  expect(engine.run('DIGEST', 'k')).toBe('00006c38adf31777');
  expect(engine.run('DIGEST', 'missing')).toBe(null);
});

test('DELEX removes a key whose value is as demanded', () => {
  const engine = new Engine();
  engine.run('MSET', 'a', 'hello', 'b', '10', 'c', '');
  expect(engine.run('DELEX', 'a', 'IFEQ', 'world')).toBe(0);
  expect(engine.run('DELEX', 'a', 'IFNE', 'hello')).toBe(0);
  expect(engine.run('DELEX', 'a', 'IFDNE', String(engine.run('DIGEST', 'a')))).toBe(0);
  expect(engine.run('DELEX', 'a', 'IFDEQ', String(engine.run('DIGEST', 'a')))).toBe(1);
  expect(engine.run('DELEX', 'b', 'IFNE', '2')).toBe(1);
  expect(engine.run('DELEX', 'c', 'IFEQ', '')).toBe(1);
  expect(engine.run('DELEX', 'c', 'IFNE', '')).toBe(0);
  engine.balanced();
});

test('DELEX without a condition removes any type, with one only strings', () => {
  const engine = new Engine();
  engine.keyspace.firstDatabase.write(new Slice(Buffer.from('l'))).overwrite('rpush', 1, 4);
  expect(engine.run('DELEX', 'l', 'IFEQ', 'x')).toEqual(
    new Error('ERR Key should be of string type if conditions are specified'),
  );
  expect(engine.run('DELEX', 'l')).toBe(1);
});

test('DELEX tells what is wrong with its arguments', () => {
  const engine = new Engine();
  engine.run('SET', 'k', 'v');
  const arity = new Error("ERR wrong number of arguments for 'delex' command");
  expect(engine.run('DELEX', 'k', 'IFEQ')).toEqual(arity);
  expect(engine.run('DELEX', 'k', 'IFEQ', 'v', 'extra')).toEqual(arity);
  expect(engine.run('DELEX', 'k', 'EQ', 'v')).toEqual(
    new Error('ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE'),
  );
  expect(engine.run('DELEX', 'k', 'IFDEQ', '')).toEqual(
    new Error('ERR must be exactly 16 hexadecimal characters'),
  );
});
