import { expect, test } from 'vitest';
import { LatencyMonitor } from './latency-monitor.ts';
import { RateSampler } from './rate-sampler.ts';
import { SlowLog } from './slow-log.ts';

function slow(...words: string[]) {
  return {
    wordCount: words.length,
    word: (index: number) => words[index] ?? '',
    address: '127.0.0.1:1',
    clientName: 'me',
  };
}

test('the slow log keeps the newest entries, and never gives an id twice', () => {
  const log = new SlowLog(2, 32);
  for (const name of ['a', 'b', 'c']) log.record(slow(name), 1.6, 5_999);
  expect(log.newest(10).map(({ id, words }) => [id, words])).toEqual([
    [2, ['c']],
    [1, ['b']],
  ]);
  expect(log.newest(1)[0]).toMatchObject({ at: 5, durationUsec: 2, clientName: 'me' });
  log.keepAtMost(1);
  expect(log.length).toBe(1);
  log.reset();
  log.record(slow('d'), 1, 0);
  expect(log.newest(10).map(({ id }) => id)).toEqual([3]);
  log.keepAtMost(0);
  log.record(slow('e'), 1, 0);
  expect(log.length).toBe(0);
});

test('an entry keeps a bounded part of a command and says how much is left out', () => {
  const log = new SlowLog(1, 3);
  log.record(slow('set', 'x'.repeat(130), 'c', 'd'), 1, 0);
  expect(log.newest(1)[0]?.words).toEqual([
    'set',
    `${'x'.repeat(128)}... (2 more bytes)`,
    '... (2 more arguments)',
  ]);
  log.record(slow('a', 'b', 'c'), 1, 0);
  expect(log.newest(1)[0]?.words).toEqual(['a', 'b', 'c']);
});

test('the latency monitor keeps the slowest of each second, and 160 seconds', () => {
  const monitor = new LatencyMonitor();
  monitor.record('command', 5, 1_000);
  monitor.record('command', 9, 1_999);
  monitor.record('command', 7, 1_999);
  expect(monitor.event('command')?.samples).toEqual([{ at: 1, latencyMs: 9 }]);
  for (let second = 2; second <= 161; second++) monitor.record('command', 1, second * 1000);
  expect(monitor.event('command')?.samples).toHaveLength(160);
  expect(monitor.event('command')?.maxMs).toBe(9);
  expect(monitor.reset(['nosuch', 'command'])).toBe(1);
  expect(monitor.events()).toEqual([]);
});

test('a rate is the mean of the latest samples, and survives a total that starts over', () => {
  let total = 0;
  const rate = new RateSampler(() => total, 0);
  expect(rate.perSecond).toBe(0);
  total = 50;
  rate.sample(50);
  expect(rate.perSecond).toBe(0);
  rate.sample(100);
  expect(rate.perSecond).toBe(500);
  total = 10;
  rate.sample(200);
  expect(rate.perSecond).toBe(300);
  for (let i = 3; i < 30; i++) rate.sample(i * 100);
  expect(rate.perSecond).toBe(0);
});
