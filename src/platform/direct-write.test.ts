import { expect, test } from 'vitest';
import { StartViews } from './direct-write.ts';

test('views of the buffer that all share outlive writes from buffers of their own', () => {
  const views = new StartViews();
  const shared = Buffer.alloc(100);
  views.of(shared, 10);
  const kept = views.of(shared, 10);
  for (let i = 0; i < 3; i++) {
    const own = Buffer.alloc(100, i);
    const view = views.of(own, 5);
    expect([view.buffer, view.length]).toEqual([own.buffer, 5]);
  }
  expect(views.of(shared, 10)).toBe(kept);
  // Another one that stays takes its place.
  const other = Buffer.alloc(100);
  views.of(other, 7);
  expect(views.of(other, 7)).toBe(views.of(other, 7));
});

test('views of two buffers that take turns are kept', () => {
  const views = new StartViews();
  const buffers = [Buffer.alloc(100, 1), Buffer.alloc(100, 2)];
  for (const bytes of [...buffers, ...buffers]) {
    views.of(bytes, 3);
    views.of(bytes, 3);
  }
  const kept = buffers.map((bytes) => views.of(bytes, 3));
  expect(kept.map((view) => view.buffer)).toEqual(buffers.map((bytes) => bytes.buffer));
  for (let i = 0; i < 5; i++) {
    expect(views.of(buffers[i % 2] ?? Buffer.alloc(0), 3)).toBe(kept[i % 2]);
  }
});
