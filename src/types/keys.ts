/**
 * Operations on keys of any type: what a key's type is called, and how a key is copied, renamed or moved.
 *
 * Which shard an entry is in follows from the hash of its key. A key that moves to another database stays in its
 * shard, so its entry only changes tables; one that gets another name needs an entry of its own, in most cases
 * in another arena. How a value gets there is the business of its type: {@link valueCopiers} is the one place
 * that knows.
 */
import { type ValueType, valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { KeyEvent } from '#keyspace/writes.ts';
import { copyBytes } from '#memory/bytes.ts';
import { encodingOf } from './strings.ts';

/** What TYPE answers and SCAN's TYPE asks for, by the number that is stored. */
const typeNames: Readonly<Record<ValueType, string>> = {
  [valueType.string]: 'string',
  [valueType.list]: 'list',
  [valueType.set]: 'set',
  [valueType.zset]: 'zset',
  [valueType.hash]: 'hash',
  [valueType.stream]: 'stream',
};

/** What the type of an existing key is called. */
export function typeName(cursor: KeyCursor): string {
  return typeNames[cursor.type];
}

/** The type called `name`, in any case; undefined if there is none. */
export function typeNamed(name: string): ValueType | undefined {
  const wanted = name.toLowerCase();
  return Object.values(valueType).find((type) => typeNames[type] === wanted);
}

/** What OBJECT ENCODING answers for an existing key; every type names its own. */
export function encodingName(cursor: KeyCursor): string {
  switch (cursor.type) {
    case valueType.string:
      return encodingOf(cursor);
    default:
      throw new Error(`no encoding is known of a ${typeName(cursor)}`);
  }
}

/**
 * Makes `target` hold a value equal to that of the existing key at `source`, in memory of its own, maybe of
 * another arena. The expiry is the caller's business; with `expires` a place for one is made at once.
 */
type ValueCopier = (
  event: KeyEvent,
  source: KeyCursor,
  target: KeyCursor,
  expires: boolean,
) => void;

/** A type whose whole value lies in its entry. */
const copyInline: ValueCopier = (event, source, target, expires) => {
  const length = source.valueLength;
  target.overwrite(event, source.type, length, expires);
  copyBytes(target.bytes, target.valueAt, source.bytes, source.valueAt, length);
  target.edited = source.edited;
};

/** A type is copied in the way named here: one that keeps more than its entry adds its own. */
const valueCopiers: Readonly<Partial<Record<ValueType, ValueCopier>>> = {
  [valueType.string]: copyInline,
};

/**
 * Makes the key at `target`, whatever it held, an equal of the existing one at `source`: value and expiry. Its
 * uses are its own and begin now. O(length of the value).
 */
export function copyKey(source: KeyCursor, target: KeyCursor): void {
  copyValueAndExpiry('copy_to', source, target);
  target.access = target.database.access.fresh();
}

/**
 * Gives the existing key at `source` the name at `target`, another one of the same database, in place of whatever
 * that was. What is known of its uses goes along. O(length of the value).
 */
export function renameKey(source: KeyCursor, target: KeyCursor): void {
  source.database.announce('rename_from', source);
  copyValueAndExpiry('rename_to', source, target);
  target.access = source.access;
  source.discard();
}

/** Moves the existing key at `source` to another database, where `target` found none of the name. O(1). */
export function moveKey(source: KeyCursor, target: KeyCursor): void {
  source.database.announce('move_from', source);
  target.database.announce('move_to', target);
  source.handOver(target);
}

function copyValueAndExpiry(event: KeyEvent, source: KeyCursor, target: KeyCursor): void {
  const copyValue = valueCopiers[source.type];
  if (copyValue === undefined) throw new Error(`no way to copy a ${typeName(source)}`);
  const atMs = source.expireAtMs;
  copyValue(event, source, target, atMs !== 0);
  target.setExpiry(atMs);
}
