import { describe, expect, test } from 'vitest';
import type { Metric } from './report.ts';
import { type Part, type Result, trends } from './results.ts';

function result(part: Part, ...metrics: Metric[]): Result {
  return {
    ...{ part, at: '2026-01-01T00:00:00.000Z', commit: 'abc', dirty: false, node: 'v26' },
    ...{ cpu: 'c × 2', loadBefore: 0, peers: {}, quick: false, metrics },
  };
}

describe('the trend', () => {
  test('keeps the latest values of a metric and the change between the last two', () => {
    const history = [10, 20, 40, 30].map((value) =>
      result('startup', { name: 'start', value, unit: 'ms', targetMax: 400 }),
    );
    expect(trends(history, 3)).toEqual([
      { part: 'startup', metric: history[3]?.metrics[0], values: [20, 40, 30], change: -0.25 },
    ]);
  });

  test('does not mix up metrics of the same name in different parts, nor runs that lack one', () => {
    const history = [
      result('memory', { name: 'x', value: 1, unit: 'B' }),
      result('startup', { name: 'x', value: 5, unit: 'ms' }),
      result('memory', { name: 'y', value: 7, unit: 'B' }),
      result('memory', { name: 'x', value: 2, unit: 'B' }),
    ];
    const seen = trends(history, 5).map(({ part, metric, values }) => [part, metric.name, values]);
    expect(seen).toEqual([
      ['startup', 'x', [5]],
      ['memory', 'x', [1, 2]],
      ['memory', 'y', [7]],
    ]);
  });

  test('states no change from a single value or from zero', () => {
    const zero = result('startup', { name: 'x', value: 0, unit: 'ms' });
    const one = result('startup', { name: 'x', value: 1, unit: 'ms' });
    expect(trends([one], 5)[0]?.change).toBeUndefined();
    expect(trends([zero, one], 5)[0]?.change).toBeUndefined();
  });
});
