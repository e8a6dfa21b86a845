import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Histogram } from './histogram.ts';

const durations = fc.array(fc.integer({ min: 1, max: 1_000_000_000 }), { minLength: 1 });

test('a percentile is at most a hundredth above the exact one, and never below it', async () => {
  await fc.assert(
    fc.property(durations, fc.double({ min: 0.1, max: 100, noNaN: true }), (values, percentile) => {
      const histogram = new Histogram();
      for (const value of values) histogram.record(value);
      const rank = Math.max(1, Math.floor((percentile / 100) * values.length + 0.5));
      const exact = values.toSorted((a, b) => a - b)[rank - 1] ?? 0;
      const told = histogram.percentileNs(percentile);
      expect(told).toBeGreaterThanOrEqual(exact);
      expect(told).toBeLessThanOrEqual(exact * 1.01 + 1);
    }),
  );
});

test('cumulative counts grow to the number of durations, and bound them', async () => {
  await fc.assert(
    fc.property(durations, (values) => {
      const histogram = new Histogram();
      for (const value of values) histogram.record(value);
      const pairs = histogram.cumulativeByPowerUsec();
      expect(pairs.at(-1)?.[1]).toBe(values.length);
      for (const [index, [upToUsec, count]] of pairs.entries()) {
        const before = pairs[index - 1];
        if (before !== undefined) expect(count).toBeGreaterThan(before[1]);
        const within = values.filter((value) => value < (upToUsec + 1) * 1000).length;
        const wellWithin = values.filter((value) => value <= upToUsec * 990).length;
        expect(count).toBeLessThanOrEqual(within);
        expect(count).toBeGreaterThanOrEqual(wellWithin);
      }
    }),
  );
});

test('bounds are named as Redis names them', () => {
  const histogram = new Histogram();
  for (const usec of [0.5, 8, 33, 66, 100_000]) histogram.record(usec * 1000);
  // From redis-server 7.0: LATENCY HISTOGRAM tells powers of two by the end of the slot they begin.
  expect(histogram.cumulativeByPowerUsec()).toEqual([
    [1, 1],
    [8, 2],
    [33, 3],
    [66, 4],
    [135_266, 5],
  ]);
});

test('durations beyond the ends count as the ends', () => {
  const histogram = new Histogram();
  histogram.record(0);
  histogram.record(5e9, 2);
  expect(histogram.count).toBe(3);
  expect(histogram.percentileNs(0)).toBe(1);
  expect(histogram.percentileNs(100)).toBeGreaterThanOrEqual(1e9);
  histogram.reset();
  expect(histogram.count).toBe(0);
  expect(histogram.percentileNs(50)).toBe(0);
});
