/** Deadlines against a sorted list. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Deadlines } from './deadlines.ts';

test('what is due comes in order, without what was over before its time', async () => {
  const item = fc.record({ atMs: fc.nat(1000), isOver: fc.boolean() });
  await fc.assert(
    fc.property(fc.array(item, { maxLength: 300 }), fc.nat(1000), (items, nowMs) => {
      const deadlines = new Deadlines<{ atMs: number; isOver: boolean }>(({ isOver }) => isOver);
      for (const each of items) deadlines.add(each.atMs, each);
      const left = items.filter(({ isOver }) => !isOver).map(({ atMs }) => atMs);
      left.sort((a, b) => a - b);
      expect(deadlines.next).toBe(left[0] ?? Number.POSITIVE_INFINITY);
      const due: number[] = [];
      for (let next = deadlines.takeDue(nowMs); next; next = deadlines.takeDue(nowMs)) {
        due.push(next.atMs);
      }
      expect(due).toEqual(left.filter((atMs) => atMs <= nowMs));
      expect(deadlines.next).toBe(left[due.length] ?? Number.POSITIVE_INFINITY);
    }),
  );
});
