// Glob patterns, as KEYS, SCAN MATCH, PSUBSCRIBE, CONFIG GET and ACL rules use them, byte for byte what
// Redis's `stringmatchlen` (7.0 to 8.x) decides, oddities included:
//   *       any run of bytes, but a text that is empty from the start matches only the empty pattern
//   ?       any one byte
//   [a-z]   one byte of a class; [^a] one byte outside it; a class left open ends with the pattern
//   \x      x itself; a lone \ at the very end is itself
// Redis recurses at every star. A match fails for good once what follows the *last* star fits nowhere, so
// only that star's position has to be remembered: no recursion, no allocation, at worst
// O(pattern × text), never exponential.

import { byteAt } from '#memory/bytes.ts';

/** How many stars (runs of stars count once) may come before the last one; a match that needs more fails. */
export const globStarsMax = 1000;

const asterisk = 0x2a;
const hyphen = 0x2d;
const question = 0x3f;
const bracketOpen = 0x5b;
const backslash = 0x5c;
const bracketClose = 0x5d;
const caret = 0x5e;

/**
 * Whether all of `text[textAt, +textLength)` matches `pattern[patternAt, +patternLength)`.
 * `ignoreCase` folds ASCII letters only, and not those escaped inside a class, as in Redis.
 * Allocates nothing, never fails.
 */
export function globMatch(
  pattern: Uint8Array,
  patternAt: number,
  patternLength: number,
  text: Uint8Array,
  textAt: number,
  textLength: number,
  ignoreCase: boolean,
): boolean {
  const patternEnd = patternAt + patternLength;
  const textEnd = textAt + textLength;
  if (textLength === 0) return patternLength === 0;
  let p = patternAt;
  let t = textAt;
  let afterStarAt = -1; // the pattern just past the last star, -1 before the first one
  let starTextAt = 0; // where in the text that star's remainder was last tried
  let stars = 0;
  for (;;) {
    let matched = false;
    if (p < patternEnd) {
      // A text that has run out lets stars pass and nothing else. Trying the last star further on
      // cannot help then: each other item takes exactly one byte, and still less text would be left.
      if (t === textEnd) return skipStars(pattern, p, patternEnd) === patternEnd;
      const item = byteAt(pattern, p);
      if (item === asterisk) {
        p = skipStars(pattern, p, patternEnd);
        if (p === patternEnd) return true;
        if (++stars > globStarsMax) return false;
        afterStarAt = p;
        starTextAt = t;
        continue;
      }
      const byte = byteAt(text, t);
      if (item === question) {
        matched = true;
        p++;
      } else if (item === bracketOpen) {
        const outcome = matchClass(pattern, p + 1, patternEnd, byte, ignoreCase);
        matched = outcome >= 0;
        p = matched ? outcome : ~outcome;
      } else {
        let literal = item;
        if (item === backslash && p + 1 < patternEnd) literal = byteAt(pattern, ++p);
        p++;
        matched = literal === byte || (ignoreCase && lowerCase(literal) === lowerCase(byte));
      }
    } else if (t === textEnd) {
      return true;
    }
    if (matched) {
      t++;
    } else {
      if (afterStarAt < 0) return false;
      p = afterStarAt;
      t = ++starTextAt;
      if (t === textEnd) return false;
    }
  }
}

/** The first position from `p` on that is not a star, or `patternEnd`. */
function skipStars(pattern: Uint8Array, p: number, patternEnd: number): number {
  while (p < patternEnd && byteAt(pattern, p) === asterisk) p++;
  return p;
}

/**
 * Matches `byte` with the class whose text begins at `p`, just past its `[`. Returns the position past
 * the class when it matches and that position's complement (`~`, so negative) when not.
 */
function matchClass(
  pattern: Uint8Array,
  p: number,
  patternEnd: number,
  byte: number,
  ignoreCase: boolean,
): number {
  const negated = p < patternEnd && byteAt(pattern, p) === caret;
  if (negated) p++;
  let found = false;
  while (p < patternEnd) {
    const item = byteAt(pattern, p);
    if (item === backslash && p + 1 < patternEnd) {
      if (byteAt(pattern, p + 1) === byte) found = true;
      p += 2;
    } else if (item === bracketClose) {
      break;
    } else if (p + 2 < patternEnd && byteAt(pattern, p + 1) === hyphen) {
      if (inRange(item, byteAt(pattern, p + 2), byte, ignoreCase)) found = true;
      p += 3;
    } else {
      if (item === byte || (ignoreCase && lowerCase(item) === lowerCase(byte))) found = true;
      p++;
    }
  }
  if (p < patternEnd) p++; // past the `]`
  return found === negated ? ~p : p;
}

/**
 * Whether `byte` lies between the two ends of a range, given in either order. Bytes compare as signed
 * (0x80 to 0xff lie below 0x00), as Redis's do on x86. The ends are put in order before their case is
 * folded, so ignoring case `[Z-a]` is the empty range z to a: Redis's oddity, kept.
 */
function inRange(from: number, to: number, byte: number, ignoreCase: boolean): boolean {
  let low = (from << 24) >> 24;
  let high = (to << 24) >> 24;
  let signed = (byte << 24) >> 24;
  if (low > high) {
    const swapped = low;
    low = high;
    high = swapped;
  }
  if (ignoreCase) {
    low = lowerCase(low);
    high = lowerCase(high);
    signed = lowerCase(signed);
  }
  return signed >= low && signed <= high;
}

/** An ASCII capital as its small letter, any other number unchanged. */
function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
