/**
 * SORT: the elements of a list, a set or a sorted set in the order of what they are, or of what keys or fields named after
 * them hold, as numbers or as bytes.
 *
 * The elements are copied aside first, then what each is ordered by; what is sorted are their numbers. Equal numbers are
 * ordered by the elements' bytes; equal bytes, which only a pattern can give, stay as they came.
 */
import type { Database } from '#keyspace/database.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { byteAt } from '#memory/bytes.ts';
import type { Slice } from '#memory/slice.ts';
import { ByteList } from './byte-list.ts';
import { parseDouble } from './double.ts';
import { draftList } from './lists-draft.ts';
import type { ListLimits } from './lists-form.ts';
import { type Compare, sortedIndexes } from './merge-sort.ts';
import type { SortPattern } from './sort-pattern.ts';
import { type SortSource, sortSources } from './sort-sources.ts';

export interface SortOptions {
  /** What to order by, if not by the elements themselves. */
  readonly by: SortPattern | undefined;
  /** Whether nothing is to be sorted: the elements come in their own order. */
  readonly isUnsorted: boolean;
  readonly isDescending: boolean;
  /** By bytes, not by numbers. */
  readonly isAlpha: boolean;
  /** The first to be given, and how many, negative for all. */
  readonly offset: number;
  readonly count: number;
  /** Whether the result is to be kept, and so must not depend on an order that is none. */
  readonly isStored: boolean;
}

/** Whether an existing key holds nothing that can be sorted. */
export function isUnsortable(cursor: KeyCursor): boolean {
  return cursor.entry !== 0 && sortSources[cursor.type] === undefined;
}

/** Sorts for one command after another. */
export class Sort {
  readonly elements = new ByteList();
  private readonly keys = new ByteList();
  private weights = new Float64Array(0);
  /** The numbers of the elements, in the order asked for. */
  private order: Int32Array = new Int32Array(0);
  /** Where the result begins and ends in that. */
  private from = 0;
  private to = 0;
  private sign = 1;

  /** How many elements the result has. */
  get length(): number {
    return this.to - this.from;
  }

  /** The number in {@link elements} of the one that is at `index` of the result. */
  at(index: number): number {
    return this.order[this.from + index] as number; // In range by the caller's contract.
  }

  /**
   * Sorts what the key at the cursor holds, of which {@link isUnsortable} is false. False where what to order by is no
   * number. O(n log n), or O(n) unsorted, n being then the elements asked for where the value has an order of its own.
   */
  run(cursor: KeyCursor, options: SortOptions): boolean {
    const { elements, keys } = this;
    elements.clear();
    keys.clear();
    this.from = 0;
    this.to = 0;
    this.sign = options.isDescending ? -1 : 1;
    const source = cursor.entry === 0 ? undefined : sortSources[cursor.type];
    if (source !== undefined) this.load(source, cursor, options);
    const count = elements.length;
    const { database } = cursor;
    if (options.isUnsorted) {
      const mustSort = options.isStored && source?.hasOrder === false;
      this.order = sortedIndexes(count, mustSort ? this.compareElements : asTheyCame);
    } else if (options.isAlpha) {
      this.order = sortedIndexes(count, this.byteOrder(database, options));
    } else {
      if (!this.weigh(database, options)) return false;
      this.order = sortedIndexes(count, this.compareWeights);
    }
    return true;
  }

  /** Loads the elements, and sets which of them are asked for. */
  private load(source: SortSource, cursor: KeyCursor, options: SortOptions): void {
    const { offset, count: limit, isUnsorted, isDescending } = options;
    const count = source.count(cursor);
    const from = Math.min(Math.max(offset, 0), count);
    const to = limit < 0 ? count : Math.min(from + limit, count);
    if (isUnsorted && source.hasOrder) {
      source.load(cursor, this.elements, from, to - from, isDescending);
      this.to = to - from;
      return;
    }
    source.load(cursor, this.elements, 0, count, false);
    this.from = from;
    this.to = to;
  }

  /** Collects the bytes to order by, and returns how. */
  private byteOrder(database: Database, { by }: SortOptions): Compare {
    if (by === undefined) return this.compareElements;
    const { elements, keys } = this;
    for (let i = 0; i < elements.length; i++) {
      const found = by.find(database, elements.bytes, elements.startOf(i), elements.lengthOf(i));
      if (found) keys.add(by.value.bytes, by.value.at, by.value.length);
      else keys.addMissing();
    }
    return this.compareKeys;
  }

  /** Sets the weight of every element, 0 where there is none. False where one is no number. */
  private weigh(database: Database, { by }: SortOptions): boolean {
    const { elements } = this;
    const { bytes, length: count } = elements;
    this.weights = new Float64Array(count);
    let areNumbers = true;
    for (let i = 0; i < count; i++) {
      const at = elements.startOf(i);
      const length = elements.lengthOf(i);
      let weight: number;
      if (by === undefined) weight = weightOf(bytes, at, length);
      else if (by.find(database, bytes, at, length)) weight = weightOfSlice(by.value);
      else continue;
      if (Number.isNaN(weight)) areNumbers = false;
      this.weights[i] = weight;
    }
    return areNumbers;
  }

  private readonly compareElements: Compare = (a, b) => this.sign * this.elements.compare(a, b);

  private readonly compareKeys: Compare = (a, b) => this.sign * this.keys.compare(a, b);

  private readonly compareWeights: Compare = (a, b) => {
    // In range: both number elements.
    const one = this.weights[a] as number;
    const other = this.weights[b] as number;
    if (one < other) return -this.sign;
    return one > other ? this.sign : this.compareElements(a, b);
  };
}

const asTheyCame: Compare = (a, b) => a - b;

const results = new ByteList();

/** What was sorted, or what `gets` lead to from there: empty strings where to nothing. Good until the next is gathered. */
export function gather(sort: Sort, gets: readonly SortPattern[], database: Database): ByteList {
  const { elements, length } = sort;
  results.clear();
  for (let i = 0; i < length; i++) {
    const index = sort.at(i);
    const at = elements.startOf(index);
    const bytes = elements.lengthOf(index);
    if (gets.length === 0) results.add(elements.bytes, at, bytes);
    for (const get of gets) {
      const { value } = get;
      if (get.find(database, elements.bytes, at, bytes)) {
        results.add(value.bytes, value.at, value.length);
      } else results.add(elements.bytes, at, 0);
    }
  }
  return results;
}

/** Makes the key at the cursor, whatever it held, the list of the strings, or removes it if there are none. Throws ArenaFullError. */
export function storeList(cursor: KeyCursor, strings: ByteList, limits: ListLimits): void {
  if (strings.length > 0) {
    draftList(cursor, strings, limits);
    cursor.publish('sortstore');
  } else if (cursor.exists) cursor.remove('del');
}

function weightOfSlice({ bytes, at, length }: Slice): number {
  return weightOf(bytes, at, length);
}

/** A number as C's strtod reads all of a text, which may begin with space and end at a NUL; NaN if it is none. Nothing is 0. */
function weightOf(bytes: Buffer, at: number, length: number): number {
  const weight = parseDouble(bytes, at, length);
  return Number.isNaN(weight) ? oddWeightOf(bytes, at, length) : weight;
}

function oddWeightOf(bytes: Buffer, at: number, length: number): number {
  const nulAt = bytes.subarray(at, at + length).indexOf(0);
  const end = nulAt < 0 ? at + length : at + nulAt;
  if (end === at) return 0;
  let first = at;
  while (first < end && isSpace(byteAt(bytes, first))) first++;
  return parseDouble(bytes, first, end - first);
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
