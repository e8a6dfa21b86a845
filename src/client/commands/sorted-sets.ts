/** Sorted sets. Those that wait for a member are in waiting.ts. */
import {
  type Codec,
  itemsOf,
  number,
  numberOrNull,
  numbersOrNulls,
  oneScored,
  type ScoredMember,
  scored,
  value,
  valueOrNull,
  values,
} from '../decode.ts';
import {
  counted,
  flag,
  type Limit,
  limitWords,
  type OneOrMore,
  option,
  type Score,
  type Scores,
  scoreWord,
  scoreWords,
} from '../encode.ts';
import type { Input, Key, Reply, Words } from '../reply.ts';
import type { Mode, Results } from './base.ts';
import { HashCommands } from './hashes.ts';

export interface ZaddOptions {
  /** Only new members. */
  readonly nx?: boolean;
  /** Only members that are there. */
  readonly xx?: boolean;
  /** Only to a greater score. */
  readonly gt?: boolean;
  readonly lt?: boolean;
  /** Counts those that changed, too. */
  readonly ch?: boolean;
}

/** An end of a range: a rank, a score (`(5` without 5 itself) or a text (`[a`, `(a`, `-`, `+`). */
export type Bound = number | string;

export interface ZrangeOptions {
  /** What the bounds are; ranks if not given. */
  readonly by?: 'score' | 'lex';
  /** From the greatest down; then the greater bound comes first. */
  readonly rev?: boolean;
  readonly limit?: Limit;
}

export interface CombineOptions {
  readonly weights?: readonly number[];
  readonly aggregate?: 'sum' | 'min' | 'max' | 'count';
}

export interface PoppedScored<V> {
  readonly key: V;
  readonly members: ScoredMember<V>[];
}

export interface Rank {
  readonly rank: number;
  readonly score: number;
}

function boundWord(bound: Bound): Input {
  return typeof bound === 'number' ? scoreWord(bound) : bound;
}

function rangeWords(key: Key, from: Bound, to: Bound, options: ZrangeOptions): Words {
  const { by, rev, limit } = options;
  const order = by === undefined ? [] : [by === 'score' ? 'BYSCORE' : 'BYLEX'];
  return [key, boundWord(from), boundWord(to), ...order, ...flag('REV', rev), ...limitWords(limit)];
}

function combineWords(keys: OneOrMore<Key>, { weights, aggregate }: CombineOptions): Words {
  const rest = weights === undefined ? [] : ['WEIGHTS', ...weights];
  return [...counted(keys), ...rest, ...option('AGGREGATE', aggregate)];
}

export function poppedScored<V>(reply: Reply, codec: Codec<V>): PoppedScored<V> | null {
  if (reply === null) return null;
  const [key = null, members = null] = itemsOf(reply);
  return { key: value(key, codec), members: scored(members, codec) };
}

function rankOrNull(reply: Reply): Rank | null {
  if (reply === null) return null;
  const [rank = null, score = null] = itemsOf(reply);
  return { rank: number(rank), score: number(score) };
}

export class SortedSetCommands<M extends Mode, V> extends HashCommands<M, V> {
  /** How many were new: `zadd('scores', { ada: 10, bob: 20 })`. */
  zadd(key: Key, scores: Scores, options: ZaddOptions = {}): Results<number>[M] {
    return this.run(['ZADD', key, ...zaddWords(options), ...scoreWords(scores)], number);
  }

  /** Adds to a member's score under a condition. Returns the new one, null if the condition did not hold. */
  zaddIncr(
    key: Key,
    by: Score,
    member: Input,
    options: ZaddOptions = {},
  ): Results<number | null>[M] {
    const words = ['ZADD', key, ...zaddWords(options), 'INCR', scoreWord(by), member];
    return this.run(words, numberOrNull);
  }

  zincrby(key: Key, by: Score, member: Input): Results<number>[M] {
    return this.run(['ZINCRBY', key, scoreWord(by), member], number);
  }

  zrem(key: Key, ...members: readonly Input[]): Results<number>[M] {
    return this.run(['ZREM', key, ...members], number);
  }

  zcard(key: Key): Results<number>[M] {
    return this.run(['ZCARD', key], number);
  }

  zscore(key: Key, member: Input): Results<number | null>[M] {
    return this.run(['ZSCORE', key, member], numberOrNull);
  }

  zmscore(key: Key, ...members: readonly Input[]): Results<(number | null)[]>[M] {
    return this.run(['ZMSCORE', key, ...members], numbersOrNulls);
  }

  /** How many members have lower scores. */
  zrank(key: Key, member: Input): Results<number | null>[M] {
    return this.run(['ZRANK', key, member], numberOrNull);
  }

  zrevrank(key: Key, member: Input): Results<number | null>[M] {
    return this.run(['ZREVRANK', key, member], numberOrNull);
  }

  zrankWithscore(key: Key, member: Input): Results<Rank | null>[M] {
    return this.run(['ZRANK', key, member, 'WITHSCORE'], rankOrNull);
  }

  zrevrankWithscore(key: Key, member: Input): Results<Rank | null>[M] {
    return this.run(['ZREVRANK', key, member, 'WITHSCORE'], rankOrNull);
  }

  /** From `from` to `to`, both included. */
  zrange(key: Key, from: Bound = 0, to: Bound = -1, options: ZrangeOptions = {}): Results<V[]>[M] {
    return this.run(['ZRANGE', ...rangeWords(key, from, to, options)], values);
  }

  zrangeWithscores(
    key: Key,
    from: Bound = 0,
    to: Bound = -1,
    options: ZrangeOptions = {},
  ): Results<ScoredMember<V>[]>[M] {
    return this.run(['ZRANGE', ...rangeWords(key, from, to, options), 'WITHSCORES'], scored);
  }

  zrangestore(
    destination: Key,
    source: Key,
    from: Bound = 0,
    to: Bound = -1,
    options: ZrangeOptions = {},
  ): Results<number>[M] {
    const words = ['ZRANGESTORE', destination, ...rangeWords(source, from, to, options)];
    return this.run(words, number);
  }

  zcount(key: Key, min: Bound, max: Bound): Results<number>[M] {
    return this.run(['ZCOUNT', key, boundWord(min), boundWord(max)], number);
  }

  zlexcount(key: Key, min: string, max: string): Results<number>[M] {
    return this.run(['ZLEXCOUNT', key, min, max], number);
  }

  zremrangebyrank(key: Key, start: number, stop: number): Results<number>[M] {
    return this.run(['ZREMRANGEBYRANK', key, start, stop], number);
  }

  zremrangebyscore(key: Key, min: Bound, max: Bound): Results<number>[M] {
    return this.run(['ZREMRANGEBYSCORE', key, boundWord(min), boundWord(max)], number);
  }

  zremrangebylex(key: Key, min: string, max: string): Results<number>[M] {
    return this.run(['ZREMRANGEBYLEX', key, min, max], number);
  }

  zpopmin(key: Key): Results<ScoredMember<V> | null>[M] {
    return this.run(['ZPOPMIN', key], oneScored);
  }

  zpopmax(key: Key): Results<ScoredMember<V> | null>[M] {
    return this.run(['ZPOPMAX', key], oneScored);
  }

  zpopminCount(key: Key, count: number): Results<ScoredMember<V>[]>[M] {
    return this.run(['ZPOPMIN', key, count], scored);
  }

  zpopmaxCount(key: Key, count: number): Results<ScoredMember<V>[]>[M] {
    return this.run(['ZPOPMAX', key, count], scored);
  }

  /** Pops from the first sorted set that has members. */
  zmpop(
    keys: OneOrMore<Key>,
    which: 'min' | 'max',
    count?: number,
  ): Results<PoppedScored<V> | null>[M] {
    return this.run(['ZMPOP', ...counted(keys), which, ...option('COUNT', count)], poppedScored);
  }

  zrandmember(key: Key): Results<V | null>[M] {
    return this.run(['ZRANDMEMBER', key], valueOrNull);
  }

  /** Different ones, or with a negative count so many with repeats. */
  zrandmemberCount(key: Key, count: number): Results<V[]>[M] {
    return this.run(['ZRANDMEMBER', key, count], values);
  }

  zrandmemberWithscores(key: Key, count: number): Results<ScoredMember<V>[]>[M] {
    return this.run(['ZRANDMEMBER', key, count, 'WITHSCORES'], scored);
  }

  zunion(keys: OneOrMore<Key>, options: CombineOptions = {}): Results<V[]>[M] {
    return this.run(['ZUNION', ...combineWords(keys, options)], values);
  }

  zunionWithscores(
    keys: OneOrMore<Key>,
    options: CombineOptions = {},
  ): Results<ScoredMember<V>[]>[M] {
    return this.run(['ZUNION', ...combineWords(keys, options), 'WITHSCORES'], scored);
  }

  zinter(keys: OneOrMore<Key>, options: CombineOptions = {}): Results<V[]>[M] {
    return this.run(['ZINTER', ...combineWords(keys, options)], values);
  }

  zinterWithscores(
    keys: OneOrMore<Key>,
    options: CombineOptions = {},
  ): Results<ScoredMember<V>[]>[M] {
    return this.run(['ZINTER', ...combineWords(keys, options), 'WITHSCORES'], scored);
  }

  zdiff(keys: OneOrMore<Key>): Results<V[]>[M] {
    return this.run(['ZDIFF', ...counted(keys)], values);
  }

  zdiffWithscores(keys: OneOrMore<Key>): Results<ScoredMember<V>[]>[M] {
    return this.run(['ZDIFF', ...counted(keys), 'WITHSCORES'], scored);
  }

  zunionstore(
    destination: Key,
    keys: OneOrMore<Key>,
    options: CombineOptions = {},
  ): Results<number>[M] {
    return this.run(['ZUNIONSTORE', destination, ...combineWords(keys, options)], number);
  }

  zinterstore(
    destination: Key,
    keys: OneOrMore<Key>,
    options: CombineOptions = {},
  ): Results<number>[M] {
    return this.run(['ZINTERSTORE', destination, ...combineWords(keys, options)], number);
  }

  zdiffstore(destination: Key, keys: OneOrMore<Key>): Results<number>[M] {
    return this.run(['ZDIFFSTORE', destination, ...counted(keys)], number);
  }

  zintercard(keys: OneOrMore<Key>, limit?: number): Results<number>[M] {
    return this.run(['ZINTERCARD', ...counted(keys), ...option('LIMIT', limit)], number);
  }
}

function zaddWords({ nx, xx, gt, lt, ch }: ZaddOptions): Words {
  const conditions = [...flag('NX', nx), ...flag('XX', xx), ...flag('GT', gt), ...flag('LT', lt)];
  return [...conditions, ...flag('CH', ch)];
}
