/** Every type of value, by the number that entries store: a new type is added here and nowhere else. */
import { type ValueType, valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { hashTraits } from './hashes-traits.ts';
import { listTraits } from './lists-traits.ts';
import { setTraits } from './sets-traits.ts';
import { sortedSetTraits } from './sorted-sets-traits.ts';
import { streamTraits } from './streams-traits.ts';
import { stringTraits } from './strings-traits.ts';
import type { ValueTraits } from './value-traits.ts';

/** The traits of each type; the keyspace takes its hooks from here. */
export const valueTraits: Readonly<Partial<Record<ValueType, ValueTraits>>> = {
  [valueType.string]: stringTraits,
  [valueType.list]: listTraits,
  [valueType.set]: setTraits,
  [valueType.hash]: hashTraits,
  [valueType.zset]: sortedSetTraits,
  [valueType.stream]: streamTraits,
};

/** The traits of an existing key's type. */
export function traitsOf(cursor: KeyCursor): ValueTraits {
  const traits = valueTraits[cursor.type];
  if (traits === undefined) throw new Error(`no traits of type ${cursor.type}`);
  return traits;
}

/** The type called `name`, in any case; undefined if there is none. */
export function typeNamed(name: string): ValueType | undefined {
  const wanted = name.toLowerCase();
  return Object.values(valueType).find((type) => valueTraits[type]?.name === wanted);
}
