/** The typed calls for sorted sets. */
import {
  Aggregate,
  type LexRange,
  type RankRange,
  ScoreCondition,
  ScoreEnd,
  type ScoreRange,
} from '#proto/zippy/v1/sortedsets.ts';
import type { ScoredMember } from '#proto/zippy/v1/values.ts';
import type { ReplyValue } from '../../local/reply-value.ts';
import type { Argument } from '../../local/request-writer.ts';
import type { CallsOf } from './call.ts';
import {
  bytes,
  cursor,
  double,
  integer,
  itemAt,
  items,
  listOf,
  optional,
  scored,
} from './decode.ts';
import { writeConditions } from './strings.ts';
import { choice, counted, missing, oneOf, orOne, scanOptions, seconds, when } from './words.ts';

const scoreConditions = { [ScoreCondition.IF_GREATER]: 'GT', [ScoreCondition.IF_LESS]: 'LT' };
const aggregates = { [Aggregate.MIN]: 'MIN', [Aggregate.MAX]: 'MAX' };
const pops = { [ScoreEnd.MIN]: 'ZPOPMIN', [ScoreEnd.MAX]: 'ZPOPMAX' };
const blockingPops = { [ScoreEnd.MIN]: 'BZPOPMIN', [ScoreEnd.MAX]: 'BZPOPMAX' };

export const sortedSetCalls = {
  zAdd: {
    words: (request) => [
      'ZADD',
      request.key,
      ...choice(request.condition, writeConditions),
      ...choice(request.scoreCondition, scoreConditions),
      ...when(request.countChanged, 'CH'),
      ...request.members.flatMap(({ member, score }) => [score, member]),
    ],
    response: (reply) => ({ count: integer(reply) }),
  },
  zIncrBy: {
    words: ({ key, by, member }) => ['ZINCRBY', key, by, member],
    response: (reply) => ({ score: double(reply) }),
  },
  zRem: {
    words: ({ key, members }) => ['ZREM', key, ...members],
    response: (reply) => ({ removed: integer(reply) }),
  },
  zScore: {
    words: ({ key, members }) => ['ZMSCORE', key, ...members],
    response: (reply) => ({
      scores: listOf(reply, (each) => ({ score: optional(each, double) })),
    }),
  },
  zCard: {
    words: ({ key }) => ['ZCARD', key],
    response: (reply) => ({ count: integer(reply) }),
  },
  zRank: {
    words: ({ key, member, reverse }) => [reverse ? 'ZREVRANK' : 'ZRANK', key, member, 'WITHSCORE'],
    response: (reply) =>
      reply === null
        ? { rank: undefined, score: undefined }
        : { rank: integer(itemAt(reply, 0)), score: double(itemAt(reply, 1)) },
  },
  zRange: {
    words: (request) => {
      const { key, destination, reverse } = request;
      const rest = [...rangeWords(request), ...when(reverse, 'REV'), ...limitWords(request)];
      return destination === undefined
        ? ['ZRANGE', key, ...rest, 'WITHSCORES']
        : ['ZRANGESTORE', destination, key, ...rest];
    },
    response: (reply) => found(reply),
  },
  zCount: {
    words: ({ key, scores, lex }) =>
      lex === undefined
        ? ['ZCOUNT', key, ...scoreBounds(scores ?? everyScore)]
        : ['ZLEXCOUNT', key, ...lexBounds(lex)],
    response: (reply) => ({ count: integer(reply) }),
  },
  zRemRange: {
    words: ({ key, ranks, scores, lex }) => {
      if (ranks !== undefined) return ['ZREMRANGEBYRANK', key, ranks.start, ranks.stop];
      if (scores !== undefined) return ['ZREMRANGEBYSCORE', key, ...scoreBounds(scores)];
      if (lex !== undefined) return ['ZREMRANGEBYLEX', key, ...lexBounds(lex)];
      throw missing('range');
    },
    response: (reply) => ({ removed: integer(reply) }),
  },
  zPop: {
    words: ({ key, from, count }) => [oneOf('end', from, pops), key, orOne(count)],
    response: (reply) => ({ members: scored(reply) }),
  },
  bZPop: {
    waits: true,
    words: ({ keys, from, timeoutMs }) => [
      oneOf('end', from, blockingPops),
      ...keys,
      seconds(timeoutMs),
    ],
    response: (reply) => {
      if (reply === null) return { key: undefined, member: undefined };
      const member = { member: bytes(itemAt(reply, 1)), score: double(itemAt(reply, 2)) };
      return { key: bytes(itemAt(reply, 0)), member };
    },
  },
  zInter: {
    words: (request) => combination('ZINTER', request, weighed(request)),
    response: (reply) => found(reply),
  },
  zUnion: {
    words: (request) => combination('ZUNION', request, weighed(request)),
    response: (reply) => found(reply),
  },
  zDiff: {
    words: (request) => combination('ZDIFF', request, []),
    response: (reply) => found(reply),
  },
  zRandMember: {
    words: ({ key, count }) => ['ZRANDMEMBER', key, orOne(count), 'WITHSCORES'],
    response: (reply) => ({ members: scored(reply) }),
  },
  zScan: {
    words: (request) => [
      'ZSCAN',
      request.key,
      request.cursor,
      ...scanOptions(request.pattern, request.count),
    ],
    response: (reply) => ({
      cursor: cursor(itemAt(reply, 0)),
      members: scored(items(reply)[1] ?? null),
    }),
  },
} satisfies CallsOf<
  | 'zAdd'
  | 'zIncrBy'
  | 'zRem'
  | 'zScore'
  | 'zCard'
  | 'zRank'
  | 'zRange'
  | 'zCount'
  | 'zRemRange'
  | 'zPop'
  | 'bZPop'
  | 'zInter'
  | 'zUnion'
  | 'zDiff'
  | 'zRandMember'
  | 'zScan'
>;

interface Range {
  readonly ranks?: RankRange | undefined;
  readonly scores?: ScoreRange | undefined;
  readonly lex?: LexRange | undefined;
  readonly reverse: boolean;
}

const everyScore: ScoreRange = {
  min: undefined,
  max: undefined,
  minExclusive: false,
  maxExclusive: false,
};

/** The bounds of ZRANGE, which wants the one to begin with first. */
function rangeWords({ ranks, scores, lex, reverse }: Range): readonly Argument[] {
  if (scores === undefined && lex === undefined) return [ranks?.start ?? 0n, ranks?.stop ?? -1n];
  const bounds = lex === undefined ? scoreBounds(scores ?? everyScore) : lexBounds(lex);
  const [first, last] = reverse ? [bounds[1], bounds[0]] : bounds;
  return [first, last, lex === undefined ? 'BYSCORE' : 'BYLEX'];
}

function scoreBounds({ min, max, minExclusive, maxExclusive }: ScoreRange): [Argument, Argument] {
  return [scoreBound(min, '-inf', minExclusive), scoreBound(max, '+inf', maxExclusive)];
}

function scoreBound(score: number | undefined, open: string, exclusive: boolean): Argument {
  if (score === undefined) return open;
  const digits = Number.isFinite(score) ? String(score) : score > 0 ? '+inf' : '-inf';
  return exclusive ? `(${digits}` : digits;
}

function lexBounds({ min, max, minExclusive, maxExclusive }: LexRange): [Argument, Argument] {
  return [lexBound(min, '-', minExclusive), lexBound(max, '+', maxExclusive)];
}

function lexBound(member: Uint8Array | undefined, open: string, exclusive: boolean): Argument {
  if (member === undefined) return open;
  return Buffer.concat([Buffer.from(exclusive ? '(' : '['), member]);
}

function limitWords({ offset, count }: { offset: bigint; count: bigint }): readonly Argument[] {
  const isLimited = offset !== 0n || count !== 0n;
  return isLimited ? ['LIMIT', offset, count === 0n ? -1n : count] : [];
}

interface Combination {
  readonly keys: readonly Uint8Array[];
  readonly destination?: Uint8Array | undefined;
}

/** The command, or the one that stores what it finds. */
function combination(
  command: string,
  { keys, destination }: Combination,
  options: readonly Argument[],
): readonly Argument[] {
  return destination === undefined
    ? [command, ...counted(keys), ...options, 'WITHSCORES']
    : [`${command}STORE`, destination, ...counted(keys), ...options];
}

function weighed({ weights, aggregate }: { weights: readonly number[]; aggregate: Aggregate }) {
  const chosen = choice(aggregate, aggregates);
  return [
    ...when(weights.length > 0, 'WEIGHTS', ...weights),
    ...when(chosen.length > 0, 'AGGREGATE', ...chosen),
  ];
}

/** Members with their scores, or how many were stored. */
function found(reply: ReplyValue): { members: ScoredMember[]; count: bigint } {
  if (typeof reply === 'number') return { members: [], count: integer(reply) };
  const members = scored(reply);
  return { members, count: BigInt(members.length) };
}
