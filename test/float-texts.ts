// Seeded texts that are numbers, nearly numbers, and not at all: what float parsers are compared on.

import fc from 'fast-check';

const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 25 });
const hexDigits = fc.string({ unit: fc.constantFrom(...'0123456789abcdefF'), maxLength: 22 });
const sign = fc.constantFrom('', '', '-', '+');
const optionalPoint = fc.constantFrom('', '.', '.');
const exponent = (letter: string) =>
  fc.oneof(
    fc.constant(''),
    fc.integer({ min: -30, max: 30 }).map((power) => `${letter}${power}`),
    fc.integer({ min: -340, max: 320 }).map((power) => `${letter}${power}`),
    fc.integer({ min: -17_000, max: 17_000 }).map((power) => `${letter}${power}`),
    fc.constantFrom(letter, `${letter}+`, `${letter}+07`, `${letter}99999999999999999999`),
  );

const decimal = fc.tuple(sign, digits, optionalPoint, digits, exponent('e'));
const hex = fc.tuple(
  sign,
  fc.constantFrom('0x', '0X'),
  hexDigits,
  optionalPoint,
  hexDigits,
  exponent('p'),
);
const short = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value.toFixed(3));
const anyDouble = fc.double({ noNaN: true }).map(String);
const words = [
  ...[
    '',
    ' ',
    '-',
    '+',
    '.',
    'e5',
    '.e5',
    '0x',
    '0x.',
    '0x.p1',
    '1e',
    '1.',
    '.5',
    '-.5e-1',
    '00',
    '-0',
  ],
  ...[
    '007',
    '1 ',
    ' 1',
    '1\x00',
    '\t1',
    '1,5',
    '1_0',
    '++1',
    '1e5.5',
    '0b1',
    'one',
    'nan',
    '-nan',
    'nan(1)',
  ],
  ...[
    'inf',
    '+inf',
    '-inf',
    'Infinity',
    '-INFINITY',
    'infi',
    'infinit',
    'infinityx',
    '0x1p-1074',
    '0x1p-1075',
  ],
  ...[
    '0x1.8p-1075',
    '1e308',
    '1.7976931348623157e308',
    '1.7976931348623159e308',
    '4.9e-324',
    '2e-324',
    '0e999',
  ],
  ...[
    '3e-324',
    '2.2250738585072011e-308',
    '0e-99999',
    '1e4932',
    '1.2e4932',
    '1e-4950',
    '1e-4951',
    '2e-4951',
    '1.8e-4951',
    '1e-4952',
  ],
  ...[
    '9007199254740993',
    '9007199254740992.999',
    '18446744073709551615',
    '18446744073709551616.5',
    '0x1p-18',
    '0x3p-18',
  ],
  ...[
    '0x1.fffffffffffff8p0',
    '0x1.fffffffffffff7p0',
    '0x1.fffffffffffffffffp1023',
    '1'.repeat(400),
  ],
  ...['9'.repeat(5119), '9'.repeat(5120), `${'0'.repeat(5100)}1`, `0.${'0'.repeat(400)}1e401`],
];

/** The fixed awkward cases, and then `count` random texts, the same ones for the same `seed`. */
export function sampleFloatTexts(seed: number, count: number): string[] {
  const joined = fc.oneof(decimal, hex).map((parts) => parts.join(''));
  const text = fc.oneof({ arbitrary: joined, weight: 3 }, short, anyDouble);
  return [...words, ...fc.sample(text, { seed, numRuns: count })];
}
