import { describe, expect, test } from 'vitest';
import { formatNumber, formatTable, targetSummary, verdict } from './report.ts';

describe('the report', () => {
  test('shows figures with three digits or more, and a dash for none', () => {
    expect([0, 0.00347, 0.5467, 12.34, 141.4, 1_234_567, undefined].map(formatNumber)).toEqual([
      '0.00',
      '0.0035',
      '0.55',
      '12.3',
      '141',
      '1,234,567',
      '–',
    ]);
  });

  test('aligns the first column to the left and figures to the right', () => {
    expect(
      formatTable(
        ['', 'µs'],
        [
          ['SET', '2.28'],
          ['INCR', '12.7'],
        ],
      ),
    ).toBe(['        µs', '----  ----', 'SET   2.28', 'INCR  12.7'].join('\n'));
  });

  test('meets a target that is reached exactly, and judges nothing unmeasured', () => {
    expect(verdict(0.7, 0.7)).toBe('✓ ≤ 0.7');
    expect(verdict(0.7001, 0.7)).toBe('✗ ≤ 0.7');
    expect(verdict(undefined, 0.7)).toBe('not measured (≤ 0.7)');
    expect(verdict(3, undefined)).toBe('');
  });

  test('counts the targets that were met', () => {
    const metric = (value: number, targetMax?: number) =>
      ({ name: 'm', value, unit: 'ratio', ...(targetMax && { targetMax }) }) as const;
    expect(targetSummary([metric(1, 2), metric(3, 2), metric(9)])).toBe('1 of 2 targets met');
    expect(targetSummary([metric(9)])).toBeUndefined();
  });
});
