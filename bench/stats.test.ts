import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { median, percentile } from './stats.ts';

const samples = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 });

describe('order statistics', () => {
  test('the median is the middle value or the mean of the two middle ones', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 100, 2])).toBe(3);
  });

  test('as many values lie above the median as below it, whatever their order', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const middle = median(values);
        const below = values.filter((value) => value < middle).length;
        const above = values.filter((value) => value > middle).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2);
      }),
    );
  });

  test('a percentile is one of the values, and its share of them do not exceed it', () => {
    fc.assert(
      fc.property(samples, fc.double({ noNaN: true, min: 0, max: 1 }), (values, share) => {
        const value = percentile(values, share);
        expect(values).toContain(value);
        const within = values.filter((other) => other <= value).length;
        expect(within).toBeGreaterThanOrEqual(share * values.length);
      }),
    );
    expect(percentile([3, 1, 2], 1)).toBe(3);
  });

  test('there is no statistic of nothing', () => {
    expect(() => median([])).toThrow();
    expect(() => percentile([], 0.5)).toThrow();
  });
});
