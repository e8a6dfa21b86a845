import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Slice } from '#memory/slice.ts';
import { encodingOf } from '#types/strings.ts';
import { Engine } from '../testing/engine.ts';

function encoding(engine: Engine, key: string): string {
  return encodingOf(engine.keyspace.firstDatabase.peek(new Slice(Buffer.from(key))));
}

const text = fc.string({ unit: 'binary-ascii', maxLength: 80 });
const change = fc.oneof(
  fc.record({ command: fc.constant('SET'), value: text, offset: fc.constant(0) }),
  fc.record({ command: fc.constant('APPEND'), value: text, offset: fc.constant(0) }),
  fc.record({ command: fc.constant('SETRANGE'), value: text, offset: fc.nat({ max: 700 }) }),
);

test('strings that are appended to and written into read like plain ones', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const engine = new Engine();
      const bytes = { text: '' };
      for (const { command, value, offset } of changes) {
        const args = command === 'SETRANGE' ? [offset, value] : [value];
        engine.run(command, 'k', ...args);
        if (command === 'SET') bytes.text = value;
        else if (command === 'APPEND') bytes.text += value;
        else if (value !== '') {
          const padded = bytes.text.padEnd(offset, '\0');
          bytes.text = padded.slice(0, offset) + value + padded.slice(offset + value.length);
        }
        expect(engine.run('GETRANGE', 'k', 0, -1)).toBe(bytes.text);
        expect(engine.run('STRLEN', 'k')).toBe(bytes.text.length);
      }
      engine.balanced();
    }),
    { numRuns: 60 },
  );
});

test('ranges count from both ends, and what lies outside is empty', () => {
  const engine = new Engine();
  engine.run('SET', 'k', 'Hello World');
  const ranges: [number, number, string][] = [
    [0, 3, 'Hell'],
    [-4, -1, 'orld'],
    [5, 3, ''],
    [5, 5000, ' World'],
    [-5000, 10000, 'Hello World'],
    [0, -100, 'H'],
    [1, -100, ''],
    [-100, -99, 'H'],
    [-100, -101, ''],
  ];
  for (const [start, end, range] of ranges) {
    expect(engine.run('GETRANGE', 'k', start, end)).toBe(range);
    expect(engine.run('SUBSTR', 'k', start, end)).toBe(range);
  }
  engine.run('SET', 'k', '');
  expect(engine.run('GETRANGE', 'k', 0, 0)).toBe('');
});

test('no string grows beyond proto-max-bulk-len', () => {
  const engine = new Engine();
  engine.services.config.set(['proto-max-bulk-len', '1mb']);
  const tooLong = new Error('ERR string exceeds maximum allowed size (proto-max-bulk-len)');
  expect(engine.run('SETRANGE', 'k', 2 ** 20 - 1, 'ab')).toEqual(tooLong);
  expect(engine.run('SETRANGE', 'k', '9223372036854775807', 'ab')).toEqual(tooLong);
  expect(engine.run('SETRANGE', 'k', '9223372036854775807', '')).toBe(0);
  expect(engine.run('SETRANGE', 'k', 2 ** 20 - 2, 'ab')).toBe(2 ** 20);
  expect(engine.run('APPEND', 'k', 'c')).toEqual(tooLong);
  expect(engine.run('SETRANGE', 'k', -1, 'c')).toEqual(new Error('ERR offset is out of range'));
  engine.balanced();
});

test('the encoding is what Redis would have kept after each kind of write', () => {
  const engine = new Engine();
  const after = (...words: string[]) => {
    engine.run(...words);
    return encoding(engine, words[1] ?? '');
  };
  expect(after('SET', 'k', '9223372036854775807')).toBe('int');
  expect(after('SET', 'k', '9223372036854775808')).toBe('embstr');
  expect(after('SET', 'k', 'e'.repeat(44))).toBe('embstr');
  expect(after('SET', 'k', 'e'.repeat(45))).toBe('raw');
  expect(after('APPEND', 'new', '12')).toBe('int');
  expect(after('APPEND', 'new', '3')).toBe('raw');
  expect(after('INCR', 'new')).toBe('int');
  expect(after('SETRANGE', 'new', '0', '9')).toBe('raw');
  expect(after('SETRANGE', 'fresh', '0', '9')).toBe('raw');
  expect(after('INCRBYFLOAT', 'fresh', '0.5')).toBe('embstr');
});
