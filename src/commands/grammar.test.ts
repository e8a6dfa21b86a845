/** Kinds of arguments, as a handler gets them. */
import { expect, test } from 'vitest';
import { command } from './command.ts';
import { double } from './grammar.ts';
import { Request } from './request.ts';
import { Engine } from './testing/engine.ts';

test('a double is read as Redis reads scores, and anything else is no valid float', () => {
  const seen: number[] = [];
  const scale = command({
    name: 'scale',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(1)',
    summary: 'Takes a number.',
    flags: [],
    args: [double('factor')],
    reply: ['ok'],
    run: (_context, factor) => {
      seen.push(factor);
    },
  });
  const problems: string[] = [];
  const { session } = new Engine().client;
  const reply = Object.assign(Object.create(session.reply), {
    error: ({ text }: { text: string }) => problems.push(text),
  });
  for (const text of ['1.5', '-inf', '0x10', 'nan', '1.5x']) {
    const request = new Request();
    const bytes = Buffer.from(`scale${text}`);
    request.reset(bytes);
    request.push(0, 5);
    request.push(5, text.length);
    scale.call(Object.assign(Object.create(session), { request, reply }));
  }
  expect(seen).toEqual([1.5, Number.NEGATIVE_INFINITY, 16]);
  expect(problems).toEqual(['value is not a valid float', 'value is not a valid float']);
});

test('an option holds for its own request, however the next one is read, and a number is none', () => {
  const engine = new Engine();
  const add = (...args: (string | number)[]) => engine.run('ZADD', 'k', ...args);
  expect(add(1, 'a')).toBe(1);
  expect(add('CH', 'XX', 2, 'a', 3, 'b')).toBe(1);
  expect(add(3, 'a', 4, 'b')).toBe(1);
  expect(add('nx', 9, 'a')).toBe(0);
  expect(add('-inf', 'a')).toBe(0);
  expect(add('inf', 'b')).toBe(0);
  expect(engine.run('ZRANGE', 'k', 0, -1, 'WITHSCORES')).toEqual(['a', '-inf', 'b', 'inf']);
  expect(add('gt', 'lt', 1, 'a')).toBeInstanceOf(Error);
  expect(add(1, 'a', 2)).toBeInstanceOf(Error);
});
