/** What strings are to whoever works on keys of any type. */
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { copyBytes } from '#memory/bytes.ts';
import { encodingOf } from './strings.ts';
import { inlineTraits, type ValueTraits } from './value-traits.ts';

export const stringTraits: ValueTraits = {
  ...inlineTraits,
  name: 'string',
  encoding: encodingOf,
  copy(source: KeyCursor, target: KeyCursor): void {
    const length = source.valueLength;
    target.draftBytes(valueType.string, length);
    copyBytes(target.bytes, target.valueAt, source.bytes, source.valueAt, length);
    target.edited = source.edited;
  },
};
