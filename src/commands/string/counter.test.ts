import { expect, test } from 'vitest';
import { Engine } from '../testing/engine.ts';

const overflow = new Error('ERR increment or decrement would overflow');

test('counters reach both ends of int64 and go no further', () => {
  const engine = new Engine();
  engine.run('SET', 'n', '9223372036854775806');
  expect(engine.run('INCR', 'n')).toBe(9223372036854775807n);
  expect(engine.run('INCR', 'n')).toEqual(overflow);
  expect(engine.run('DECRBY', 'n', '9223372036854775807')).toBe(0);
  expect(engine.run('INCRBY', 'n', '-9223372036854775808')).toBe(-9223372036854775808n);
  expect(engine.run('DECR', 'n')).toEqual(overflow);
  expect(engine.run('GET', 'n')).toBe('-9223372036854775808');
  expect(engine.run('DECRBY', 'n', '-9223372036854775808')).toEqual(
    new Error('ERR decrement would overflow'),
  );
});

test('a counter keeps its expiry, and a key that is none says so', () => {
  const engine = new Engine();
  engine.run('SET', 'n', '9', 'PX', 100);
  expect(engine.run('INCR', 'n')).toBe(10);
  engine.advance(100);
  expect(engine.run('DECR', 'n')).toBe(-1);
  for (const text of ['', ' 1', '01', '1.0', '-0', '9223372036854775808']) {
    engine.run('SET', 'n', text);
    expect(engine.run('INCR', 'n')).toEqual(
      new Error('ERR value is not an integer or out of range'),
    );
  }
});

test('floats are added as long doubles and shown without needless zeros', () => {
  const engine = new Engine();
  expect(engine.run('INCRBYFLOAT', 'f', '0.1')).toBe('0.1');
  expect(engine.run('INCRBYFLOAT', 'f', '0.2')).toBe('0.3');
  expect(engine.run('INCRBYFLOAT', 'f', '-0.3')).toBe('0');
  expect(engine.run('INCRBYFLOAT', 'f', '5.0e3')).toBe('5000');
  expect(engine.run('INCRBYFLOAT', 'f', 'abc')).toEqual(
    new Error('ERR value is not a valid float'),
  );
  expect(engine.run('INCRBYFLOAT', 'f', 'inf')).toEqual(
    new Error('ERR increment would produce NaN or Infinity'),
  );
  expect(engine.run('GET', 'f')).toBe('5000');
});
