/**
 * Whether a request's own bytes are what the effect feed hands on: its words as RESP, one after another, with nothing
 * that a reader of the log might take otherwise. What a client sends mostly is, but need not be: the parser is as lenient as
 * Redis's, and requests of other doors have words without lengths between them. It is asked for every write there is, so heads of
 * one and two digits are compared as words: a third of what encoding the request costs, and no copy.
 */
import type { Request } from '#commands/request.ts';
import { byteAt, viewOf } from '#memory/bytes.ts';

/** Bytes of a line's end. */
export const lineEndBytes = 2;

const asterisk = 0x2a;
const dollar = 0x24;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const digitZero = 0x30;
/** A line's end as a little-endian half of a word, and as the second half of one. */
const lineEnd = 0x0a0d;
const lineEndAbove = 0x0a0d0000;

/** Where in its buffer the encoded request begins, up to the line end after its last word; -1 if it is not encoded. O(words). */
export function encodedAt(request: Request): number {
  const { bytes, count } = request;
  if (count === 0) return -1;
  const view = viewOf(bytes);
  let next = request.at(count - 1) + request.length(count - 1);
  if (next + lineEndBytes > bytes.length) return -1;
  for (let i = count - 1; i >= 0; i--) {
    const at = request.at(i);
    const length = request.length(i);
    if (at + length !== next || view.getUint16(next, true) !== lineEnd) return -1;
    const head = headAt(bytes, view, at, dollar, length);
    if (head < lineEndBytes) return -1;
    next = head - lineEndBytes;
  }
  return headAt(bytes, view, next + lineEndBytes, asterisk, count);
}

/** Where a line begins that ends before `at`, of a type and a number; -1 if there is no such line. */
function headAt(bytes: Buffer, view: DataView, at: number, type: number, number: number): number {
  if (at < 5 || number >= 100) return longHeadAt(bytes, at, type, number);
  const last = view.getInt32(at - 4, true);
  if (number < 10) {
    return last === (type | ((digitZero + number) << 8) | lineEndAbove) ? at - 4 : -1;
  }
  const tens = (number / 10) | 0;
  const digits = (digitZero + tens) | ((digitZero + number - tens * 10) << 8);
  return last === (digits | lineEndAbove) && byteAt(bytes, at - 5) === type ? at - 5 : -1;
}

function longHeadAt(bytes: Buffer, at: number, type: number, number: number): number {
  let next = at - lineEndBytes;
  if (next < 2 || byteAt(bytes, next) !== carriageReturn || byteAt(bytes, next + 1) !== lineFeed) {
    return -1;
  }
  for (let left = number; left > 0 || next === at - lineEndBytes; left = (left / 10) | 0) {
    if (--next < 1 || byteAt(bytes, next) !== digitZero + (left % 10)) return -1;
  }
  return byteAt(bytes, next - 1) === type ? next - 1 : -1;
}
