import { expect, test } from 'vitest';
import { addBounded, addBoundedFloat, int64Bounds, longDoubleBounds } from './bounded-counters.ts';
import {
  compareLongDouble,
  formatLongDouble,
  type LongDouble,
  longDoubleMax,
  negateLongDouble,
  parseLongDouble,
} from './long-double.ts';

const int64Max = 2n ** 63n - 1n;

function float(text: string): LongDouble {
  const value = parseLongDouble(text);
  if (value === undefined) throw new Error(`${text} is a float`);
  return value;
}

test('integers stop at the ends of their type, or are refused there', () => {
  const { upper } = int64Bounds;
  expect(addBounded(int64Max - 7n, 100n, int64Bounds, false)).toBe('rejected');
  expect(addBounded(int64Max - 7n, 100n, int64Bounds, true)).toEqual({ value: upper, applied: 7n });
});

test('what does not fit the type cannot be said to have been applied', () => {
  const far = { lower: -(2n ** 63n), upper: -(2n ** 63n) };
  expect(addBounded(1n, 1n, far, true)).toBe('overflow');
  expect(addBoundedFloat(longDoubleMax, float('1'), longDoubleBounds, true)).toEqual({
    value: longDoubleMax,
    applied: { significand: 0n, exponent: 0 },
  });
  const negative = negateLongDouble(longDoubleMax);
  const high = { lower: longDoubleMax, upper: longDoubleMax };
  expect(addBoundedFloat(negative, float('1'), high, true)).toBe('overflow');
  expect(addBoundedFloat(longDoubleMax, longDoubleMax, longDoubleBounds, false)).toBe('rejected');
});

test('floats stop at their bounds, on whichever side they started', () => {
  const bounds = { lower: float('-inf'), upper: float('30') };
  const outcome = addBoundedFloat(float('50.5'), float('5.5'), bounds, true);
  if (typeof outcome === 'string') throw new Error(outcome);
  expect(formatLongDouble(outcome.value)).toBe('30');
  expect(formatLongDouble(outcome.applied)).toBe('-20.5');
  expect(addBoundedFloat(float('50.5'), float('5.5'), bounds, false)).toBe('rejected');
});

test('long doubles are ordered, whatever their exponents, with the infinities at the ends', () => {
  const ordered = ['-inf', '-1e4000', '-1', '-1e-4000', '0', '1e-4000', '0.1', '1e4000', 'inf'];
  for (const [i, low] of ordered.entries()) {
    for (const [j, high] of ordered.entries()) {
      expect(Math.sign(compareLongDouble(float(low), float(high)))).toBe(Math.sign(i - j));
    }
  }
});
