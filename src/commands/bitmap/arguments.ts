/** The arguments that bitmap commands take apart by hand, since Redis looks at them one by one and in its own order. */
import { byteAt } from '#memory/bytes.ts';
import type { Slice } from '#memory/slice.ts';
import { parseInt64, parseInteger } from '#types/int64.ts';
import type { Context } from '../context.ts';

/**
 * The bit offset that an argument says, or -1 if none or one past the longest string (proto-max-bulk-len). In a
 * field of `bits`, `#n` is n times as many bits; elsewhere `bits` is 0 and `#` is no number.
 *
 * Redis multiplies `#n` modulo 2^64, so that some absurd n come out in range; here they are out of range.
 */
export function parseBitOffset({ services }: Context, argument: Slice, bits: number): number {
  const { bytes, at, length } = argument;
  const counts = bits > 0 && length > 0 && byteAt(bytes, at) === hash;
  const number = counts
    ? parseInteger(bytes, at + 1, length - 1) * bits
    : parseInteger(bytes, at, length);
  const limit = services.config.get('proto-max-bulk-len') * 8;
  // NaN, for what is no integer or too big a one, is not in range either.
  return number >= 0 && number < limit ? number : -1;
}

const hash = 0x23;

/** An int64 as a number, or as a bigint where that would round it; undefined if the argument is none. */
export function parseExact({ bytes, at, length }: Slice): number | bigint | undefined {
  const safe = parseInteger(bytes, at, length);
  return Number.isNaN(safe) ? parseInt64(bytes, at, length) : safe;
}

/** Whether an argument is `word`, which is in lower case, in any case. */
export function isWord({ bytes, at, length }: Slice, word: Buffer): boolean {
  if (word.length !== length) return false;
  for (let i = 0; i < length; i++) {
    const byte = byteAt(bytes, at + i);
    const folded = byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte;
    if (folded !== byteAt(word, i)) return false;
  }
  return true;
}
