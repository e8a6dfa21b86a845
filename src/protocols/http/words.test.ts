/** What REST requests ask for, right and wrong. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BadRequest,
  commandsOfBody,
  parseTarget,
  tokenOf,
  type Words,
  wordsOfBody,
  wordsOfPath,
} from './words.ts';

function ofPath(target: string, body = ''): string[] {
  return texts(wordsOfPath(parseTarget(target), Buffer.from(body)));
}

function texts(words: Words): string[] {
  return words.map((word) => (typeof word === 'object' ? Buffer.from(word) : word).toString());
}

test.each<[string, string, string[]]>([
  ['/get/key', '', ['get', 'key']],
  ['/get/key/', '', ['get', 'key']],
  ['/set/a%20b/c%2Fd', '', ['set', 'a b', 'c/d']],
  ['/set/a+b/%C3%A9', '', ['set', 'a+b', 'é']],
  ['/set/key', 'the body', ['set', 'key', 'the body']],
  ['/set/key?EX=100&NX', 'v', ['set', 'key', 'v', 'EX', '100', 'NX']],
  ['/set/key/v?_token=secret&EX=1', '', ['set', 'key', 'v', 'EX', '1']],
  ['/set/key//x', '', ['set', 'key', '', 'x']],
  ['/set/key?a=b+c%3D', 'v', ['set', 'key', 'v', 'a', 'b c=']],
  ['/', '', []],
])('the path %s with the body %j', (target, body, words) => {
  expect(ofPath(target, body)).toEqual(words);
});

test('any bytes may be in a path', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
      const path = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
      const [, word] = wordsOfPath(parseTarget(`/get/${path}`), Buffer.alloc(0));
      expect(Buffer.from(word as Buffer)).toEqual(Buffer.from(bytes));
    }),
  );
});

test.each(['/get/%', '/get/%4', '/get/%zz', '/get/k?a=%'])('%s is no path', (target) => {
  expect(() => parseTarget(target)).toThrow(BadRequest);
});

test('a token may be in the query', () => {
  expect(tokenOf(parseTarget('/get/k?EX=1&_token=a%3Ab'))).toBe('a:b');
  expect(tokenOf(parseTarget('/get/k?EX=1'))).toBeUndefined();
});

test.each<[string, string[]]>([
  ['["SET", "k", "v"]', ['SET', 'k', 'v']],
  ['["EXPIRE", "k", 10]', ['EXPIRE', 'k', '10']],
  ['["ZADD", "k", 1.5, true, -0.25e-7]', ['ZADD', 'k', '1.5', 'true', '-2.5e-8']],
  ['["GET", "\\u0000é"]', ['GET', '\0é']],
])('the body %s is a command', (body, words) => {
  expect(texts(wordsOfBody(Buffer.from(body)))).toEqual(words);
});

test.each([
  ...['', '{', 'null', '"GET"', '{}', '[]', '[["GET","k"]]', '["GET",{}]', '["GET",null]'],
  ...['["GET",9007199254740993]', '["GET","k"] x', '['.repeat(100_000), '\xff'],
  `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
])('the body %.30s is no command', (body) => {
  expect(() => wordsOfBody(Buffer.from(body, 'latin1'))).toThrow(BadRequest);
});

test('a pipeline is commands, each with a word', () => {
  const commands = commandsOfBody(Buffer.from('[["SET","k","v"],["GET","k"]]'));
  expect(commands.map(texts)).toEqual([
    ['SET', 'k', 'v'],
    ['GET', 'k'],
  ]);
  for (const body of ['[]', '["GET","k"]', '[["GET"],[]]', '[["GET"],"GET"]', '{"a":["GET"]}']) {
    expect(() => commandsOfBody(Buffer.from(body))).toThrow(BadRequest);
  }
});
