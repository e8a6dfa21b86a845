/** Hashes, walked and made, with the times at which their fields expire. */
import type { Config } from '#config/config.ts';
import { fieldExpireAtMs, valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { Pack, packHeaderBytes } from '#structures/pack.ts';
import { countAllFields, putField } from '#types/hashes.ts';
import { type HashLimits, hashForm, isExpiring, isTable } from '#types/hashes-form.ts';
import { pointAtPack } from '#types/hashes-pack.ts';
import { becomeTable } from '#types/hashes-table.ts';
import { FieldWalk } from '#types/hashes-walk.ts';
import type { FieldWalker, HashBuilder } from '../values.ts';

class Walker implements FieldWalker {
  count = 0;
  isCompact = false;
  firstExpireAtMs = 0;
  readonly field = new Slice();
  readonly value = new Slice();
  private readonly walk = new FieldWalk();

  get expireAtMs(): number {
    return this.walk.field.expireAtMs;
  }

  open(cursor: KeyCursor): this {
    this.count = countAllFields(cursor);
    this.isCompact = !isTable(cursor);
    this.firstExpireAtMs = isExpiring(cursor) ? fieldExpireAtMs(cursor.arena, cursor.entry) : 0;
    this.walk.beginAll(cursor);
    return this;
  }

  next(): boolean {
    const { walk } = this;
    if (!walk.next()) return false;
    const { bytes } = walk.arena;
    this.field.point(bytes, walk.field.fieldAt, walk.field.fieldLength);
    this.value.point(bytes, walk.field.valueAt, walk.field.valueLength);
    return true;
  }
}

class Builder implements HashBuilder {
  private readonly cursor: KeyCursor;
  private readonly limits: HashLimits;

  constructor(cursor: KeyCursor, limits: HashLimits) {
    this.cursor = cursor;
    this.limits = limits;
  }

  add(field: Slice, value: Slice, expireAtMs: number): boolean {
    return putField(this.cursor, field, value, expireAtMs, this.limits, 'restore');
  }
}

const pack = new Pack();

/** One walker, to be pointed at one key after another. */
export function hashWalker(): (cursor: KeyCursor) => FieldWalker {
  const walker = new Walker();
  return (cursor) => walker.open(cursor);
}

export function buildHash(cursor: KeyCursor, expected: number, config: Config): HashBuilder {
  const limits: HashLimits = {
    fieldsMax: config.get('hash-max-listpack-entries'),
    bytesMax: config.get('hash-max-listpack-value'),
  };
  cursor.draft(valueType.hash, hashForm.pack, packHeaderBytes);
  pointAtPack(cursor, pack);
  pack.format();
  if (expected > limits.fieldsMax) becomeTable(cursor);
  return new Builder(cursor, limits);
}
