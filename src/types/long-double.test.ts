import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleFloatTexts } from '../../test/float-texts.ts';
import type { Argument } from '../../test/kit/resp-client.ts';
import { redisAvailable, startRedis } from '../../test/kit/servers.ts';
import {
  addLongDouble,
  formatLongDouble,
  isFiniteLongDouble,
  longDoubleFromNumber,
  parseLongDouble,
} from './long-double.ts';

/** INCRBYFLOAT on a key that holds `value`: its reply, or the text of its error. */
function incrByFloat(value: string, increment: string): string {
  const a = parseLongDouble(value);
  const b = parseLongDouble(increment);
  if (a === undefined || b === undefined) return 'ERR value is not a valid float';
  const sum = addLongDouble(a, b);
  if (sum === undefined) return 'ERR increment would produce NaN or Infinity';
  return formatLongDouble(sum);
}

describe('a long double', () => {
  it.each([
    ['0.1', '0.2', '0.3'],
    ['10.50', '0.1', '10.6'],
    ['5.0e3', '2.0e2', '5200'],
    ['3', '-3', '0'],
    ['-0', '-0', '0'],
    ['0', '-1e-18', '0'],
    ['0', '6e-18', '0.00000000000000001'],
    ['0', '0x1p-18', '0.00000381469726562'],
    ['0', '0x3p-18', '0.00001144409179688'],
    ['18446744073709551615', '0', '18446744073709551615'],
    ['18446744073709551615', '2', '18446744073709551616'],
    ['1e5000', '1', 'ERR value is not a valid float'],
    ['1e-5000', '1', 'ERR value is not a valid float'],
    ['inf', '-inf', 'ERR increment would produce NaN or Infinity'],
    ['1.1e4932', '1.1e4932', 'ERR increment would produce NaN or Infinity'],
  ])('%s plus %s is %s', (value, increment, expected) => {
    expect(incrByFloat(value, increment)).toBe(expected);
  });

  it('made from a double is that double exactly', () => {
    const magnitude = fc.double({ min: -1e20, max: 1e20, noNaN: true });
    fc.assert(
      fc.property(fc.oneof(magnitude, fc.double({ min: -180, max: 180, noNaN: true })), (value) => {
        fc.pre(!/\.\d{17}50*$/.test(value.toFixed(60))); // a tie, which toFixed does not round to even
        const trimmed = value.toFixed(17).replace(/\.?0+$/, '');
        const expected = trimmed === '-0' || trimmed === '' ? '0' : trimmed;
        expect(formatLongDouble(longDoubleFromNumber(value))).toBe(expected);
      }),
      { numRuns: 2000 },
    );
    expect(formatLongDouble(longDoubleFromNumber(5e-324))).toBe('0');
    expect(formatLongDouble(longDoubleFromNumber(2 ** 70))).toBe('1180591620717411303424');
  });

  it('knows and prints infinities', () => {
    const infinity = parseLongDouble('-inf');
    expect(infinity && isFiniteLongDouble(infinity)).toBe(false);
    expect(infinity && formatLongDouble(infinity)).toBe('-inf');
  });
});

describe.skipIf(!redisAvailable())('beside redis-server, a long double', () => {
  it('is read, added and written as INCRBYFLOAT does', async () => {
    await using server = await startRedis();
    const client = await server.connect();
    const increments = sampleFloatTexts(21, 6000);
    // Values are 0 for the awkward increments, then other texts, then sums that came out before.
    const values = sampleFloatTexts(22, 6000).reverse().fill('0', 0, 120);
    const commands = increments.flatMap((increment, index): Argument[][] => [
      ['SET', 'a', Buffer.from(values[index] ?? '0', 'latin1')],
      ['INCRBYFLOAT', 'a', Buffer.from(increment, 'latin1')],
      ['INCRBYFLOAT', 'a', Buffer.from(values[index + 1] ?? '0', 'latin1')],
    ]);
    const replies = await client.pipeline(commands);
    const reply = (index: number) => {
      const given = replies[index];
      if (given?.type === 'bulk') return given.bytes.toString();
      return given?.type === 'error' ? given.text : undefined;
    };
    let accepted = 0;
    for (const [index, increment] of increments.entries()) {
      const value = values[index] ?? '0';
      const first = incrByFloat(value, increment);
      const label = JSON.stringify([value, increment]);
      expect(first, label).toBe(reply(index * 3 + 1));
      const refused = first.startsWith('ERR');
      if (!refused) accepted++;
      const second = incrByFloat(refused ? value : first, values[index + 1] ?? '0');
      expect(second, `${label}, then ${values[index + 1]}`).toBe(reply(index * 3 + 2));
    }
    expect(accepted).toBeGreaterThan(1500);
    expect(accepted).toBeLessThan(increments.length - 1000);
  });
});
