/** Timeouts as blocking commands read them. */
import { expect, test } from 'vitest';
import { Slice } from '#memory/slice.ts';
import { parseTimeout, parseTimeoutMs } from './blocking.ts';
import { errors } from './errors.ts';

function slice(text: string): Slice {
  return new Slice(Buffer.from(text));
}

test.each([
  ['0', 0],
  ['1.5', 1500],
  ['0.0001', 1],
  ['-1', errors.timeoutNegative],
  ['abc', errors.timeoutNotFloat],
  ['', errors.timeoutNotFloat],
  ['inf', errors.timeoutOutOfRange],
  ['1e16', errors.timeoutOutOfRange],
])('%s seconds', (text, expected) => {
  expect(parseTimeout(slice(text))).toEqual(expected);
});

test.each([
  ['0', 0],
  ['1500', 1500],
  ['-1', errors.timeoutNegative],
  ['1.5', errors.timeoutNotInteger],
])('%s milliseconds', (text, expected) => {
  expect(parseTimeoutMs(slice(text))).toEqual(expected);
});
