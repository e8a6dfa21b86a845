/**
 * Inline commands: a line of words, which may be quoted as in a shell (Redis's sdssplitargs). A NUL is a byte like
 * any other; Redis takes it for the end of its input and waits for ever.
 */

import type { Request } from '#commands/request.ts';
import { byteAt } from '#memory/bytes.ts';

const space = 0x20;
const doubleQuote = 0x22;
const singleQuote = 0x27;
const backslash = 0x5c;
const escapes = new Map([
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
  [0x62, 0x08],
  [0x61, 0x07],
]);

/**
 * Splits bytes `[at, end)` into the request's arguments, unescaped into a buffer of their own. Returns false where
 * quotes are unbalanced, or closed in the middle of a word.
 */
export function splitInline(bytes: Buffer, at: number, end: number, request: Request): boolean {
  // Unescaping only ever shortens.
  const words = Buffer.allocUnsafe(end - at);
  request.reset(words);
  let length = 0;
  let next = at;
  for (;;) {
    while (next < end && isBlank(byteAt(bytes, next))) next++;
    if (next >= end) return true;
    const wordAt = length;
    let quote = 0;
    for (; next < end || quote !== 0; next++) {
      if (next >= end) return false;
      const byte = byteAt(bytes, next);
      if (quote === 0) {
        if (endsWord(byte)) break;
        if (byte === doubleQuote || byte === singleQuote) quote = byte;
        else words[length++] = byte;
        continue;
      }
      if (byte === quote) {
        if (next + 1 < end && !isBlank(byteAt(bytes, next + 1))) return false;
        quote = 0;
        continue;
      }
      if (byte !== backslash || next + 1 >= end) {
        words[length++] = byte;
        continue;
      }
      const escaped = byteAt(bytes, next + 1);
      if (quote === singleQuote) {
        if (escaped === singleQuote) next++;
        words[length++] = escaped === singleQuote ? singleQuote : backslash;
        continue;
      }
      const hex = hexByte(bytes, next + 1, end);
      next += hex < 0 ? 1 : 3;
      words[length++] = hex < 0 ? (escapes.get(escaped) ?? escaped) : hex;
    }
    request.push(wordAt, length - wordAt);
  }
}

/** The byte that `xHH` at `at` stands for, or -1. */
function hexByte(bytes: Buffer, at: number, end: number): number {
  if (byteAt(bytes, at) !== 0x78 || at + 3 > end) return -1;
  const text = bytes.toString('latin1', at + 1, at + 3);
  return /^[0-9a-fA-F]{2}$/.test(text) ? Number.parseInt(text, 16) : -1;
}

/** Of the blanks, vertical tab and form feed stand between words only where another blank is. */
function endsWord(byte: number): boolean {
  return byte === space || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isBlank(byte: number): boolean {
  return byte === space || (byte >= 0x09 && byte <= 0x0d);
}
