import { describe, expect, test } from 'vitest';
import { Request } from '#commands/request.ts';
import { RespParser } from '#protocols/resp/parser.ts';
import { encodedAt } from './encoded-request.ts';

/** Where the request that begins at `at` of a text is found to be encoded. */
function found(text: string, at = 0): number {
  const request = new Request();
  const parser = new RespParser(request);
  const bytes = Buffer.from(text, 'latin1');
  parser.feed(bytes, 0, bytes.length);
  do expect(parser.parse()).toBe('request');
  while (parser.start < at);
  return encodedAt(request);
}

const encoded = (...words: readonly string[]) =>
  `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;

describe('a request is found where it begins', () => {
  test.each([0, 1, 9, 10, 99, 100, 12_345])('with a word of %i bytes', (length) => {
    const first = encoded('PING');
    const text = first + encoded('SET', 'k'.repeat(length), 'v'.repeat(length));
    expect(found(text, first.length)).toBe(first.length);
    expect(found(encoded('v'.repeat(length)))).toBe(0);
  });

  test('with many words', () => {
    for (const count of [9, 10, 99, 100, 500]) {
      const words = Array.from({ length: count }, (_, index) => `${index}`);
      expect(found(encoded(...words))).toBe(0);
    }
  });
});

describe('no request is', () => {
  test.each([
    ['a line', 'SET a b\r\n'],
    ['one with another byte after a length', '*2\r\n$3\rxGET\r\n$1\r\nk\r\n'],
    ['one with other bytes after a word', '*2\r\n$3\r\nGETxx$1\r\nk\r\n'],
    ['one with other bytes after the last word', '*2\r\n$3\r\nGET\r\n$1\r\nkxx'],
    ['one with another byte after the number of words', '*2\rx$3\r\nGET\r\n$1\r\nk\r\n'],
  ])('%s', (_, text) => expect(found(text)).toBe(-1));

  test('one whose words are not from a client', () => {
    const request = new Request();
    request.reset(Buffer.from('SETk'));
    for (const [at, length] of [
      [0, 3],
      [3, 1],
    ] as const) {
      request.push(at, length);
    }
    expect(encodedAt(request)).toBe(-1);
    expect(encodedAt(request.copy())).toBe(-1);
  });
});
