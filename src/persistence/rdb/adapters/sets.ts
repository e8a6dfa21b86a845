/** Sets, walked and made. */
import type { Config } from '#config/config.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';
import { becomeTable } from '#types/set-forms.ts';
import { Member } from '#types/set-member.ts';
import { SetView } from '#types/set-view.ts';
import { addMember, draftSet, type SetLimits } from '#types/sets.ts';
import type { ElementWalker, SetBuilder } from '../values.ts';

class Walker implements ElementWalker {
  /** No compact form of sets is written. */
  readonly isCompact = false;
  private readonly view = new SetView();
  private readonly member = new Member();

  get count(): number {
    return this.view.count;
  }

  get element(): Slice {
    return this.member.text;
  }

  open(cursor: KeyCursor): this {
    this.view.point(cursor).begin();
    return this;
  }

  next(): boolean {
    return this.view.next(this.member);
  }
}

class Builder implements SetBuilder {
  private readonly member = new Member();
  private readonly cursor: KeyCursor;
  private readonly limits: SetLimits;

  constructor(cursor: KeyCursor, limits: SetLimits) {
    this.cursor = cursor;
    this.limits = limits;
  }

  add(member: Slice): boolean {
    return addMember(this.cursor, undefined, this.member.ofArgument(member), this.limits);
  }
}

/** One walker, to be pointed at one key after another. */
export function setWalker(): (cursor: KeyCursor) => ElementWalker {
  const walker = new Walker();
  return (cursor) => walker.open(cursor);
}

export function buildSet(cursor: KeyCursor, expected: number, config: Config): SetBuilder {
  const limits: SetLimits = {
    integersMax: config.get('set-max-intset-entries'),
    packCountMax: config.get('set-max-listpack-entries'),
    packMemberBytesMax: config.get('set-max-listpack-value'),
  };
  draftSet(cursor);
  if (expected > Math.max(limits.integersMax, limits.packCountMax)) becomeTable(cursor);
  return new Builder(cursor, limits);
}
