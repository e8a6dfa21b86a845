/** Lists, walked and made. */
import type { Config } from '#config/config.ts';
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { Pack, packHeaderBytes } from '#structures/pack.ts';
import { ListCursor } from '#types/list-cursor.ts';
import { push } from '#types/lists.ts';
import {
  isPacked,
  type ListLimits,
  lengthOf,
  limitsOf,
  packedForm,
  packOf,
} from '#types/lists-form.ts';
import type { ElementWalker, ListBuilder } from '../values.ts';

class Walker implements ElementWalker {
  count = 0;
  isCompact = false;
  private readonly walk = new ListCursor();
  private more = false;
  private isAtFirst = true;

  get element(): Slice {
    return this.walk.element;
  }

  open(cursor: KeyCursor): this {
    this.count = lengthOf(cursor);
    this.isCompact = isPacked(cursor);
    this.more = this.walk.open(cursor, 0);
    this.isAtFirst = true;
    return this;
  }

  next(): boolean {
    if (!this.isAtFirst) this.more = this.more && this.walk.next();
    this.isAtFirst = false;
    return this.more;
  }
}

/** Adds to the list as a push of one element does: it is the elements that are pushed. */
class Builder implements ListBuilder {
  readonly length = 1;
  private readonly element = new Slice();
  private readonly cursor: KeyCursor;
  private readonly limits: ListLimits;

  constructor(cursor: KeyCursor, limits: ListLimits) {
    this.cursor = cursor;
    this.limits = limits;
  }

  into(_index: number, _member: number, slice: Slice): Slice {
    const { bytes, at, length } = this.element;
    return slice.point(bytes, at, length);
  }

  add({ bytes, at, length }: Slice): void {
    this.element.point(bytes, at, length);
    push(this.cursor, false, this, this.limits);
  }
}

const pack = new Pack();

/** One walker, to be pointed at one key after another. */
export function listWalker(): (cursor: KeyCursor) => ElementWalker {
  const walker = new Walker();
  return (cursor) => walker.open(cursor);
}

export function buildList(cursor: KeyCursor, config: Config): ListBuilder {
  cursor.draft(valueType.list, packedForm, packHeaderBytes);
  packOf(cursor, pack).format();
  return new Builder(cursor, limitsOf(config.get('list-max-listpack-size')));
}
