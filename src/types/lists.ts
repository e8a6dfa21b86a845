/**
 * Lists: byte strings in the order in which they were pushed. lists-form.ts says how they are kept, list-cursor.ts reads.
 *
 * All operations work on an open cursor whose key, if it exists, holds a list: the command has checked that. They
 * announce the change, once and first, and remove the key with its last element. Expiries stay. Indexes are not
 * negative. Those that add throw ArenaFullError, with the list as it was; what they add is not in the list itself.
 */
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { KeyEvent } from '#keyspace/writes.ts';
import { ArenaFullError } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import { Slice } from '#memory/slice.ts';
import { Pack, PackCursor, packElementBytes, packHeaderBytes } from '#structures/pack.ts';
import {
  appendElement,
  prependElement,
  readFirstElement,
  readLastElement,
  removeFirstElement,
  removeLastElement,
} from '#structures/pack-ends.ts';
import { Sequence } from '#structures/sequence.ts';
import { sequenceRootBytes } from '#structures/sequence-root.ts';
import { ListCursor } from './list-cursor.ts';
import { Copies, type Elements, ListBlock } from './list-elements.ts';
import {
  exceeds,
  isPacked,
  type ListLimits,
  lengthOf,
  packedForm,
  packOf,
  reserve,
  sequenceOf,
  shrink,
  spreadBefore,
  spreadForm,
} from './lists-form.ts';

/** A longer run of elements is removed at once by keeping copies of the rest: at most so many. */
const removedAtOnceMax = 100_000;
const copiedMax = 1000;

/**
 * Adds elements one by one as first or as last ones, creating the list if need be. Returns how many there are then.
 * O(elements).
 */
export function push(
  cursor: KeyCursor,
  isFirst: boolean,
  elements: Elements,
  limits: ListLimits,
): number {
  const event = isFirst ? 'lpush' : 'rpush';
  if (cursor.entry !== 0 && !isPacked(cursor)) {
    cursor.change(event);
    pushSpread(cursor, isFirst, elements);
    return sequence.count;
  }
  const count = elements.length;
  let bytes = 0;
  let packBytes = 0;
  for (let index = 0; index < count; index++) {
    const { length } = elements.into(index, 0, added);
    bytes += length;
    packBytes += packElementBytes(length);
  }
  if (cursor.entry === 0) {
    create(cursor, event, isFirst, elements, packBytes, exceeds(0, 0, bytes, count, limits));
    return count;
  }
  cursor.change(event);
  spreadBefore(cursor, bytes, count, limits);
  if (isPacked(cursor)) reserve(cursor, packBytes);
  pushAll(cursor, isFirst, elements);
  return lengthOf(cursor);
}

function create(
  cursor: KeyCursor,
  event: KeyEvent,
  isFirst: boolean,
  elements: Elements,
  packBytes: number,
  isLarge: boolean,
): void {
  if (!isLarge) {
    const room = packHeaderBytes + packBytes;
    cursor.createCollection(event, valueType.list, packedForm, room);
    packOf(cursor, pack).format();
    pushAll(cursor, isFirst, elements);
    return;
  }
  cursor.createCollection(event, valueType.list, spreadForm, sequenceRootBytes);
  sequenceOf(cursor, sequence).format();
  try {
    pushAll(cursor, isFirst, elements);
  } catch (error) {
    if (sequence.count === 0) cursor.discard();
    throw error;
  }
}

/** Adds elements to a list that has room for them, if it is packed. If it has not, none is added. */
function pushAll(cursor: KeyCursor, isFirst: boolean, elements: Elements): void {
  if (!isPacked(cursor)) {
    pushSpread(cursor, isFirst, elements);
    return;
  }
  packOf(cursor, pack);
  for (let index = 0; index < elements.length; index++) {
    elements.into(index, 0, added);
    const isAdded = isFirst ? prependElement(pack, added) : appendElement(pack, added);
    assert(isAdded, 'lists: room was made for what is pushed');
  }
}

function pushSpread(cursor: KeyCursor, isFirst: boolean, elements: Elements): void {
  sequenceOf(cursor, sequence);
  let index = 0;
  try {
    for (; index < elements.length; index++) {
      elements.into(index, 0, added);
      if (isFirst) sequence.pushFirst(added);
      else sequence.pushLast(added);
    }
  } catch (error) {
    if (index > 0) sequence.remove(isFirst ? 0 : sequence.count - index, index);
    throw error;
  }
}

/** Points `slice` at the first or the last element of an existing list, until it is changed. O(1). */
export function readEnd(cursor: KeyCursor, isFirst: boolean, slice: Slice): Slice {
  if (!isPacked(cursor)) return sequenceOf(cursor, sequence).readEnd(isFirst, slice);
  packOf(cursor, pack);
  return isFirst ? readFirstElement(pack, slice) : readLastElement(pack, slice);
}

/**
 * Removes the first or the last elements, at most as many as there are, but for the outermost `skipped`. Those are there.
 */
export function pop(
  cursor: KeyCursor,
  isFirst: boolean,
  count: number,
  limits: ListLimits,
  skipped = 0,
): void {
  const length = lengthOf(cursor);
  cursor.change(isFirst ? 'lpop' : 'rpop');
  if (count === length) cursor.remove('del');
  else removeRange(cursor, isFirst ? skipped : length - skipped - count, count, limits);
}

/** Leaves the elements from `first` to `last`, both included and there; none if `first` is behind `last`. */
export function trim(cursor: KeyCursor, first: number, last: number, limits: ListLimits): void {
  const length = lengthOf(cursor);
  const left = last - first + 1;
  if (left > 0 && left <= copiedMax && length - left > removedAtOnceMax) {
    if (keepCopies(cursor, first, left, limits)) return;
  }
  cursor.change('ltrim');
  if (left <= 0) {
    cursor.remove('del');
    return;
  }
  if (last + 1 < length) removeRange(cursor, last + 1, length - last - 1, limits);
  if (first > 0) removeRange(cursor, 0, first, limits);
}

/**
 * Puts a list of copies of some elements in the place of the whole, which is then freed in slices. Returns false if it
 * cannot: there is no memory, or an expiry, which would have to find memory too.
 */
function keepCopies(cursor: KeyCursor, first: number, count: number, limits: ListLimits): boolean {
  if (cursor.expireAtMs !== 0) return false;
  const { access } = cursor;
  block.load(cursor, first, count, true);
  const copies = new Copies(block);
  try {
    cursor.draft(valueType.list, packedForm, packHeaderBytes);
    packOf(cursor, pack).format();
    push(cursor, false, copies, limits);
  } catch (error) {
    cursor.abandon();
    if (error instanceof ArenaFullError) return false;
    throw error;
  }
  cursor.publish('ltrim');
  cursor.access = access;
  return true;
}

/** Adds an element before the one at `index`, or a last one. */
export function insert(cursor: KeyCursor, index: number, source: Slice, limits: ListLimits): void {
  cursor.change('linsert');
  spreadBefore(cursor, source.length, 1, limits);
  if (!isPacked(cursor)) {
    sequenceOf(cursor, sequence).insert(index, source);
    return;
  }
  reserve(cursor, packElementBytes(source.length));
  packOf(cursor, pack).seek(index, place);
  const isAdded = pack.insert(place, source);
  assert(isAdded, 'lists: room was made for what is inserted');
}

/** Gives the element at `index`, which there is, other bytes. */
export function replace(cursor: KeyCursor, index: number, source: Slice, limits: ListLimits): void {
  cursor.change('lset');
  spreadBefore(cursor, source.length, 1, limits);
  if (isPacked(cursor)) {
    reserve(cursor, packElementBytes(source.length));
    packOf(cursor, pack).seek(index, place);
    const isReplaced = pack.replace(place, source);
    assert(isReplaced, 'lists: room was made for the replacement');
  } else sequenceOf(cursor, sequence).replace(index, source);
  shrink(cursor, limits);
}

/**
 * Removes elements with these bytes: `count` of them from the beginning, or from the end if it is negative, or all if it is
 * 0. Returns how many. O(n).
 */
export function removeEqual(
  cursor: KeyCursor,
  source: Slice,
  count: number,
  limits: ListLimits,
): number {
  const removedMax = count === 0 ? Number.POSITIVE_INFINITY : Math.abs(count);
  const isForward = count >= 0;
  let removed = 0;
  let index = isForward ? 0 : lengthOf(cursor) - 1;
  let more = walk.open(cursor, index);
  while (more && removed < removedMax) {
    if (walk.equals(source)) {
      if (removed++ === 0) cursor.change('lrem');
      removeFrom(cursor, index, 1);
      if (!isForward) index--;
      more = index >= 0 && walk.open(cursor, index);
    } else if (isForward) {
      index++;
      more = walk.next();
    } else {
      index--;
      more = walk.previous();
    }
  }
  if (removed === 0) return 0;
  if (lengthOf(cursor) === 0) cursor.remove('del');
  else shrink(cursor, limits);
  return removed;
}

/** Removes elements, but not all. Was announced. */
function removeRange(cursor: KeyCursor, index: number, count: number, limits: ListLimits): void {
  removeFrom(cursor, index, count);
  shrink(cursor, limits);
}

function removeFrom(cursor: KeyCursor, index: number, count: number): void {
  if (isPacked(cursor)) {
    packOf(cursor, pack);
    if (count === 1 && index === 0) removeFirstElement(pack);
    else if (count === 1 && index === pack.count - 1) removeLastElement(pack);
    else {
      pack.seek(index, place);
      pack.remove(place, count);
    }
  } else sequenceOf(cursor, sequence).remove(index, count);
}

const pack = new Pack();
const place = new PackCursor();
const sequence = new Sequence();
const added = new Slice();
const walk = new ListCursor();
const block = new ListBlock();
