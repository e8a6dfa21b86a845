/**
 * How hashes are kept, in four forms: small ones are a {@link Pack} in their entry, big ones a {@link MemberTable} beside
 * it, and either has a variant whose fields may expire. A hash goes from one form to the next and never back.
 *
 *     pack             0  pack of   field, value, field, value ...
 *     expiring pack    0  wide      when the first field expires (field-expiry.ts), 0 = none does
 *                      8  pack of   field, value, expiry, ...; an expiry is 8 bytes, or none
 *     table            0  table
 *     expiring table   0  wide      as above
 *                      8  table
 *                     24  tree of   (expiry, hash of the field), of the fields that expire
 *
 * The small forms are Redis's listpack and listpackex. A field of a table is an item with its value as payload; one that
 * expires is flagged and has 8 bytes at a multiple of 4 before its value.
 */
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { nullRef, type Ref } from '#memory/arena.ts';
import { PackCursor, packCountMax } from '#structures/pack.ts';

export const hashForm = { pack: 0, expiringPack: 1, table: 4, expiringTable: 5 } as const;

/** Bytes of an expiry, in all forms. */
export const expiryBytes = 8;

/** Stands for the expiry that a field has, where another could be given; 0 is none. */
export const keepExpiry = -1;

/** The most fields of a small hash, whatever the configuration. */
export const packFieldsMax = Math.floor(packCountMax / 3) - 1;

/** Up to where a hash is kept small. */
export interface HashLimits {
  readonly fieldsMax: number;
  /** Of a field and of a value. */
  readonly bytesMax: number;
}

/** A field that was found: where it and its value are in the cursor's arena, until anything is changed. */
export class Field {
  fieldAt = 0;
  fieldLength = 0;
  valueAt = 0;
  valueLength = 0;
  /** ms since the epoch; 0 = never. */
  expireAtMs = 0;
  /** Where the field is in a pack. */
  readonly place = new PackCursor();
  /** What it is in a table. */
  item: Ref = nullRef;
}

/** Whether an existing key holds something else than a hash. */
export function isNoHash(cursor: KeyCursor): boolean {
  return cursor.entry !== 0 && cursor.type !== valueType.hash;
}

export function isTable(cursor: KeyCursor): boolean {
  return cursor.form >= hashForm.table;
}

/** Whether the hash is in a form whose fields may expire. */
export function isExpiring(cursor: KeyCursor): boolean {
  return (cursor.form & 1) !== 0;
}
