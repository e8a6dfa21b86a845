import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expireAtMsMax, expireAtMsOf, futureExpireAtMsOf } from './expiry-time.ts';

const nowMs = 1_700_000_000_000;

test('a relative time counts from now and an absolute one from the epoch', () => {
  expect(expireAtMsOf(10, 1000, nowMs)).toBe(nowMs + 10_000);
  expect(expireAtMsOf(10, 1, nowMs)).toBe(nowMs + 10);
  expect(expireAtMsOf(10, 1000, 0)).toBe(10_000);
  expect(expireAtMsOf(-10, 1000, 0)).toBe(-10_000);
});

test('a time beyond an int64 of milliseconds is invalid', () => {
  expect(expireAtMsOf(Number('9223372036854775807'), 1, nowMs)).toBeNaN();
  expect(expireAtMsOf(Number('9223372036854775807'), 1000, 0)).toBeNaN();
  expect(expireAtMsOf(Number('-9223372036854775808'), 1000, nowMs)).toBeNaN();
});

test('a time beyond what an entry keeps becomes the latest that it does', () => {
  expect(expireAtMsOf(Number('9223372036854775807'), 1, 0)).toBe(expireAtMsMax);
  expect(expireAtMsOf(Number('9223372036854775'), 1000, 0)).toBe(expireAtMsMax);
});

test('what sets a value with its expiry takes nothing below one', () => {
  expect(futureExpireAtMsOf(0, 1000, nowMs)).toBeNaN();
  expect(futureExpireAtMsOf(-1, 1, nowMs)).toBeNaN();
  expect(futureExpireAtMsOf(1, 1, 0)).toBe(1);
});

test('agrees with int64 arithmetic for every value a double holds exactly', () => {
  const value = fc.maxSafeInteger();
  fc.assert(
    fc.property(value, fc.constantFrom(1, 1000), fc.constantFrom(0, nowMs), (each, unit, since) => {
      const exact = BigInt(each) * BigInt(unit);
      const unitMs = unit === 1 ? 1 : 1000;
      const inRange = exact >= -(2n ** 63n) && exact + BigInt(since) < 2n ** 63n;
      if (!inRange) expect(expireAtMsOf(each, unitMs, since)).toBeNaN();
      else if (exact + BigInt(since) <= BigInt(expireAtMsMax))
        expect(expireAtMsOf(each, unitMs, since)).toBe(Number(exact) + since);
      else expect(expireAtMsOf(each, unitMs, since)).toBe(expireAtMsMax);
    }),
  );
});
