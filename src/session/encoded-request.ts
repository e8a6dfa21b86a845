/**
 * Whether a request's own bytes are what the effect feed hands on: its words as RESP, one after another, with nothing
 * that a reader of the log might take otherwise. What a client sends mostly is, but need not be: the parser is as lenient as
 * Redis's, and requests of other doors have words without lengths between them.
 */
import type { Request } from '#commands/request.ts';
import { byteAt } from '#memory/bytes.ts';

/** Bytes of a line's end. */
export const lineEndBytes = 2;
/** The shortest head of a request, `*1`, and that of its first word, `$1`, with their line ends. */
const headsBytesMin = 8;

const asterisk = 0x2a;
const dollar = 0x24;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const digitZero = 0x30;

/** Where in its buffer the encoded request begins, up to the line end after its last word; -1 if it is not encoded. O(words). */
export function encodedAt(request: Request): number {
  const { bytes, count } = request;
  if (count === 0 || request.at(0) < headsBytesMin) return -1;
  for (let i = 0; i < count; i++) {
    const at = request.at(i);
    const length = request.length(i);
    const end = at + length;
    if (end + lineEndBytes > bytes.length || !isLineEnd(bytes, end)) return -1;
    const head = headAt(bytes, at, dollar, length);
    if (head < 0) return -1;
    if (i > 0 && head !== request.at(i - 1) + request.length(i - 1) + lineEndBytes) return -1;
  }
  return headAt(bytes, headAt(bytes, request.at(0), dollar, request.length(0)), asterisk, count);
}

/** Where a line begins that ends before `at`, of a type and a number; -1 if there is no such line. */
function headAt(bytes: Buffer, at: number, type: number, number: number): number {
  let next = at - lineEndBytes;
  if (next < 2 || !isLineEnd(bytes, next)) return -1;
  let left = number;
  do {
    next--;
    if (next < 1 || byteAt(bytes, next) !== digitZero + (left % 10)) return -1;
    left = (left / 10) | 0;
  } while (left > 0);
  next--;
  return byteAt(bytes, next) === type ? next : -1;
}

function isLineEnd(bytes: Buffer, at: number): boolean {
  return byteAt(bytes, at) === carriageReturn && byteAt(bytes, at + 1) === lineFeed;
}
