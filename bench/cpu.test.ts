import { describe, expect, test } from 'vitest';
import { cpuUs, parseStatCpuUs, parseStatusResidentBytes, residentBytes } from './cpu.ts';

describe('what the system says of a process', () => {
  test('adds user and system time even when the program name holds spaces and parentheses', () => {
    const stat = '42 (a (b) c) R 1 42 42 0 -1 4194304 90 0 1 0 150 25 7 9 20 0 11 0 500 1000 60';
    expect(parseStatCpuUs(stat)).toBe(1_750_000);
  });

  test('refuses a stat line it does not understand', () => {
    expect(() => parseStatCpuUs('42 (node) R 1')).toThrow('unreadable');
  });

  test('reads resident memory in bytes', () => {
    expect(parseStatusResidentBytes('Name:\tnode\nVmRSS:\t  2048 kB\nThreads:\t1\n')).toBe(
      2_097_152,
    );
  });

  test.skipIf(process.platform !== 'linux')('measures this process', () => {
    expect(cpuUs(process.pid)).toBeGreaterThan(0);
    expect(residentBytes(process.pid)).toBeGreaterThan(1_000_000);
  });
});
