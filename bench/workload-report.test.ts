import { expect, test } from 'vitest';
import { ratios } from './workload-report.ts';

test('ratios are formed round by round, and not at all if a figure is missing', () => {
  expect(ratios([1, 6], [2, 3])).toEqual([0.5, 2]);
  expect(ratios([1, undefined], [2, 3])).toBeUndefined();
  expect(ratios([1], undefined)).toBeUndefined();
});
