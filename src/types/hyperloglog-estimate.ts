/**
 * How many different elements a HyperLogLog has seen, from how many of its registers have each value.
 *
 * After Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (arXiv:1702.01284), as Redis does
 * since version 4: no tables of measured bias, no switch between formulas for few and for many. All steps are in doubles and
 * in the order of Redis's, so that the results are the same to the last digit.
 */
import { patternMax, registerCount } from './hyperloglog-hash.ts';

/** One counter for every value that 6 bits hold; a sane HyperLogLog has none beyond {@link patternMax}. */
export const histogramLength = 64;

/** 0.5 / ln 2 */
const alpha = 0.7213475204444817;

/** The estimate, a whole number; Infinity where the registers are such as no elements would leave. O(1). */
export function estimate(histogram: Int32Array): number {
  const m = registerCount;
  let z = m * tau((m - countOf(histogram, patternMax)) / m);
  for (let value = patternMax - 1; value >= 1; value--) {
    z += countOf(histogram, value);
    z *= 0.5;
  }
  z += m * sigma(countOf(histogram, 0) / m);
  return Math.round((alpha * m * m) / z);
}

function countOf(histogram: Int32Array, value: number): number {
  // In range: a value is below 64.
  return histogram[value] as number;
}

/** The sum of x^(2^k) 2^(k-1) over all k from 0, and x: what registers still at 0 contribute. */
function sigma(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY;
  let power = x;
  let factor = 1;
  let sum = x;
  let before: number;
  do {
    power *= power;
    before = sum;
    sum += power * factor;
    factor += factor;
  } while (before !== sum);
  return sum;
}

/** A third of 1 - x - the sum of (1 - x^(2^-k))² 2^-k over all k from 1: what registers at their maximum contribute. */
function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let root = x;
  let factor = 1;
  let sum = 1 - x;
  let before: number;
  do {
    root = Math.sqrt(root);
    before = sum;
    factor *= 0.5;
    sum -= (1 - root) * (1 - root) * factor;
  } while (before !== sum);
  return sum / 3;
}
