import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addInt64,
  formatInt64,
  formatInteger,
  integerLength,
  isInt64,
  parseInt64,
  parseInteger,
} from './int64.ts';

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;
const anyInt64 = fc.oneof(
  fc.bigInt({ min: int64Min, max: int64Max }),
  // As many of each length, and the neighbours of every power of ten and of the limits.
  fc
    .tuple(fc.integer({ min: 0, max: 63 }), fc.bigInt({ min: int64Min, max: int64Max }))
    .map(([shift, value]) => value >> BigInt(shift)),
  fc
    .tuple(
      fc.integer({ min: 0, max: 18 }),
      fc.integer({ min: -2, max: 2 }),
      fc.constantFrom(1n, -1n),
    )
    .map(([power, step, sign]) => sign * (10n ** BigInt(power) + BigInt(step))),
  fc.integer({ min: 0, max: 4 }).map((step) => int64Max - BigInt(step)),
  fc.integer({ min: 0, max: 4 }).map((step) => int64Min + BigInt(step)),
  fc.integer({ min: -4, max: 4 }).map((step) => 2n ** 53n + BigInt(step)),
);
const anySafeInteger = fc.oneof(
  anyInt64.filter((value) => Number.isSafeInteger(Number(value))).map(Number),
  // Where splitting at 10^9 could round wrongly: just below its multiples, as high as they get.
  fc
    .tuple(fc.integer({ min: 0, max: 9_007_199 }), fc.integer({ min: -2, max: 2 }))
    .map(([high, step]) => high * 1e9 + step),
);

/** What the rules of string2ll make of a text, written as plainly as can be. */
function oracle(text: string): bigint | undefined {
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) return undefined;
  const value = BigInt(text);
  return value >= int64Min && value <= int64Max ? value : undefined;
}

/** Holds `text` to the oracle in all three readers, with digits around it that must not be read. */
function expectReadLikeOracle(text: string): void {
  const bytes = Buffer.from(`9${text}9`, 'latin1');
  const length = bytes.length - 2;
  const expected = oracle(text);
  expect(parseInt64(bytes, 1, length), text).toBe(expected);
  expect(isInt64(bytes, 1, length), text).toBe(expected !== undefined);
  const small = expected === undefined ? Number.NaN : Number(expected);
  const value = Number.isSafeInteger(small) ? small : Number.NaN;
  expect(Object.is(parseInteger(bytes, 1, length), value), text).toBe(true);
}

describe('an int64', () => {
  it.each([
    ...['', '-', '0', '-0', '00', '01', '-01', '+1', ' 1', '1 ', '1.0', '1e3', '--1', '1-', '0x1'],
    ...['9223372036854775807', '9223372036854775808', '-9223372036854775808'],
    ...['-9223372036854775809', '9007199254740991', '9007199254740992', '-9007199254740993'],
    ...['9223372037000000000', '99999999999999999999', '123456789a', '12345678901234567/9'],
    ...['18446744073709551617', '1'.repeat(400)],
  ])('%j is read by the strict rules', (text) => {
    expectReadLikeOracle(text);
  });

  it('is read by the strict rules, whatever the text', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 21 });
    const spoiled = fc.tuple(digits, fc.constantFrom(...'/:-+ .a\x00\xff'), digits);
    const anyText = fc.oneof(
      digits,
      digits.map((text) => `-${text}`),
      spoiled.map((parts) => parts.join('')),
    );
    fc.assert(fc.property(anyText, expectReadLikeOracle), { numRuns: 10_000 });
  });

  it('comes back the same when written and read', () => {
    fc.assert(
      fc.property(anyInt64, (value) => {
        const bytes = new Uint8Array(32).fill(0xee);
        const length = formatInt64(bytes, 3, value);
        expect(Buffer.from(bytes).toString('latin1', 3, 3 + length)).toBe(String(value));
        expect(parseInt64(bytes, 3, length)).toBe(value);
        expect(bytes[2]).toBe(0xee);
        expect(bytes[3 + length]).toBe(0xee);
      }),
      { numRuns: 10_000 },
    );
  });

  it('that is a safe integer is written as String writes it, in as many bytes as foretold', () => {
    fc.assert(
      fc.property(anySafeInteger, (value) => {
        const bytes = new Uint8Array(32).fill(0xee);
        const length = formatInteger(bytes, 1, value);
        expect(Buffer.from(bytes).toString('latin1', 1, 1 + length)).toBe(String(value));
        expect(integerLength(value)).toBe(length);
        expect(bytes[0]).toBe(0xee);
        expect(bytes[1 + length]).toBe(0xee);
      }),
      { numRuns: 20_000 },
    );
  });

  it('is written as 0 for negative zero', () => {
    const bytes = new Uint8Array(4);
    expect(formatInteger(bytes, 0, -0)).toBe(1);
    expect(bytes[0]).toBe(0x30);
    expect(integerLength(-0)).toBe(1);
  });

  it('adds exactly, as a number when that is safe, and says when it overflows', () => {
    const operand = anyInt64.map((value) => {
      const small = Number(value);
      return Number.isSafeInteger(small) ? small : value;
    });
    fc.assert(
      fc.property(operand, operand, (a, b) => {
        const exact = BigInt(a) + BigInt(b);
        const small = Number(exact);
        const fits = exact >= int64Min && exact <= int64Max;
        expect(addInt64(a, b)).toBe(
          fits ? (Number.isSafeInteger(small) ? small + 0 : exact) : undefined,
        );
      }),
      { numRuns: 10_000 },
    );
    expect(addInt64(int64Max, 1)).toBe(undefined);
    expect(addInt64(int64Min, -1)).toBe(undefined);
    expect(addInt64(int64Min, int64Max)).toBe(-1);
    expect(addInt64(Number.MAX_SAFE_INTEGER, 1)).toBe(2n ** 53n);
  });
});
