/** Replies are counted as they are read, wherever what a server sends is cut. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReplyParser } from '#protocols/resp/reply-parser.ts';
import { ReplyCounter } from './reply-counter.ts';

const replies = [
  '+OK\r\n',
  ':-12\r\n',
  '$-1\r\n',
  '*-1\r\n',
  '_\r\n',
  '$0\r\n\r\n',
  '$6\r\n-a\r\n*9\r\n',
  '*0\r\n',
  '*2\r\n*1\r\n:1\r\n$2\r\n\r\n\r\n',
  '%2\r\n+a\r\n~0\r\n+b\r\n*2\r\n:1\r\n%0\r\n',
  '|1\r\n+ttl\r\n:3\r\n$1\r\nx\r\n',
  '>1\r\n+message\r\n',
  '=7\r\ntxt:abc\r\n',
  ',1.5\r\n',
];

test('as many as the parser reads', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...replies), { maxLength: 8 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
      (sent, cuts) => {
        const bytes = Buffer.from(sent.join(''));
        const counter = new ReplyCounter();
        const parser = new ReplyParser();
        let counted = 0;
        let parsed = 0;
        for (let at = 0; at < bytes.length; ) {
          const part = bytes.subarray(at, at + (cuts.next().value ?? 1));
          at += part.length;
          counted += counter.take(part);
          parser.push(part);
          while (parser.next() !== undefined) parsed++;
          expect(counted).toBe(parsed);
        }
        expect(counted).toBe(sent.length);
        expect(counter.error).toBe('');
      },
    ),
  );
});

test('the first error is told, from within an array too', () => {
  const counter = new ReplyCounter();
  expect(counter.take(Buffer.from('*2\r\n+OK\r\n-ERR fi'))).toBe(0);
  expect(counter.take(Buffer.from('rst\r\n-ERR second\r\n'))).toBe(2);
  expect(counter.error).toBe('-ERR first');
});
