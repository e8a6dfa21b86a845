/**
 * An input of the algebra of sorted sets: a sorted set with its scores, or a set, whose members score 1 each. Views from
 * a pool, so that thousands of keys make no garbage.
 */
import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Member } from './set-member.ts';
import { SetView } from './set-view.ts';
import { SortedSetView } from './sorted-set-view.ts';

/** What each member of a plain set counts. */
const plainScore = 1;
/** Sources that are kept. A command with more keys makes the others for itself. */
const pooledMax = 256;

export class ScoredSource {
  /** What its scores are multiplied by. */
  weight = 1;
  private kind: 'sorted' | 'plain' | 'missing' = 'missing';
  private readonly sorted = new SortedSetView();
  private readonly plain = new SetView();
  private isBegun = false;

  /** Points at what an open cursor holds: a sorted set, a set or nothing. Good until something changes. */
  point(cursor: KeyCursor): void {
    this.weight = 1;
    this.kind = 'missing';
    if (!cursor.exists) return;
    this.kind = cursor.type === valueType.zset ? 'sorted' : 'plain';
    if (this.kind === 'sorted') this.sorted.point(cursor);
    else this.plain.point(cursor);
  }

  get count(): number {
    if (this.kind === 'sorted') return this.sorted.count;
    return this.kind === 'plain' ? this.plain.count : 0;
  }

  isSame(other: ScoredSource): boolean {
    if (this.kind !== other.kind || this.kind === 'missing') return false;
    return this.kind === 'sorted'
      ? this.sorted.isSame(other.sorted)
      : this.plain.isSame(other.plain);
  }

  /** Begins a walk over all members, a sorted set's in order. */
  begin(): void {
    this.isBegun = false;
    if (this.kind === 'plain') this.plain.begin();
  }

  /** Points `member` at the next one. Returns whether there was one. */
  next(member: Member): boolean {
    if (this.kind === 'plain') return this.plain.next(member);
    if (this.kind === 'missing') return false;
    const more = this.isBegun ? this.sorted.next() : this.sorted.first();
    this.isBegun = true;
    if (more) this.sorted.read(member);
    return more;
  }

  /** Looks for a member. O(1), of a small one O(n). */
  find(member: Member): boolean {
    if (this.kind === 'sorted') return this.sorted.find(member);
    return this.kind === 'plain' && this.plain.find(member);
  }

  /** The score of the member that was walked to or found last. */
  get score(): number {
    return this.kind === 'sorted' ? this.sorted.score : plainScore;
  }
}

/** The inputs of one command, those that are missing included. */
export class ScoredSources {
  /** In the order of the command, or as they were sorted since. */
  readonly list: ScoredSource[] = [];
  private readonly pool: ScoredSource[] = [];

  clear(): void {
    this.list.length = 0;
    if (this.pool.length > pooledMax) this.pool.length = pooledMax;
  }

  add(cursor: KeyCursor): void {
    const { list, pool } = this;
    const source = pool[list.length] ?? new ScoredSource();
    pool[list.length] = source;
    source.point(cursor);
    list.push(source);
  }
}

/** Whether a key holds what is no input of the algebra. */
export function isNoSource(cursor: KeyCursor): boolean {
  return cursor.exists && cursor.type !== valueType.zset && cursor.type !== valueType.set;
}
