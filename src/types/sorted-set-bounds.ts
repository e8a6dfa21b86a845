/**
 * The parts of a sorted set that commands ask for: by scores, by members where all scores are equal, or by ranks. Each
 * becomes a range of ranks, from which one goes on alike in all cases.
 */
import { byteAt, compareBytes } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import { parseDouble } from './double.ts';
import { decimalText, parseFloatText } from './float-text.ts';
import { Member } from './set-member.ts';
import { type SortedSetView, sortedSetForm } from './sorted-set-view.ts';

/** The members from rank `start` up to `end`, of which there is none if they are equal. */
export class RankRange {
  start = 0;
  end = 0;

  get length(): number {
    return this.end - this.start;
  }

  set(start: number, end: number): this {
    this.start = start;
    this.end = Math.max(start, end);
    return this;
  }

  /** Ranks `from` to `to`, both included; negative ones count from the end. */
  ofIndexes(from: number, to: number, count: number): this {
    const start = Math.max(0, from < 0 ? from + count : from);
    const last = Math.min(count - 1, to < 0 ? to + count : to);
    return start > last ? this.set(0, 0) : this.set(start, last + 1);
  }

  /** The same members counted from the other end of `count`. */
  mirror(count: number): this {
    return this.set(count - this.end, count - this.start);
  }
}

export class ScoreBound {
  score = 0;
  excludes = false;

  /** Reads a score as Redis reads bounds, `(` in front excluding it. Returns whether it is one. */
  parse({ bytes, at, length }: Slice): boolean {
    this.excludes = length > 0 && byteAt(bytes, at) === parenthesis;
    const skipped = this.excludes ? 1 : 0;
    this.score = parseBound(bytes, at + skipped, length - skipped);
    return !Number.isNaN(this.score);
  }
}

export class LexBound {
  /** Below all members, above all, or at one. */
  kind: 'first' | 'last' | 'member' = 'member';
  excludes = false;
  readonly member = new Slice();

  /** Reads `-`, `+`, `[member` or `(member`. Returns whether it is one. */
  parse({ bytes, at, length }: Slice): boolean {
    const mark = length === 0 ? 0 : byteAt(bytes, at);
    // Redis reads the signs as C strings.
    const isAlone = length === 1 || (length > 1 && byteAt(bytes, at + 1) === 0);
    if (mark === plus || mark === minus) {
      this.kind = mark === plus ? 'last' : 'first';
      return isAlone;
    }
    this.kind = 'member';
    this.excludes = mark === parenthesis;
    if (!this.excludes && mark !== bracket) return false;
    this.member.point(bytes, at + 1, length - 1);
    return true;
  }
}

const parenthesis = 0x28;
const bracket = 0x5b;
const plus = 0x2b;
const minus = 0x2d;

/** As C's strtod reads it: space in front, no text at all, and what is too large or small are fine. NaN where it is no number. */
function parseBound(bytes: Buffer, at: number, length: number): number {
  const plain = parseDouble(bytes, at, length);
  if (!Number.isNaN(plain)) return plain;
  const [text = ''] = bytes.toString('latin1', at, at + length).split('\0', 1);
  if (text === '') return 0;
  const trimmed = text.replace(/^[ \t\n\v\f\r]+/, '');
  if (decimalText.test(trimmed)) return Number(trimmed);
  const read = parseFloatText(trimmed);
  if (read === undefined) return Number.NaN;
  const sign = read.negative ? -1 : 1;
  if (read.infinite) return sign * Number.POSITIVE_INFINITY;
  const inRange = parseDouble(Buffer.from(trimmed, 'latin1'), 0, trimmed.length);
  if (!Number.isNaN(inRange)) return inRange;
  return sign * (read.numerator > read.denominator ? Number.POSITIVE_INFINITY : 0);
}

/** The members with scores between two bounds. O(log n), of a small sorted set O(n). */
export function rangeByScore(
  view: SortedSetView,
  min: ScoreBound,
  max: ScoreBound,
  into: RankRange,
): RankRange {
  if (view.form === sortedSetForm.tree) {
    const { tree } = view;
    const start = min.excludes ? tree.countUpToScore(min.score) : tree.countBelowScore(min.score);
    const end = max.excludes ? tree.countBelowScore(max.score) : tree.countUpToScore(max.score);
    return into.set(start, end);
  }
  let start = 0;
  let end = 0;
  for (let more = view.first(); more; more = view.next()) {
    const { score } = view;
    if (min.excludes ? score <= min.score : score < min.score) start++;
    if (max.excludes ? score < max.score : score <= max.score) end++;
    else break;
  }
  return into.set(start, end);
}

/** The members between two, where all have the same score; else what comes of it is nobody's promise. O(log n), of a small sorted set O(n). */
export function rangeByMember(
  view: SortedSetView,
  min: LexBound,
  max: LexBound,
  into: RankRange,
): RankRange {
  const start = countBefore(view, min, min.excludes);
  const end = countBefore(view, max, !max.excludes);
  return into.set(start, end);
}

const member = new Member();

/** How many members are below the bound, and with `includes` at it. */
function countBefore(
  view: SortedSetView,
  { kind, member: sought }: LexBound,
  includes: boolean,
): number {
  const { count } = view;
  if (kind === 'first' || count === 0) return 0;
  if (kind === 'last') return count;
  if (view.form === sortedSetForm.tree) {
    const below = view.tree.countBelowMember(sought);
    const isThere = includes && view.seek(below) && compareTo(view, sought) === 0;
    return isThere ? below + 1 : below;
  }
  let below = 0;
  for (let more = view.first(); more; more = view.next()) {
    const order = compareTo(view, sought);
    if (includes ? order > 0 : order >= 0) break;
    below++;
  }
  return below;
}

function compareTo(view: SortedSetView, sought: Slice): number {
  const { text } = view.read(member);
  return compareBytes(text.bytes, text.at, text.length, sought.bytes, sought.at, sought.length);
}
