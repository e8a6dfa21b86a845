/**
 * Conditions on a string's present value, as SET and DELEX have them since Redis 8.4: equal or not to a value, or
 * to the digest of one.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';
import { isEqual, isOtherType } from '#types/strings.ts';
import { digestHexLength, isDigest } from '#types/xxh3.ts';
import { type ErrorReply, errors } from '../errors.ts';
import { bytes } from '../grammar.ts';
import { hasher } from './hasher.ts';

/** The tokens, for a choice in which a command may have more. */
export const comparisonTokens = {
  IFEQ: [bytes('ifeq-value')],
  IFNE: [bytes('ifne-value')],
  IFDEQ: [bytes('ifdeq-digest')],
  IFDNE: [bytes('ifdne-digest')],
} as const;

export type Comparison = keyof typeof comparisonTokens;

/**
 * Whether the string at `cursor` is as `comparison` with `operand` demands, or why that cannot be said. A key that
 * does not exist equals nothing. O(length).
 */
export function satisfies(
  cursor: KeyCursor,
  comparison: Comparison,
  operand: Slice,
): boolean | ErrorReply {
  const wantsEqual = comparison === 'IFEQ' || comparison === 'IFDEQ';
  if (!cursor.exists) return !wantsEqual;
  if (isOtherType(cursor)) return errors.wrongType;
  if (comparison === 'IFEQ' || comparison === 'IFNE') {
    return isEqual(cursor, operand) === wantsEqual;
  }
  if (operand.length !== digestHexLength) return errors.malformedDigest;
  const xxh3 = hasher();
  if (xxh3 === undefined) return errors.loading;
  return isDigest(xxh3, cursor.bytes, cursor.valueAt, cursor.valueLength, operand) === wantsEqual;
}
