/** Sorted sets, walked and made. */
import type { Config } from '#config/config.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';
import { Member } from '#types/set-member.ts';
import { SortedSetView, sortedSetForm } from '#types/sorted-set-view.ts';
import { condition, draftSortedSet, putScore, type SortedSetLimits } from '#types/sorted-sets.ts';
import type { ScoreWalker, ZsetBuilder } from '../values.ts';

class Walker implements ScoreWalker {
  private readonly view = new SortedSetView();
  private readonly member = new Member();
  private isAtFirst = true;

  get count(): number {
    return this.view.count;
  }

  get isCompact(): boolean {
    return this.view.form === sortedSetForm.pack;
  }

  get element(): Slice {
    return this.member.text;
  }

  get score(): number {
    return this.view.score;
  }

  open(cursor: KeyCursor): this {
    this.view.point(cursor);
    this.isAtFirst = true;
    return this;
  }

  next(): boolean {
    const { view } = this;
    const more = this.isAtFirst ? view.first() : view.next();
    this.isAtFirst = false;
    if (more) view.read(this.member);
    return more;
  }
}

class Builder implements ZsetBuilder {
  private readonly member = new Member();
  private readonly cursor: KeyCursor;
  private readonly limits: SortedSetLimits;

  constructor(cursor: KeyCursor, limits: SortedSetLimits) {
    this.cursor = cursor;
    this.limits = limits;
  }

  add(member: Slice, score: number): boolean {
    const { cursor, limits } = this;
    const argument = this.member.ofArgument(member);
    return putScore(cursor, undefined, argument, score, condition.onlyNew, limits) === 'added';
  }
}

/** One walker, to be pointed at one key after another. */
export function sortedSetWalker(): (cursor: KeyCursor) => ScoreWalker {
  const walker = new Walker();
  return (cursor) => walker.open(cursor);
}

export function buildSortedSet(cursor: KeyCursor, expected: number, config: Config): ZsetBuilder {
  const limits: SortedSetLimits = {
    packCountMax: config.get('zset-max-listpack-entries'),
    packMemberBytesMax: config.get('zset-max-listpack-value'),
  };
  draftSortedSet(cursor, expected, limits);
  return new Builder(cursor, limits);
}
