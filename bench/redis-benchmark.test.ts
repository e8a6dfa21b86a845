import { describe, expect, test } from 'vitest';
import { parseRequestsPerSecond } from './redis-benchmark.ts';

const header =
  '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"';

describe('redis-benchmark runs', () => {
  test('finds the requests per second by the name of their column', () => {
    expect(
      parseRequestsPerSecond(`${header}\n"SET","48543.69","0.5","0.1","0.5","0.8","1.0","2.1"\n`),
    ).toBe(48_543.69);
    expect(parseRequestsPerSecond('"test","p50","rps"\n"MSET (10 keys)","1","65159.5"\n')).toBe(
      65_159.5,
    );
  });

  test('refuses output with no result, with several, or without a figure', () => {
    const row = '"SET","nan","0.5"\n';
    for (const csv of ['', header, `${header}\n${row}`, `${header}\n"A","1"\n"B","2"\n`]) {
      expect(() => parseRequestsPerSecond(csv)).toThrow('unexpected output');
    }
  });
});
