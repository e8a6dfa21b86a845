/** What lists are to whoever works on keys of any type. */
import { rootAt, valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Arena, Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import { Pack } from '#structures/pack.ts';
import { Sequence } from '#structures/sequence.ts';
import { sequenceRootBytes } from '#structures/sequence-root.ts';
import { isPacked, lengthOf, packedForm, packOf, sequenceOf, spreadForm } from './lists-form.ts';
import type { ValueTraits } from './value-traits.ts';

export const listTraits: ValueTraits = {
  name: 'list',

  encoding(cursor: KeyCursor): string {
    return isPacked(cursor) ? 'listpack' : 'quicklist';
  },

  copy(source: KeyCursor, target: KeyCursor): void {
    if (isPacked(source)) {
      const { bytes } = packOf(source, pack);
      target.draft(valueType.list, packedForm, bytes);
      // Drafting may have moved nothing of the source, but where its arena ends.
      const { at, arena } = packOf(source, pack);
      arena.bytes.copy(target.bytes, target.rootAt, at, at + bytes);
      return;
    }
    target.draft(valueType.list, spreadForm, sequenceRootBytes);
    sequenceOf(target, copy).format();
    try {
      copy.copyFrom(sequenceOf(source, sequence));
    } catch (error) {
      target.abandon();
      throw error;
    }
  },

  dispose(arena: Arena, entry: Ref): boolean {
    return sequence.point(arena, rootAt(arena, entry)).dispose();
  },

  bytesBeside(cursor: KeyCursor, samples: number): number {
    return isPacked(cursor) ? 0 : sequenceOf(cursor, sequence).blockBytes(samples);
  },

  verify(cursor: KeyCursor): void {
    assert(lengthOf(cursor) > 0, 'lists: no list is empty');
    if (isPacked(cursor)) packOf(cursor, pack).verify();
    else sequenceOf(cursor, sequence).verify();
  },
};

const pack = new Pack();
const sequence = new Sequence();
const copy = new Sequence();
