import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleFloatTexts } from '../../test/float-texts.ts';
import type { Argument } from '../../test/kit/resp-client.ts';
import { redisAvailable, startRedis } from '../../test/kit/servers.ts';
import { formatDouble, parseDouble } from './double.ts';

function parse(text: string): number {
  const bytes = Buffer.from(`1${text}1`, 'latin1');
  return parseDouble(bytes, 1, bytes.length - 2);
}

describe('a double', () => {
  it.each([
    ['1', 1],
    ['-0', -0],
    ['+.5', 0.5],
    ['0x1.8p3', 12],
    ['0x1p-1074', 5e-324],
    ['inf', Number.POSITIVE_INFINITY],
    ['-InFiNiTy', Number.NEGATIVE_INFINITY],
    ['0e-999', 0],
    ['2e-324', Number.NaN],
    ['1e309', Number.NaN],
    ['nan', Number.NaN],
    ['', Number.NaN],
    ['.', Number.NaN],
    ['-', Number.NaN],
    ['1 ', Number.NaN],
    [' 1', Number.NaN],
    ['0x', Number.NaN],
    ['1.2.3', Number.NaN],
  ])('%j is read as %d', (text, expected) => {
    expect(parse(text)).toBe(expected);
  });

  it('comes back the same when written and read, whatever it is', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        expect(parse(formatDouble(value))).toBe(value);
      }),
      { numRuns: 10_000 },
    );
  });

  it('is read as JavaScript reads it when it is a plain decimal', () => {
    const parts = fc.tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.nat({ max: 1e9 }));
    fc.assert(
      fc.property(parts, ([whole, after]) => {
        expect(parse(`${whole}.${after}`)).toBe(Number(`${whole}.${after}`));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    [0, '0'],
    [-0, '-0'],
    [3, '3'],
    [-1.5, '-1.5'],
    [0.1 + 0.2, '0.30000000000000004'],
    [1e20, '1e+20'],
    [-1e20, '-1e+20'],
    [1e18, '1000000000000000000'],
    [2 ** 62, '4611686018427387904'],
    [2 ** 62 + 1024, '4611686018427389000'],
    [2 ** 63, '9223372036854776000'],
    [2 ** 64 * 1e6, '1.8446744073709552e+25'],
    [1.5e22, '1.5e+22'],
    [1.2345678901234567e19, '12345678901234567000'],
    [1e-6, '0.000001'],
    [1e-7, '1e-7'],
    [0.0012345678, '0.0012345678'],
    [0.00012345678, '1.2345678e-4'],
    [1234.5678901, '1234.5678901'],
    [12345.6789012, '1.23456789012e+4'],
    [1e300, '1e+300'],
    [5e-324, '5e-324'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
    [Number.NaN, 'nan'],
  ])('%d is written as %s', (value, expected) => {
    expect(formatDouble(value)).toBe(expected);
  });
});

describe.skipIf(!redisAvailable())('beside redis-server, a double', () => {
  it('is accepted and read as ZADD does', async () => {
    await using server = await startRedis();
    const client = await server.connect();
    const texts = sampleFloatTexts(11, 6000);
    const commands = texts.flatMap((text): Argument[][] => [
      ['DEL', 'z'],
      ['ZADD', 'z', Buffer.from(text, 'latin1'), 'm'],
      ['ZSCORE', 'z', 'm'],
    ]);
    const replies = await client.pipeline(commands);
    let accepted = 0;
    texts.forEach((text, index) => {
      const added = replies[index * 3 + 1];
      const found = replies[index * 3 + 2];
      const score = found?.type === 'bulk' ? found.bytes.toString().replace('inf', 'Infinity') : '';
      if (added?.type === 'error') expect(added.text, text).toBe('ERR value is not a valid float');
      else accepted++;
      const ours = parse(text) + 0; // a small sorted set forgets the sign of zero
      const theirs = found?.type === 'bulk' ? Number(score) + 0 : Number.NaN;
      expect(ours, JSON.stringify(text)).toBe(theirs);
    });
    expect(accepted).toBeGreaterThan(2000);
    expect(accepted).toBeLessThan(texts.length - 1000);
  });
});
