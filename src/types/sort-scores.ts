/**
 * Sorting many scores. Few are compared; many are dealt out by 11 bits at a time, from the lowest of the 64 up, in six
 * rounds of which those that would change nothing are left out: integers take three. 100 000 random doubles take 8 ms
 * this way, and 60 by comparing.
 */

const signBit = 0x80000000 | 0;
/** Up to this many scores are compared. */
const comparedMax = 1000;
const digitBits = 11;
const digitSpan = 1 << digitBits;
const digitMask = digitSpan - 1;
const wordBits = 32;

const double = new Float64Array(1);
/** The same, low word first. */
const halves = new Int32Array(double.buffer);

/** The numbers 0 to `length` - 1 in the order of their scores, those of equal scores in their own order. -0 equals 0. */
export function sortByScore(scores: Float64Array, length: number): Uint32Array {
  const order = new Uint32Array(length);
  let isSorted = true;
  for (let index = 0; index < length; index++) {
    order[index] = index;
    isSorted &&= index === 0 || !(scoreIn(scores, index - 1) > scoreIn(scores, index));
  }
  if (isSorted) return order;
  if (length <= comparedMax) {
    return order.sort((a, b) => {
      const [one, other] = [scoreIn(scores, a), scoreIn(scores, b)];
      return one < other ? -1 : one > other ? 1 : 0;
    });
  }
  return dealOut(scores, order);
}

function scoreIn(scores: Float64Array, index: number): number {
  // In range: callers count scores.
  return scores[index] as number;
}

function dealOut(scores: Float64Array, order: Uint32Array): Uint32Array {
  const { length } = order;
  const low = new Int32Array(length);
  const high = new Int32Array(length);
  for (let index = 0; index < length; index++) {
    // As in score-tree.ts: bits whose unsigned order is that of the doubles.
    double[0] = scoreIn(scores, index) + 0;
    const upper = halves[1] as number;
    high[index] = upper < 0 ? ~upper : upper ^ signBit;
    low[index] = upper < 0 ? ~(halves[0] as number) : (halves[0] as number);
  }
  let from = order;
  let to: Uint32Array = new Uint32Array(length);
  const starts = new Int32Array(digitSpan);
  for (const word of [low, high]) {
    for (let shift = 0; shift < wordBits; shift += digitBits) {
      if (!countDigits(word, shift, starts)) continue;
      for (let index = 0; index < length; index++) {
        const number = from[index] as number;
        const digit = ((word[number] as number) >>> shift) & digitMask;
        to[(starts[digit] as number)++] = number;
      }
      [from, to] = [to, from];
    }
  }
  return from;
}

/** Lets `starts` be where each digit's numbers begin. Returns false where all have the same digit. */
function countDigits(word: Int32Array, shift: number, starts: Int32Array): boolean {
  starts.fill(0);
  for (let index = 0; index < word.length; index++) {
    const digit = ((word[index] as number) >>> shift) & digitMask;
    (starts[digit] as number)++;
  }
  let before = 0;
  for (let digit = 0; digit < digitSpan; digit++) {
    const count = starts[digit] as number;
    if (count === word.length) return false;
    starts[digit] = before;
    before += count;
  }
  return true;
}
