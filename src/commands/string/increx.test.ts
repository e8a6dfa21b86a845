import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Slice } from '#memory/slice.ts';
import { Engine } from '../testing/engine.ts';

const int64Max = 2n ** 63n - 1n;
const int64Min = -(2n ** 63n);

function expiryOf(engine: Engine, key: string): number | undefined {
  const cursor = engine.keyspace.firstDatabase.peek(new Slice(Buffer.from(key)));
  return cursor.exists ? cursor.expireAtMs : undefined;
}

test('replies the new value and how much of the increment was applied', () => {
  const engine = new Engine();
  expect(engine.run('INCREX', 'k')).toEqual([1, 1]);
  expect(engine.run('INCREX', 'k', 'BYINT', 9, 'UBOUND', 10)).toEqual([10, 9]);
  expect(engine.run('INCREX', 'k', 'BYINT', 5, 'UBOUND', 12)).toEqual([10, 0]);
  expect(engine.run('INCREX', 'k', 'UBOUND', 12, 'SATURATE', 'BYINT', 5)).toEqual([12, 2]);
  expect(engine.run('INCREX', 'k', 'BYINT', -20, 'LBOUND', 0, 'SATURATE')).toEqual([0, -12]);
  expect(engine.run('GET', 'k')).toBe('0');
});

test('counts as int64 arithmetic with a clamp says', () => {
  const edges = fc.constantFrom(0n, 1n, -1n, int64Max, int64Min, int64Max - 7n, int64Min + 7n);
  const int64 = fc.oneof(edges, fc.bigInt({ min: -30n, max: 30n }));
  fc.assert(
    fc.property(int64, int64, int64, int64, fc.boolean(), (before, by, one, other, saturates) => {
      const [lower, upper] = one < other ? [one, other] : [other, one];
      const engine = new Engine();
      engine.run('SET', 'k', before);
      const flags = saturates ? ['SATURATE'] : [];
      const reply = engine.run(
        'INCREX',
        'k',
        'BYINT',
        by,
        'LBOUND',
        lower,
        'UBOUND',
        upper,
        ...flags,
      );
      const sum = before + by;
      const isInside = sum >= lower && sum <= upper;
      const [, clamped = sum] = [lower, sum, upper].sort((a, b) => (a < b ? -1 : 1));
      const after = isInside || saturates ? clamped : before;
      const applied = after - before;
      if (applied > int64Max || applied < int64Min) {
        expect(reply).toEqual(new Error('ERR applied increment would overflow'));
        expect(engine.run('GET', 'k')).toBe(String(before));
        return;
      }
      expect((reply as unknown[]).map(String)).toEqual([String(after), String(applied)]);
      expect(engine.run('GET', 'k')).toBe(String(after));
    }),
  );
});

test('counts floats as long doubles, shown as RESP2 and RESP3 show doubles', () => {
  const engine = new Engine();
  expect(engine.run('INCREX', 'k', 'BYFLOAT', '0.1')).toEqual(['0.1', '0.1']);
  expect(engine.run('INCREX', 'k', 'BYFLOAT', '0.2')).toEqual(['0.3', '0.2']);
  const third = engine.connect(3);
  expect(third.run('INCREX', 'k', 'BYFLOAT', '10', 'UBOUND', '5.5')).toEqual([0.3, 0]);
  expect(third.run('INCREX', 'k', 'BYFLOAT', '10', 'UBOUND', '5.5', 'SATURATE')).toEqual([
    5.5, 5.2,
  ]);
  expect(engine.run('INCREX', 'k')).toEqual(
    new Error('ERR value is not an integer or out of range'),
  );
});

test('an increment that is not applied changes neither key nor expiry', () => {
  const engine = new Engine();
  expect(engine.run('INCREX', 'k', 'LBOUND', 10, 'EX', 100)).toEqual([0, 0]);
  expect(expiryOf(engine, 'k')).toBe(undefined);
  engine.run('SET', 'k', 10);
  expect(engine.run('INCREX', 'k', 'BYINT', 100, 'UBOUND', 15, 'EX', 100)).toEqual([10, 0]);
  expect(expiryOf(engine, 'k')).toBe(0);
});

test('the expiry stays, is set, is set only where there is none, or is taken away', () => {
  const engine = new Engine();
  const now = engine.clock.nowMs();
  engine.run('INCREX', 'k', 'EX', 100, 'ENX');
  expect(expiryOf(engine, 'k')).toBe(now + 100_000);
  engine.run('INCREX', 'k', 'EX', 10, 'ENX');
  engine.run('INCREX', 'k');
  expect(engine.run('INCREX', 'k', 'EXAT', 1, 'ENX')).toEqual([4, 1]);
  expect(expiryOf(engine, 'k')).toBe(now + 100_000);
  engine.run('INCREX', 'k', 'PX', 10);
  expect(expiryOf(engine, 'k')).toBe(now + 10);
  engine.run('INCREX', 'k', 'PERSIST');
  expect(expiryOf(engine, 'k')).toBe(0);
  expect(engine.run('INCREX', 'k', 'EXAT', 1)).toEqual([7, 1]);
  expect(expiryOf(engine, 'k')).toBe(undefined);
  engine.balanced();
});

test('a window of a rate limiter begins with its first request and refuses beyond its limit', () => {
  const engine = new Engine();
  const request = () => engine.run('INCREX', 'user', 'UBOUND', 2, 'EX', 60, 'ENX');
  expect(request()).toEqual([1, 1]);
  engine.advance(30_000);
  expect(request()).toEqual([2, 1]);
  expect(request()).toEqual([2, 0]);
  engine.advance(30_000);
  expect(request()).toEqual([1, 1]);
});

test.each([
  [['BYINT', '1', 'BYFLOAT', '1'], 'ERR syntax error'],
  [['BYINT', '1', 'BYINT', '2'], 'ERR syntax error'],
  [['SATURATE', 'SATURATE'], 'ERR syntax error'],
  [['EX', '1', 'EX', '2'], 'ERR syntax error'],
  [['EX', '1', 'PERSIST'], 'ERR syntax error'],
  [['PERSIST', 'ENX'], 'ERR syntax error'],
  [['LBOUND'], 'ERR syntax error'],
  [['5'], 'ERR syntax error'],
  [['ENX'], 'ERR ENX flag requires an expiration'],
  [['BYINT', '1.5'], 'ERR Increment is not an integer or out of range'],
  [['BYFLOAT', 'abc'], 'ERR Increment is not a valid float'],
  [['BYFLOAT', '-inf'], 'ERR BYFLOAT increment cannot be Infinity'],
  [['LBOUND', '1.5'], 'ERR LBOUND is not an integer or out of range'],
  [['BYFLOAT', '1', 'UBOUND', 'x'], 'ERR UBOUND is not a valid float'],
  [['LBOUND', '2', 'UBOUND', '1'], "ERR LBOUND can't be greater than UBOUND"],
  [['BYFLOAT', '1', 'LBOUND', 'inf'], "ERR LBOUND can't be greater than UBOUND"],
  [['EX', '0'], "ERR invalid expire time in 'increx' command"],
  [['EX', 'x'], 'ERR value is not an integer or out of range'],
])('%j is answered with %s', (args, text) => {
  expect(new Engine().run('INCREX', 'k', ...args)).toEqual(new Error(text));
});

test('a stored infinity is refused', () => {
  const engine = new Engine();
  engine.run('SET', 'k', 'inf');
  expect(engine.run('INCREX', 'k', 'BYFLOAT', '1')).toEqual(
    new Error('ERR value cannot be Infinity'),
  );
});
