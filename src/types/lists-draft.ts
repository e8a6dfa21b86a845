/** Making a list of what is known beforehand, in the place of whatever a key holds. */
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { assert } from '#memory/assert.ts';
import { Slice } from '#memory/slice.ts';
import { Pack, packElementBytes, packHeaderBytes } from '#structures/pack.ts';
import { Sequence } from '#structures/sequence.ts';
import { sequenceRootBytes } from '#structures/sequence-root.ts';
import type { ByteList } from './byte-list.ts';
import {
  exceeds,
  type ListLimits,
  packedForm,
  packOf,
  sequenceOf,
  spreadForm,
} from './lists-form.ts';

const pack = new Pack();
const sequence = new Sequence();
const element = new Slice();

/** Drafts a list of the elements, of which there is one at least. O(elements). Throws ArenaFullError, without a draft. */
export function draftList(cursor: KeyCursor, elements: ByteList, limits: ListLimits): void {
  const { length } = elements;
  let bytes = 0;
  let packBytes = packHeaderBytes;
  for (let index = 0; index < length; index++) {
    elements.into(index, 0, element);
    bytes += element.length;
    packBytes += packElementBytes(element.length);
  }
  if (exceeds(0, 0, bytes, length, limits)) draftSpread(cursor, elements);
  else draftPacked(cursor, elements, packBytes);
}

function draftPacked(cursor: KeyCursor, elements: ByteList, bytes: number): void {
  cursor.draft(valueType.list, packedForm, bytes);
  packOf(cursor, pack).format();
  for (let index = 0; index < elements.length; index++) {
    const isAdded = pack.append(elements.into(index, 0, element));
    assert(isAdded, 'lists: a draft has room for its elements');
  }
}

function draftSpread(cursor: KeyCursor, elements: ByteList): void {
  cursor.draft(valueType.list, spreadForm, sequenceRootBytes);
  sequenceOf(cursor, sequence).format();
  try {
    for (let index = 0; index < elements.length; index++) {
      sequence.pushLast(elements.into(index, 0, element));
    }
  } catch (error) {
    cursor.abandon();
    throw error;
  }
}
