/**
 * Sorting numbers of things by what the things are: a stable merge sort, twice as fast for a thousand as an Int32Array's own with a
 * comparison, which leaves the compiled code for each call of it.
 */

/** Below 0 where the first comes before the second, above where after it. */
export type Compare = (a: number, b: number) => number;

/** So many at first are sorted by insertion. */
const runLength = 8;

/** The numbers from 0 to `count` - 1, sorted; equal ones ascending. O(n log n) comparisons. */
export function sortedIndexes(count: number, compare: Compare): Int32Array {
  let sorted = new Int32Array(count);
  for (let i = 0; i < count; i++) sorted[i] = i;
  for (let from = 0; from < count; from += runLength) {
    insertionSort(sorted, from, Math.min(from + runLength, count), compare);
  }
  let merged = new Int32Array(count > runLength ? count : 0);
  for (let width = runLength; width < count; width *= 2) {
    for (let from = 0; from < count; from += width * 2) {
      const middle = Math.min(from + width, count);
      merge(sorted, merged, from, middle, Math.min(middle + width, count), compare);
    }
    [sorted, merged] = [merged, sorted];
  }
  return sorted;
}

function insertionSort(sorted: Int32Array, from: number, end: number, compare: Compare): void {
  for (let next = from + 1; next < end; next++) {
    const moved = at(sorted, next);
    let to = next;
    for (; to > from && compare(at(sorted, to - 1), moved) > 0; to--) {
      sorted[to] = at(sorted, to - 1);
    }
    sorted[to] = moved;
  }
}

/** Merges the runs `[from, middle)` and `[middle, end)` into the other array. */
function merge(
  source: Int32Array,
  target: Int32Array,
  from: number,
  middle: number,
  end: number,
  compare: Compare,
): void {
  let left = from;
  let right = middle;
  for (let to = from; to < end; to++) {
    const takesLeft =
      right === end || (left < middle && compare(at(source, left), at(source, right)) <= 0);
    target[to] = at(source, takesLeft ? left++ : right++);
  }
}

function at(numbers: Int32Array, index: number): number {
  return numbers[index] as number; // In range: the runs are within the array.
}
