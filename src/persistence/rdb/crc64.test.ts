import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Crc64 } from './crc64.ts';

const wholePolynomial = 0x95ac9329ac4bc9b5n;

/** Bit by bit, as the definition says. */
function slowly(bytes: Uint8Array): bigint {
  let crc = 0n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 1n) === 1n ? (crc >> 1n) ^ wholePolynomial : crc >> 1n;
    }
  }
  return crc;
}

function numberOf({ low, high }: Crc64): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

test('the check value is that of Redis', () => {
  const crc = new Crc64().update(Buffer.from('123456789'), 0, 9);
  expect(numberOf(crc).toString(16)).toBe('e9c6d914c4b8d9ca');
  const written = Buffer.from('00cad9b8c414d9c6e900', 'hex');
  expect(crc.equals(written, 1)).toBe(true);
  expect(crc.equals(written, 2)).toBe(false);
});

test('it is the same in any pieces, and the same as bit by bit', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (data, cut) => {
      const bytes = Buffer.concat([Buffer.from('..'), data]);
      const first = Math.min(cut, data.length);
      const crc = new Crc64().update(bytes, 2, first);
      crc.update(bytes, 2 + first, data.length - first);
      expect(numberOf(crc)).toBe(slowly(data));
      expect(numberOf(crc.reset())).toBe(0n);
    }),
  );
});
