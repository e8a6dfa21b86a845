/**
 * Counting within bounds, as INCREX does since Redis 8.8: an increment whose result would leave the bounds is
 * not applied, or with saturation only as far as the bound. Values are exact: bigints, and long doubles.
 *
 * Without bounds of its own a count has those of its type. A value already outside is treated like one that the
 * increment pushes there.
 */
import {
  addLongDouble,
  compareLongDouble,
  type LongDouble,
  longDoubleMax,
  negateLongDouble,
} from './long-double.ts';

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;
const longDoubleMin = negateLongDouble(longDoubleMax);

/** The least and the greatest a result may be. */
export interface Bounds<Value> {
  readonly lower: Value;
  readonly upper: Value;
}

export const int64Bounds: Bounds<bigint> = { lower: int64Min, upper: int64Max };
export const longDoubleBounds: Bounds<LongDouble> = { lower: longDoubleMin, upper: longDoubleMax };

/** What became of an increment: the value after it, and how much more that is than before. */
export interface Bounded<Value> {
  readonly value: Value;
  readonly applied: Value;
}

/** `rejected`: the result lies outside; `overflow`: what was applied is beyond the type. */
export type BoundedProblem = 'rejected' | 'overflow';

/** The int64 sum of `before` and `by` within the bounds, which lie within int64 themselves. */
export function addBounded(
  before: bigint,
  by: bigint,
  { lower, upper }: Bounds<bigint>,
  saturates: boolean,
): Bounded<bigint> | BoundedProblem {
  const sum = before + by;
  const isLow = sum < lower;
  const isHigh = sum > upper;
  if ((isLow || isHigh) && !saturates) return 'rejected';
  const value = isLow ? lower : isHigh ? upper : sum;
  const applied = value - before;
  return applied < int64Min || applied > int64Max ? 'overflow' : { value, applied };
}

/** The same of long doubles; none but the bounds may be an infinity. */
export function addBoundedFloat(
  before: LongDouble,
  by: LongDouble,
  { lower, upper }: Bounds<LongDouble>,
  saturates: boolean,
): Bounded<LongDouble> | BoundedProblem {
  const exact = addLongDouble(before, by);
  if (exact === undefined && !saturates) return 'rejected';
  const sum = exact ?? (by.significand < 0n ? longDoubleMin : longDoubleMax);
  const isLow = compareLongDouble(sum, lower) < 0;
  const isHigh = compareLongDouble(sum, upper) > 0;
  if ((isLow || isHigh) && !saturates) return 'rejected';
  const value = isLow ? lower : isHigh ? upper : sum;
  const applied = addLongDouble(value, negateLongDouble(before));
  return applied === undefined ? 'overflow' : { value, applied };
}
