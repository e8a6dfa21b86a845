/** Bytes that a parser of requests must survive: arbitraries for fast-check. */
import fc from 'fast-check';
import { encode } from './requests.ts';

const anyBytes = fc
  .uint8Array({ maxLength: 40 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'));

/** The words of a request: any bytes. */
export const anyWords = fc.array(anyBytes, { minLength: 1, maxLength: 5 });

const tokens = fc.constantFrom(
  ...['*', '$', '\r', '\n', '\r\n', '-', '+', '0', '1', '2', '3', '16', '2147483648'],
  ...['PING', ' ', '"', "'", '\\', '\\x4', '\0', '\xff', '*1\r\n$4\r\nPING\r\n', '$1\r\na\r\n'],
);

/** Bytes in which each of several kinds of trouble is likely. */
export const hostileBytes = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc.array(tokens, { maxLength: 14 }).map((parts) => Buffer.from(parts.join(''), 'latin1')),
  fc
    .tuple(fc.array(anyWords, { minLength: 1, maxLength: 3 }), fc.nat(), fc.nat(255), fc.nat(2))
    .map(([requests, at, byte, how]) => damage(requests, at, byte, how)),
);

/** Overwrites, inserts or removes a byte of valid requests. */
function damage(requests: readonly string[][], at: number, byte: number, how: number): Buffer {
  const bytes = Buffer.from(requests.map((each) => encode(...each)).join(''), 'latin1');
  const place = at % bytes.length;
  const after = bytes.subarray(how === 1 ? place : place + 1);
  const between = how === 2 ? [] : [byte];
  return Buffer.concat([bytes.subarray(0, place), Buffer.from(between), after]);
}
