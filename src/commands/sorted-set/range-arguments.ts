/**
 * What the commands that take a part of a sorted set are given: two bounds, and of what kind they are, which ZRANGE
 * learns from its options and its older siblings from their names. Read in Redis's order, so that the same mistake
 * is answered first.
 */

import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { parseInt64, parseInteger } from '#types/int64.ts';
import {
  LexBound,
  type RankRange,
  rangeByMember,
  rangeByScore,
  ScoreBound,
} from '#types/sorted-set-bounds.ts';
import { SortedSetView } from '#types/sorted-set-view.ts';
import { type ErrorReply, errors } from '../errors.ts';
import type { Request } from '../request.ts';

export type RangeKind = 'rank' | 'score' | 'lex';

/** What a command's name already says; undefined where its options do. */
export interface RangeForm {
  readonly kind: RangeKind | undefined;
  readonly reverse: boolean | undefined;
  /** Whether WITHSCORES is none of its options. */
  readonly stores: boolean;
}

export class RangeArguments {
  kind: RangeKind = 'rank';
  reverse = false;
  withScores = false;
  private readonly minScore = new ScoreBound();
  private readonly maxScore = new ScoreBound();
  private readonly minMember = new LexBound();
  private readonly maxMember = new LexBound();
  private from = 0;
  private to = 0;
  private offset = 0;
  private limit = -1;

  /** Reads the bounds at arguments `index` and the next, and the options behind. Returns what is wrong with them. */
  parse(request: Request, index: number, form: RangeForm): ErrorReply | undefined {
    const problem = this.parseOptions(request, index + 2, form);
    return problem ?? this.parseBounds(request, index, this.reverse);
  }

  /** Reads bounds of a kind, the upper one first if `isReversed`. Returns what is wrong with them. */
  parseBoundsOf(kind: RangeKind, request: Request, index: number): ErrorReply | undefined {
    this.kind = kind;
    this.offset = 0;
    this.limit = -1;
    this.reverse = false;
    return this.parseBounds(request, index, false);
  }

  private parseOptions(request: Request, index: number, form: RangeForm): ErrorReply | undefined {
    let { kind, reverse } = form;
    this.withScores = false;
    this.offset = 0;
    this.limit = -1;
    let limits = false;
    for (let at = index; at < request.count; at++) {
      const word = request.latin1(at).toUpperCase();
      if (!form.stores && word === 'WITHSCORES') this.withScores = true;
      else if (word === 'LIMIT' && at + 2 < request.count) {
        const offset = integerAt(request, at + 1);
        const limit = integerAt(request, at + 2);
        if (offset === undefined || limit === undefined) return errors.notInteger;
        this.offset = offset;
        this.limit = limit;
        limits = true;
        at += 2;
      } else if (reverse === undefined && word === 'REV') reverse = true;
      else if (kind === undefined && word === 'BYLEX') kind = 'lex';
      else if (kind === undefined && word === 'BYSCORE') kind = 'score';
      else return errors.syntax;
    }
    this.kind = kind ?? 'rank';
    this.reverse = reverse ?? false;
    // A limit of -1 is as good as none, to Redis too.
    if (limits && this.limit !== -1 && this.kind === 'rank') return errors.limitOfRanks;
    return this.withScores && this.kind === 'lex' ? errors.scoresByLex : undefined;
  }

  private parseBounds(request: Request, index: number, reverse: boolean): ErrorReply | undefined {
    if (this.kind === 'rank') {
      const from = integerAt(request, index);
      const to = integerAt(request, index + 1);
      if (from === undefined || to === undefined) return errors.notInteger;
      this.from = from;
      this.to = to;
      return undefined;
    }
    request.into(reverse ? index + 1 : index, minText);
    request.into(reverse ? index : index + 1, maxText);
    if (this.kind === 'score') {
      const areScores = this.minScore.parse(minText) && this.maxScore.parse(maxText);
      return areScores ? undefined : errors.scoreBounds;
    }
    const areMembers = this.minMember.parse(minText) && this.maxMember.parse(maxText);
    return areMembers ? undefined : errors.lexBounds;
  }

  /** The ranks that are meant of the sorted set at an open cursor, counted from its beginning. */
  find(cursor: KeyCursor, into: RankRange): RankRange {
    if (!cursor.exists) return into.set(0, 0);
    view.point(cursor);
    const { kind, reverse } = this;
    const { count } = view;
    if (kind === 'rank') {
      into.ofIndexes(this.from, this.to, count);
      return reverse ? into.mirror(count) : into;
    }
    if (kind === 'score') rangeByScore(view, this.minScore, this.maxScore, into);
    else rangeByMember(view, this.minMember, this.maxMember, into);
    return this.applyLimit(into);
  }

  /** A negative limit is none; a negative offset leaves nothing. */
  private applyLimit(range: RankRange): RankRange {
    const { offset, limit, reverse } = this;
    const { start, end } = range;
    if (offset < 0 || offset >= range.length) return offset === 0 ? range : range.set(0, 0);
    const length = limit < 0 ? range.length - offset : Math.min(limit, range.length - offset);
    return reverse
      ? range.set(end - offset - length, end - offset)
      : range.set(start + offset, start + offset + length);
  }
}

const view = new SortedSetView();
const minText = new Slice();
const maxText = new Slice();

/** An int64, beyond the safe integers rounded; undefined where the argument is none. */
export function integerAt(request: Request, index: number): number | undefined {
  const { bytes } = request;
  const at = request.at(index);
  const length = request.length(index);
  const safe = parseInteger(bytes, at, length);
  if (!Number.isNaN(safe)) return safe;
  const exact = parseInt64(bytes, at, length);
  return exact === undefined ? undefined : Number(exact);
}
