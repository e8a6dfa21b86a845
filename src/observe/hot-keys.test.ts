import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { HotKeys, SpaceSaving } from './hot-keys.ts';

const processor = () => ({ userUsec: 0, systemUsec: 0 });

test('whatever is above its share is found, and no total is too low or too high by more than a share', async () => {
  const additions = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 100 })),
    { maxLength: 500 },
  );
  await fc.assert(
    fc.property(additions, fc.integer({ min: 1, max: 30 }), (amounts, capacity) => {
      const saving = new SpaceSaving(capacity);
      const exact = new Map<string, number>();
      let sum = 0;
      for (const [number, amount] of amounts) {
        const key = `k${number}`;
        saving.add(key, amount);
        exact.set(key, (exact.get(key) ?? 0) + amount);
        sum += amount;
      }
      const top = saving.top(capacity);
      const share = sum / capacity;
      for (const { key, total } of top) {
        expect(total).toBeGreaterThanOrEqual(exact.get(key) ?? 0);
        expect(total - (exact.get(key) ?? 0)).toBeLessThanOrEqual(share);
      }
      const told = new Set(top.map(({ key }) => key));
      for (const [key, total] of exact) if (total > share) expect(told).toContain(key);
      expect(top.map(({ total }) => total)).toEqual(
        top.map(({ total }) => total).toSorted((a, b) => b - a),
      );
    }),
  );
});

const options = {
  metrics: new Set(['cpu'] as const),
  count: 2,
  durationMs: 1000,
  sampleRatio: 1,
};

test('a session ends when its time is over, and tells no longer duration', () => {
  const hotKeys = new HotKeys();
  hotKeys.start(options, 5000, processor());
  hotKeys.record({ usec: 3, bytes: 1 }, 5500, () => ['a'], processor);
  hotKeys.record({ usec: 9, bytes: 1 }, 6100, () => ['b'], processor);
  const session = hotKeys.session(9000, processor);
  expect(hotKeys.isTracking).toBe(false);
  expect(session?.durationMs(9000)).toBe(1000);
  expect(session?.top('cpu')).toEqual([{ key: 'a', total: 3 }]);
});

test('of what is sampled, all commands count for the totals and one in so many for the keys', () => {
  const hotKeys = new HotKeys();
  hotKeys.start({ ...options, sampleRatio: 10 }, 0, processor());
  for (let i = 0; i < 100; i++) {
    hotKeys.record({ usec: 1, bytes: 7 }, 1, () => ['a'], processor);
  }
  const session = hotKeys.session(1, processor);
  expect(session?.totalUsec).toBe(100);
  expect(session?.totalBytes).toBe(700);
  expect(session?.top('cpu')).toEqual([{ key: 'a', total: 10 }]);
});
