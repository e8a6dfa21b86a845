import { expect, test } from 'vitest';
import { Engine } from '../testing/engine.ts';

test('WAIT for no replica answers at once', () => {
  const engine = new Engine();
  expect(engine.run('WAIT', 0, 0)).toBe(0);
  expect(engine.run('WAIT', -1, 100)).toBe(0);
});

test('WAIT for replicas, of which there are none, lasts as long as it may', () => {
  const engine = new Engine();
  const { connection } = engine.client;
  engine.run('WAIT', 1, 100);
  engine.advance(99);
  expect(connection.outOfBand.take()).toEqual([]);
  engine.advance(1);
  expect(connection.outOfBand.take().map(({ value }) => value)).toEqual([0]);
});

test('WAIT reads the number first, and then the time', () => {
  const engine = new Engine();
  const notInteger = new Error('ERR value is not an integer or out of range');
  expect(engine.run('WAIT', 'x', -1)).toEqual(notInteger);
  expect(engine.run('WAIT', 0, -1)).toEqual(new Error('ERR timeout is negative'));
  expect(engine.run('WAIT', 0, 'x')).toEqual(
    new Error('ERR timeout is not an integer or out of range'),
  );
});
