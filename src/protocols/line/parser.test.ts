/** The line protocol's parser against lines and values that are right, wrong, hostile and cut anywhere. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineBytesMax } from '../resp/parser.ts';
import { anyWords } from '../resp/testing/hostile.ts';
import { type ParseSettings, parsePieces } from '../resp/testing/requests.ts';
import { lineWire } from './wire.ts';

function parse(text: string, settings: ParseSettings = {}) {
  return parsePieces([Buffer.from(text, 'latin1')], { ...settings, makeWire: lineWire });
}

function problemsOf(text: string, settings: ParseSettings = {}): string[] {
  return (parse(text, settings).refusals ?? []).map(([problem]) => problem);
}

/** A request as `call` sends it. */
function call(words: readonly string[], lineEnd = '\n'): string {
  const values = words.map((word) => `${word.length}${lineEnd}${word}${lineEnd}`);
  return `call ${words.length}${lineEnd}${values.join('')}`;
}

const lineEnd = fc.constantFrom('\n', '\r\n');

const tokens = fc.constantFrom(
  ...['set', 'SET', 'call', 'get', ' ', ' ', ' ', '\n', '\n', '\n', '\r\n', '\r', '\t', '-', '0'],
  ...[
    '1',
    '2',
    '3',
    '16',
    '99999999999999999999',
    'k',
    '\0',
    '\xff',
    '\x16\x03',
    'set k 0 3\nabc\n',
  ],
  ...['call 2\n3\nget\n1\nk\n', 'set k 9 2\nxx\n', 'set k 0 40\n', 'call 3\n50\n'],
);

const hostileLines = fc.oneof(
  fc.array(tokens, { maxLength: 16 }).map((parts) => Buffer.from(parts.join(''), 'latin1')),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
);

describe('Commands', () => {
  test.each<[string, string[][]]>([
    ['get mykey\n', [['get', 'mykey']]],
    ['get mykey\r\n', [['get', 'mykey']]],
    ['  get \t mykey  \n\n \r\n', [['get', 'mykey']]],
    ['get "a\n', [['get', '"a']]],
    [
      'zadd z 1.5 a\nzrange z 0 -1\n',
      [
        ['zadd', 'z', '1.5', 'a'],
        ['zrange', 'z', '0', '-1'],
      ],
    ],
    ['set k 0 5\nhello\n', [['set', 'k', 'hello']]],
    ['set k 0 5\r\nhello\r\n', [['set', 'k', 'hello']]],
    [
      'SET k 0 0\n\nget k\n',
      [
        ['SET', 'k', ''],
        ['get', 'k'],
      ],
    ],
    [
      'set k 60 5\nhello\nget k\n',
      [
        ['set', 'k', 'hello', 'EX', '60'],
        ['get', 'k'],
      ],
    ],
    ['set k -1 1\nx\n', [['set', 'k', 'x', 'EX', '-1']]],
    ['set k 0 7\na\nb\r\nc \n', [['set', 'k', 'a\nb\r\nc ']]],
    ['call 2\n3\nget\n1\nk\n', [['get', 'k']]],
    ['CALL 1\r\n4\r\nping\r\n', [['ping']]],
  ])('are words, and values as long as was said: %j', (text, requests) => {
    expect(parse(text)).toEqual({ requests, problem: undefined, left: 0 });
  });

  test('of any bytes come out as they went in, wherever the input is cut', () => {
    fc.assert(
      fc.property(fc.array(anyWords, { maxLength: 4 }), lineEnd, (requests, ends) => {
        const bytes = Buffer.from(requests.map((words) => call(words, ends)).join(''), 'latin1');
        for (let at = 0; at <= bytes.length; at++) {
          const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
          const parsed = parsePieces(pieces, { makeWire: lineWire });
          expect(parsed).toEqual({ requests, problem: undefined, left: 0 });
        }
      }),
      { seed: 1 },
    );
  });

  test('are the same cut at every single byte as in one piece, right or wrong', () => {
    fc.assert(
      fc.property(hostileLines, fc.boolean(), (bytes, isStranger) => {
        const settings = { makeWire: lineWire, bulkBytesMax: 30, isStranger };
        const whole = parsePieces([bytes], settings);
        const single = parsePieces(
          [...bytes].map((byte) => Buffer.from([byte])),
          settings,
        );
        expect(single).toEqual(whole);
        for (let at = 1; at < bytes.length; at++) {
          const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
          expect(parsePieces(pieces, settings)).toEqual(whole);
        }
      }),
      { seed: 2, numRuns: 1000 },
    );
  });
});

describe('What cannot be done is refused, and the next command is understood', () => {
  const next = 'get k\n';
  test.each([
    ['set k v\n', /^write: set/],
    ['set k 0 5 nx\n', /^write: set/],
    ['set k 0 x\n', /^the length of a value/],
    ['set k 0 -1\n', /^the length of a value/],
    ['set k 0 99999999999999999999\n', /^the length of a value/],
    ['call\n', /^write: call/],
    ['call 0\n', /^write: call/],
    ['call x\n', /^write: call/],
    ['call 2147483648\n', /^write: call/],
    ['call 2\n3\nget\nx\n', /^the length of a value/],
    ['call 2\n3\nget\n-1\n', /^the length of a value/],
    [`call 2\n3\nget\n${'1'.repeat(lineBytesMax + 1)}\n`, /^the line is too long/],
    ['set k 0 5\nhello, world\n', /^the value does not end/],
    ['set k 0 5\nhello\rworld\n', /^the value does not end/],
    ['call 2\n3\ngets\n', /^the value does not end/],
    ['set k 0 11\nhello world\n', /longer than proto-max-bulk-len$/],
    ['set k 9 11\r\nhello\nworld\r\n', /longer than proto-max-bulk-len$/],
    ['call 3\n3\nset\n11\nhello\nworld\n1\nv\n', /longer than proto-max-bulk-len$/],
    ['call 2\n11\nhello\nworld\n12\nhello\n world\n', /longer than proto-max-bulk-len$/],
    [`${'x'.repeat(lineBytesMax + 1)}\n`, /^the line is too long/],
  ])('%j', (text, problem) => {
    const parsed = parse(`${text}${next}`, { bulkBytesMax: 10 });
    expect(parsed.refusals).toEqual([[expect.stringMatching(problem), 0]]);
    expect(parsed).toMatchObject({ requests: [['get', 'k']], problem: undefined, left: 0 });
  });

  test('at the limits nothing is refused', () => {
    expect(parse('set k 0 10\n0123456789\n', { bulkBytesMax: 10 }).requests).toHaveLength(1);
    expect(parse(`${'x'.repeat(lineBytesMax)}\n`).requests).toHaveLength(1);
  });

  test('strangers have limits of their own', () => {
    const stranger = { isStranger: true };
    const eleven = call(Array.from({ length: 11 }, () => 'a'));
    expect(problemsOf(`${eleven}${next}`, stranger)).toEqual([expect.stringMatching(/^the arg/)]);
    expect(parse(`${eleven}${next}`, stranger).requests).toEqual([['get', 'k']]);
    const long = `set k 0 16385\n${'x'.repeat(16385)}\n`;
    expect(problemsOf(`${long}${next}`, stranger)).toEqual([expect.stringMatching(/authent/)]);
    expect(parse(`${long}${next}`, stranger).requests).toEqual([['get', 'k']]);
  });

  test('a client that speaks TLS is told so, and that is the end', () => {
    expect(parse('\x16\x03\x01\n').problem).toMatch(/TLS/);
  });
});

describe('Nothing is kept', () => {
  test('of a value that is refused, however long it is', () => {
    const chunk = Buffer.alloc(1000, 'x');
    const pieces = [Buffer.from('set k 0 100000\n'), ...Array(50).fill(chunk)];
    const parsed = parsePieces(pieces, { makeWire: lineWire, bulkBytesMax: 10 });
    expect(parsed.left).toBe(0);
  });

  test('for what is only announced', () => {
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 1000; i++) parse('call 2147483647\n536870912\nx');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  });
});
