/**
 * The words and numbers that arguments are read as, what is wrong with those that are none, and the checks that a
 * grammar adds. As in the parser, nothing is allocated for a number that is safe.
 */
import { parseDouble } from '#types/double.ts';
import { parseInt64, parseInteger } from '#types/int64.ts';
import type { Context } from './context.ts';
import { type ErrorReply, errors } from './errors.ts';
import type { Int64Argument, Value, WordArgument } from './grammar.ts';
import type { Request } from './request.ts';

/** Undefined where the text is not such a number. */
export function convertNumber(
  value: Value,
  request: Request,
  index: number,
): number | bigint | undefined {
  const { bytes } = request;
  const at = request.at(index);
  const length = request.length(index);
  if (value.kind === 'cursor') return parseCursor(bytes, at, length);
  if (value.kind === 'double') {
    const double = parseDouble(bytes, at, length);
    return Number.isNaN(double) ? undefined : double;
  }
  const safe = parseInteger(bytes, at, length);
  if (!Number.isNaN(safe)) return safe;
  const exact = parseInt64(bytes, at, length);
  return exact === undefined || value.kind === 'int64' ? exact : Number(exact);
}

/** The word that was given, in upper case, if it is one of those allowed. */
export function findWord({ words }: WordArgument, given: string): string | undefined {
  const upper = given.toUpperCase();
  return words.find((word) => word === upper);
}

/** What a malformed argument is answered with. */
export function errorOf(value: Value): ErrorReply {
  if (value.kind === 'word') return errors.syntax;
  if (value.kind === 'cursor') return errors.invalidCursor;
  if (value.kind === 'integer' || value.kind === 'int64') return value.error ?? errors.notInteger;
  if (value.kind === 'double') return value.error ?? errors.notValidFloat;
  throw new Error(`a ${value.kind} argument is never malformed`);
}

/** Longer texts are no cursor, lest zeros in front cost time. */
const cursorLengthMax = 64;
const cursorPattern = /^[+-]?[0-9]+$/;
/** One more than the greatest uint64. */
const cursorEnd = 2n ** 64n;

/** As C's strtoul reads it, in Redis's hands: a sign wraps around, nothing at all is 0. */
function parseCursor(bytes: Buffer, at: number, length: number): number | undefined {
  const safe = parseInteger(bytes, at, length);
  if (safe >= 0 || length === 0) return length === 0 ? 0 : safe;
  if (length > cursorLengthMax) return undefined;
  const text = bytes.toString('latin1', at, at + length);
  if (!cursorPattern.test(text)) return undefined;
  const magnitude = BigInt(text.replace(/^[+-]/, ''));
  if (magnitude >= cursorEnd) return undefined;
  return Number(text.startsWith('-') ? BigInt.asUintN(64, -magnitude) : magnitude);
}

/** What the grammar has against a well-formed argument. */
export function problemWith(
  value: Value,
  converted: number | bigint | string,
  context: Context,
): ErrorReply | undefined {
  if (value.kind === 'int64') return exactProblemWith(value, converted);
  if (value.kind !== 'integer' && value.kind !== 'double') return undefined;
  if (value.check === undefined) return undefined;
  return value.check(Number(converted), context);
}

function exactProblemWith(
  { check }: Int64Argument,
  converted: number | bigint | string,
): ErrorReply | undefined {
  return typeof converted === 'string' ? undefined : check?.(converted);
}
