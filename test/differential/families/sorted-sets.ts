/**
 * Sorted-set commands up to Redis 7.0, with all their options. Ranges by member are drawn where all scores are equal:
 * elsewhere what they find is nobody's promise. Members that are picked by chance are compared by number only.
 */
import type { Argument } from '../../kit/resp-client.ts';
import type { Draw } from '../draw.ts';
import {
  type CommandGenerator,
  command,
  exchange,
  type Family,
  fullScan,
  none,
  type OptionArguments,
} from '../family.ts';
import { sameLength, sameType } from '../reply-rules.ts';

const key = (draw: Draw): Argument[] => [draw.key()];
const keyAndMember = (draw: Draw): Argument[] => [draw.key(), member(draw)];

const names = ['a', 'b', 'c', 'd', 'e', 'aa', 'ab', 'ab\xff', 'hello', '', '1', '10', '-0'];

/** Few members, so that sorted sets have some in common; some at the length that counts. */
function member(draw: Draw): Argument {
  if (draw.chance(0.85)) return draw.pick(names);
  return draw.chance(0.4) ? 'm'.repeat(draw.integer(63, 66)) : draw.bytes(draw.integer(1, 3));
}

const scores = [
  '0',
  '-0',
  '1',
  '1.5',
  '-1',
  '2',
  '3',
  '127',
  '-129',
  '32768',
  '2147483648',
  '1e-7',
  '0.1',
  '1e20',
  '4611686018427387905',
  '9007199254740993',
  '1e308',
  '-1e308',
  'inf',
  '-inf',
  '+inf',
  '5e-324',
];

function score(draw: Draw): string {
  if (draw.chance(0.03)) return draw.floatText();
  return draw.chance(0.6) ? String(draw.integer(-3, 6)) : draw.pick(scores);
}

const pairs = (draw: Draw): Argument[] => draw.times(1, 5, () => [score(draw), member(draw)]);

/** A run of members, long enough to change how the sorted set is kept. */
const run: CommandGenerator = {
  name: 'ZADD',
  weight: 3,
  options: [],
  draw: (draw) => {
    const first = draw.integer(0, 100);
    const count = draw.pick([20, 127, 128, 129, 300]);
    const spread = draw.pick([1, 3, 1000]);
    const members = Array.from({ length: count }, (_, index) => [
      String((index * 7919) % spread),
      `m${first + index}`,
    ]);
    return [exchange(['ZADD', draw.key(), ...members.flat()])];
  },
};

function scoreBound(draw: Draw): string {
  if (draw.chance(0.06)) {
    return draw.pick([
      '',
      '(',
      ' 1',
      '(inf',
      '1e400',
      '-1e400',
      '1e-400',
      '0x10',
      'abc',
      '((1',
      'nan',
      '1 ',
    ]);
  }
  const bound = draw.pick(['-inf', '+inf', 'inf', score(draw), score(draw), score(draw)]);
  return draw.chance(0.3) ? `(${bound}` : bound;
}

function lexBound(draw: Draw): string {
  if (draw.chance(0.06)) return draw.pick(['', 'a', '+a', '-a', '5', '(', '[']);
  if (draw.chance(0.3)) return draw.pick(['-', '+']);
  return (
    draw.pick(['[', '(']) + draw.pick(['a', 'aa', 'ab', 'b', 'c', 'd', 'hello', '', '1', 'm5', 'z'])
  );
}

const rank = (draw: Draw): string =>
  draw.chance(0.05) ? draw.integerOrNot() : String(draw.integer(-8, 8));

const scoreBounds = (draw: Draw): Argument[] => [scoreBound(draw), scoreBound(draw)];
const lexBounds = (draw: Draw): Argument[] => [lexBound(draw), lexBound(draw)];
const rankBounds = (draw: Draw): Argument[] => [rank(draw), rank(draw)];

const limit: OptionArguments = (draw) => [
  draw.chance(0.05) ? draw.integerOrNot() : String(draw.integer(-1, 4)),
  draw.chance(0.05) ? draw.integerOrNot() : String(draw.integer(-2, 5)),
];

/** A command on a key to which members of one score were just added, in place of whatever it was. */
function byLex(
  name: string,
  weight: number,
  drawArguments: (draw: Draw) => Argument[],
  options: Readonly<Record<string, OptionArguments>> = {},
  fixed: readonly string[] = [],
): CommandGenerator {
  const single = command(name, 1, (draw) => [...drawArguments(draw), ...fixed], { options });
  return {
    ...single,
    options: [...single.options, ...fixed],
    weight,
    draw: (draw) => {
      const sorted = draw.key();
      const same = draw.pick(['0', '-1.5', '1', 'inf']);
      const many = draw.chance(0.2) ? Array.from({ length: 130 }, (_, i) => [same, `m${i}`]) : [];
      const members = draw.times(1, 8, () => [same, member(draw)]);
      return draw.withKey(sorted, () => [
        exchange(['DEL', sorted]),
        exchange(['ZADD', sorted, ...many.flat(), ...members]),
        ...single.draw(draw),
      ]);
    },
  };
}

function numberOfKeys(draw: Draw, keys: readonly Argument[]): string {
  if (draw.chance(0.06))
    return draw.pick(['0', '-1', 'abc', '2147483648', String(keys.length + 1)]);
  return String(keys.length);
}

function countedKeys(draw: Draw): Argument[] {
  const keys = draw.keys(1, 4);
  return [numberOfKeys(draw, keys), ...keys];
}

const weight = (draw: Draw): string =>
  draw.chance(0.05)
    ? draw.floatText()
    : draw.pick(['0', '1', '2', '-1', '0.5', 'inf', '-inf', '3']);

/** Commands of the algebra: weights are as many as keys, mostly. */
function combining(name: string, weightOf: number, options: readonly string[]): CommandGenerator {
  const stores = name.endsWith('STORE');
  return command(
    name,
    weightOf,
    (draw) => {
      const keys = draw.keys(1, 4);
      const weights = draw.maybe(options.includes('WEIGHTS') ? 0.4 : 0, () => {
        const count = draw.chance(0.95) ? keys.length : keys.length + 1;
        return [draw.inSomeCase('WEIGHTS'), ...draw.times(count, count, () => [weight(draw)])];
      });
      const aggregate = draw.maybe(options.includes('AGGREGATE') ? 0.4 : 0, () => [
        draw.inSomeCase('AGGREGATE'),
        draw.chance(0.05) ? 'AVG' : draw.inSomeCase(draw.pick(['SUM', 'MIN', 'MAX'])),
      ]);
      return [
        ...(stores ? [draw.key()] : []),
        numberOfKeys(draw, keys),
        ...keys,
        ...weights,
        ...aggregate,
      ];
    },
    { words: options, options: stores ? {} : { WITHSCORES: none } },
  );
}

/** A set, to be an input of the algebra. */
const plainSet: CommandGenerator = command('SADD', 3, (draw) => [
  draw.key(),
  ...draw.times(1, 5, () => [draw.chance(0.3) ? String(draw.integer(0, 12)) : member(draw)]),
]);

const badCounts = ['abc', '', '1.5', '9223372036854775808'];

const randomCount = (draw: Draw): Argument =>
  draw.chance(0.08)
    ? draw.pick(badCounts)
    : draw.pick(['0', '1', '2', '3', '5', '200', '-3', '-40']);

const popCount = (draw: Draw): Argument =>
  draw.chance(0.08) ? draw.pick([...badCounts, '-1']) : draw.pick(['0', '1', '2', '3', '200']);

const end = (draw: Draw): Argument =>
  draw.chance(0.04) ? 'MIDDLE' : draw.inSomeCase(draw.pick(['MIN', 'MAX']));

/** A timeout that does not make anybody wait: the keys hold something, or the timeout is refused. */
function blocking(name: string, more: (draw: Draw, key: Argument) => Argument[]): CommandGenerator {
  return {
    name,
    weight: 2,
    options: [],
    intact: true,
    draw: (draw) => {
      const popped = draw.key();
      return [
        exchange(['DEL', popped]),
        exchange(['ZADD', popped, String(draw.integer(-2, 2)), 'a', draw.pick(scores), 'b']),
        exchange([draw.inSomeCase(name), ...more(draw, popped)]),
      ];
    },
  };
}

const badTimeouts = ['abc', '', '-1'];

function timeout(draw: Draw): string {
  return draw.chance(0.15) ? draw.pick(badTimeouts) : draw.pick(['0', '0.01', '1']);
}

const addOptions = { NX: none, XX: none, GT: none, LT: none, CH: none, INCR: none };

export const sortedSets: Family = {
  name: 'sorted-sets',
  weight: 10,
  onlyIfKnown: 'ZADD',
  generators: [
    {
      ...command('ZADD', 14, (draw) => [draw.key(), ...draw.optionsOf(addOptions), ...pairs(draw)]),
      options: Object.keys(addOptions),
    },
    run,
    plainSet,
    command('ZINCRBY', 5, (draw) => [draw.key(), score(draw), member(draw)]),
    command('ZCARD', 2, key),
    command('ZSCORE', 3, keyAndMember),
    command('ZMSCORE', 2, (draw) => [draw.key(), ...draw.times(1, 4, () => [member(draw)])]),
    command('ZRANK', 3, keyAndMember, { intact: true }),
    command('ZREVRANK', 3, keyAndMember, { intact: true }),
    command('ZCOUNT', 4, (draw) => [draw.key(), ...scoreBounds(draw)]),
    byLex('ZLEXCOUNT', 3, (draw) => [draw.key(), ...lexBounds(draw)]),
    command('ZRANGE', 4, (draw) => [draw.key(), ...rankBounds(draw)], {
      options: { REV: none, WITHSCORES: none, LIMIT: limit },
    }),
    command('ZRANGE', 5, (draw) => [draw.key(), ...scoreBounds(draw), 'BYSCORE'], {
      options: { REV: none, WITHSCORES: none, LIMIT: limit, BYSCORE: none },
      words: ['BYSCORE'],
    }),
    byLex(
      'ZRANGE',
      3,
      (draw) => [draw.key(), ...lexBounds(draw)],
      { REV: none, LIMIT: limit, WITHSCORES: none },
      ['BYLEX'],
    ),
    command('ZRANGESTORE', 2, (draw) => [...draw.keys(2, 2), ...rankBounds(draw)], {
      options: { REV: none, LIMIT: limit },
    }),
    command('ZRANGESTORE', 2, (draw) => [...draw.keys(2, 2), ...scoreBounds(draw), 'BYSCORE'], {
      options: { REV: none, LIMIT: limit },
      words: ['BYSCORE'],
    }),
    byLex(
      'ZRANGESTORE',
      2,
      (draw) => [...draw.keys(2, 2), ...lexBounds(draw)],
      { REV: none, LIMIT: limit },
      ['BYLEX'],
    ),
    command('ZREVRANGE', 2, (draw) => [draw.key(), ...rankBounds(draw)], {
      options: { WITHSCORES: none },
    }),
    command('ZRANGEBYSCORE', 3, (draw) => [draw.key(), ...scoreBounds(draw)], {
      options: { WITHSCORES: none, LIMIT: limit },
    }),
    command('ZREVRANGEBYSCORE', 3, (draw) => [draw.key(), ...scoreBounds(draw)], {
      options: { WITHSCORES: none, LIMIT: limit },
    }),
    byLex('ZRANGEBYLEX', 2, (draw) => [draw.key(), ...lexBounds(draw)], { LIMIT: limit }),
    byLex('ZREVRANGEBYLEX', 2, (draw) => [draw.key(), ...lexBounds(draw)], { LIMIT: limit }),
    command('ZREM', 4, (draw) => [draw.key(), ...draw.times(1, 4, () => [member(draw)])]),
    command('ZREMRANGEBYRANK', 2, (draw) => [draw.key(), ...rankBounds(draw)]),
    command('ZREMRANGEBYSCORE', 2, (draw) => [draw.key(), ...scoreBounds(draw)]),
    byLex('ZREMRANGEBYLEX', 2, (draw) => [draw.key(), ...lexBounds(draw)]),
    command('ZPOPMIN', 3, (draw) => [draw.key(), ...draw.maybe(0.5, () => [popCount(draw)])]),
    command('ZPOPMAX', 3, (draw) => [draw.key(), ...draw.maybe(0.5, () => [popCount(draw)])]),
    command('ZMPOP', 3, (draw) => [...countedKeys(draw), end(draw)], {
      options: { COUNT: (draw) => [popCount(draw)] },
    }),
    blocking('BZPOPMIN', (draw, popped) => [popped, draw.key(), timeout(draw)]),
    blocking('BZPOPMAX', (draw, popped) => [popped, timeout(draw)]),
    {
      ...blocking('BZMPOP', (draw, popped) => [
        timeout(draw),
        '1',
        popped,
        end(draw),
        ...draw.maybe(0.5, () => ['COUNT', popCount(draw)]),
      ]),
      options: ['COUNT'],
    },
    combining('ZUNION', 4, ['WEIGHTS', 'AGGREGATE']),
    combining('ZINTER', 4, ['WEIGHTS', 'AGGREGATE']),
    combining('ZDIFF', 3, []),
    combining('ZUNIONSTORE', 4, ['WEIGHTS', 'AGGREGATE']),
    combining('ZINTERSTORE', 3, ['WEIGHTS', 'AGGREGATE']),
    combining('ZDIFFSTORE', 3, []),
    command('ZINTERCARD', 3, countedKeys, { options: { LIMIT: (draw) => [popCount(draw)] } }),
    command('ZRANDMEMBER', 1, key, { rule: sameType }),
    command('ZRANDMEMBER', 3, (draw) => [draw.key(), randomCount(draw)], {
      rule: sameLength,
      options: { WITHSCORES: none },
    }),
    {
      name: 'ZSCAN',
      weight: 3,
      options: ['MATCH', 'COUNT'],
      draw: (draw) => [
        fullScan(
          ['ZSCAN', draw.key()],
          draw.optionsOf({
            MATCH: (draw) => [draw.pick(['*', 'a*', '?', 'm1*', '', '[ab]'])],
            COUNT: (draw) => [draw.pick(['1', '10', '100', '0', '-1', 'abc'])],
          }),
          2,
        ),
      ],
    },
  ],
};
