/**
 * The parser against requests that are right, wrong and cut anywhere. What it must say to malformed ones was asked
 * of redis-server 7.0; see also raw.differential.test.ts.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineBytesMax } from './parser.ts';
import { anyWords, hostileBytes } from './testing/hostile.ts';
import { encode, parsePieces } from './testing/requests.ts';

function parse(text: string, settings = {}) {
  return parsePieces([Buffer.from(text, 'latin1')], settings);
}

describe('Requests', () => {
  test('of any bytes come out as they went in, wherever the input is cut', () => {
    fc.assert(
      fc.property(fc.array(anyWords, { maxLength: 4 }), fc.array(fc.nat()), (requests, cuts) => {
        const bytes = Buffer.from(requests.map((each) => encode(...each)).join(''), 'latin1');
        const parsed = parsePieces(cut(bytes, cuts));
        expect(parsed).toEqual({ requests, problem: undefined, left: 0 });
      }),
      { seed: 1 },
    );
  });

  test('are the same cut at every single byte as in one piece, right or wrong', () => {
    fc.assert(
      fc.property(hostileBytes, (bytes) => {
        const whole = parsePieces([bytes]);
        const single = parsePieces([...bytes].map((byte) => Buffer.from([byte])));
        expect(single).toEqual(whole);
        for (let at = 1; at < bytes.length; at += 1 + (at >> 4)) {
          expect(parsePieces([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
        }
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  test('that are empty are passed over', () => {
    const parsed = parse(`*0\r\n*-1\r\n*-5\r\n\r\n\n \t\r\n${encode('a')}`);
    expect(parsed).toEqual({ requests: [['a']], problem: undefined, left: 0 });
  });

  test('of many arguments grow the list of positions', () => {
    const many = Array.from({ length: 5000 }, (_, index) => String(index));
    expect(parse(encode(...many)).requests).toEqual([many]);
  });

  test('may end their lines with any byte after the carriage return, as in Redis', () => {
    expect(parse('*1\rX$4\r?PINGxx*1\r\n$1\r\na\r\n').requests).toEqual([['PING'], ['a']]);
  });
});

describe('Malformed requests', () => {
  test.each([
    ['*abc\r\n', 'invalid multibulk length'],
    ['*\r\n', 'invalid multibulk length'],
    ['*+1\r\n', 'invalid multibulk length'],
    ['*01\r\n', 'invalid multibulk length'],
    ['*-0\r\n', 'invalid multibulk length'],
    ['*- 1\r\n', 'invalid multibulk length'],
    ['*2147483648\r\n', 'invalid multibulk length'],
    ['*9223372036854775808\r\n', 'invalid multibulk length'],
    ['*-9223372036854775809\r\n', 'invalid multibulk length'],
    ['*1\r\n$-1\r\n', 'invalid bulk length'],
    ['*1\r\n$abc\r\n', 'invalid bulk length'],
    ['*1\r\n$\r\n', 'invalid bulk length'],
    ['*1\r\n$04\r\n', 'invalid bulk length'],
    ['*1\r\n$536870913\r\n', 'invalid bulk length'],
    ['*1\r\n$99999999999999999999999\r\n', 'invalid bulk length'],
    ['*1\r\nabc\r\n', "expected '$', got 'a'"],
    ['*1\r\n\x80bc\r\n', "expected '$', got '\x80'"],
    ['*1\r\n\0bc\r\n', "expected '$', got '"],
    ['GET "abc\r\n', 'unbalanced quotes in request'],
    ["GET 'abc\r\n", 'unbalanced quotes in request'],
    ['GET "a"b\r\n', 'unbalanced quotes in request'],
    ["GET 'a\\\\'\r\n", 'unbalanced quotes in request'],
    ['GET "a\\\r\n', 'unbalanced quotes in request'],
    ['x'.repeat(lineBytesMax), 'too big inline request'],
    [`${'x'.repeat(lineBytesMax)}\r\n`, 'too big inline request'],
    [`*${'1'.repeat(lineBytesMax)}`, 'too big mbulk count string'],
    [`*1\r\n$${'1'.repeat(lineBytesMax)}`, 'too big bulk count string'],
    [`*1\r\n${'x'.repeat(lineBytesMax)}`, 'too big bulk count string'],
  ])('are refused in Redis’s words: %j', (text, problem) => {
    expect(parse(`${encode('a')}${text}`)).toMatchObject({
      requests: [['a']],
      problem: `Protocol error: ${problem}`,
    });
  });

  test('are refused only once their line is complete, as in Redis', () => {
    for (const text of ['*abc', '*1\n$4\nPING\n', '*1\r\nabc', '*1\r\n$x', '*1\r', '*1\r\n$1\r']) {
      expect(parse(text)).toMatchObject({ requests: [], problem: undefined });
    }
  });

  test('are refused above the limit for a bulk string, not at it', () => {
    const limit = { bulkBytesMax: 10 };
    expect(parse(encode('0123456789'), limit).requests).toEqual([['0123456789']]);
    expect(parse('*1\r\n$11\r\n', limit).problem).toBe('Protocol error: invalid bulk length');
  });

  test('of strangers are refused above limits of their own', () => {
    const stranger = { isStranger: true };
    const ten = Array.from({ length: 10 }, () => 'a');
    expect(parse(encode(...ten), stranger).requests).toEqual([ten]);
    expect(parse('*11\r\n', stranger).problem).toBe(
      'Protocol error: unauthenticated multibulk length',
    );
    expect(parse('*1\r\n$16384\r\n', stranger).problem).toBeUndefined();
    expect(parse('*1\r\n$16385\r\n', stranger).problem).toBe(
      'Protocol error: unauthenticated bulk length',
    );
  });

  test('reserve nothing for what they only announce', () => {
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 1000; i++) parse('*2147483647\r\n$536870912\r\nx');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  });
});

describe('Inline requests', () => {
  test.each([
    ['PING\r\n', [['PING']]],
    ['  SET \t a  b \n', [['SET', 'a', 'b']]],
    ['PING \x0b\x0c x\r\n', [['PING', 'x']]],
    ['a\x0bb \x0c c\r\n', [['a\x0bb', 'c']]],
    ['PING\rfoo\r\n', [['PING', 'foo']]],
    ['a"b c"\r\n', [['ab c']]],
    ['"" \'\'\r\n', [['', '']]],
    ['"\\x41\\n\\r\\t\\b\\a\\\\\\"\\q"\r\n', [['A\n\r\t\b\x07\\"q']]],
    ['"\\xZZ\\x4"\r\n', [['xZZx4']]],
    ["'a\\'b\\n'\r\n", [["a'b\\n"]]],
    ['a\0b\r\n', [['a\0b']]],
    ['\xff\xfe\r\n', [['\xff\xfe']]],
    ['a\r\nb\r\n*1\r\n$1\r\nc\r\nd\r\n', [['a'], ['b'], ['c'], ['d']]],
  ])('are split into words as Redis does: %j', (text, requests) => {
    expect(parse(text)).toEqual({ requests, problem: undefined, left: 0 });
  });

  test('are as long as a line may be', () => {
    const longest = 'x'.repeat(lineBytesMax - 1);
    expect(parse(`${longest}\n`).requests).toEqual([[longest]]);
  });
});

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((each) => each % (bytes.length + 1)))].sort((a, b) => a - b);
  const ends = [...places, bytes.length];
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}
