/**
 * Hash commands up to Redis 7.0, with all their options. That version knows no fields that expire: those are tested beside
 * their commands, in virtual time.
 */
import type { Argument } from '../../kit/resp-client.ts';
import type { Draw } from '../draw.ts';
import {
  type CommandGenerator,
  command,
  exchange,
  type Family,
  fullScan,
  type OptionArguments,
} from '../family.ts';
import { sameLength, sameType, unordered, unorderedPairs } from '../reply-rules.ts';

/** The length of a field or value up to which hashes are kept small. */
const listpackBytesMax = 64;

const key = (draw: Draw): Argument[] => [draw.key()];

/** Few fields, so that commands meet each other's: short, any bytes, integers, or at the length that counts. */
function field(draw: Draw): Argument {
  const kind = draw.integer(0, 9);
  if (kind <= 5) return draw.pick(['a', 'b', 'c', 'name', 'hello', '', '10', '-1']);
  if (kind <= 7) return draw.integerText();
  if (kind === 8) return draw.bytes(draw.integer(1, 3));
  return 'f'.repeat(listpackBytesMax + draw.integer(-1, 1));
}

function value(draw: Draw): Argument {
  if (draw.chance(0.1)) return 'v'.repeat(listpackBytesMax + draw.integer(-1, 1));
  return draw.value();
}

const pair = (draw: Draw): Argument[] => [field(draw), value(draw)];
const keyAndField = (draw: Draw): Argument[] => [draw.key(), field(draw)];
const keyAndFields = (draw: Draw): Argument[] => [
  draw.key(),
  ...draw.times(1, 5, () => [field(draw)]),
];
const keyAndPairs = (draw: Draw): Argument[] => [draw.key(), ...draw.times(1, 5, () => pair(draw))];

/** A run of fields, long enough to change how the hash is kept. */
function run(draw: Draw): string[] {
  const first = draw.integer(0, 300);
  const count = draw.pick([20, 126, 129, 300, 511, 513]);
  return Array.from({ length: count }, (_, index) => `run:${first + index}`);
}

/** So many fields at a time: Redis looks through all of a small hash for each, and slow commands are logged. */
const filledAtOnce = 50;

/** Sets a run of fields. */
const filling: CommandGenerator = {
  name: 'HSET',
  weight: 2,
  options: [],
  draw: (draw) => {
    const filled = draw.key();
    const pairs = run(draw).map((each) => [each, 'x']);
    return Array.from({ length: Math.ceil(pairs.length / filledAtOnce) }, (_, index) => {
      const some = pairs.slice(index * filledAtOnce, (index + 1) * filledAtOnce);
      return exchange(['HSET', filled, ...some.flat()]);
    });
  },
};

const increments: readonly CommandGenerator[] = [
  command('HINCRBY', 1, (draw) => [...keyAndField(draw), draw.integerOrNot()]),
  command('HINCRBYFLOAT', 1, (draw) => [...keyAndField(draw), draw.floatText()]),
];

/** A number and a few counting commands on it: random fields alone hold numbers too seldom. */
const counting: CommandGenerator = {
  name: 'HINCRBY',
  weight: 6,
  options: [],
  draw: (draw) => {
    const [counter, counted] = [draw.key(), field(draw)];
    const start = draw.chance(0.4) ? draw.floatText() : draw.integerText();
    const count = draw.integer(1, 3);
    return [
      exchange(['HSET', counter, counted, start]),
      ...Array.from({ length: count }, () =>
        draw.chance(0.5)
          ? exchange([draw.inSomeCase('HINCRBY'), counter, counted, draw.integerText()])
          : exchange([draw.inSomeCase('HINCRBYFLOAT'), counter, counted, draw.floatText()]),
      ),
    ];
  },
};

const scanOptions: Readonly<Record<string, OptionArguments>> = {
  MATCH: (draw) => [draw.pick(['*', 'h*', '?', '[0-9]*', '-*', 'run:1*', '', 'f*'])],
  COUNT: (draw) => [
    draw.chance(0.15) ? draw.pick(['0', '-1', 'abc', '']) : String(draw.integer(1, 1000)),
  ],
};

const scan: CommandGenerator = {
  name: 'HSCAN',
  weight: 5,
  options: Object.keys(scanOptions),
  draw: (draw) => [fullScan(['HSCAN', draw.key()], draw.optionsOf(scanOptions), 2)],
};

const badCounts = ['abc', '', '1.5', '9223372036854775808', '-9223372036854775808'];

function randomCount(draw: Draw): Argument {
  return draw.chance(0.1) ? draw.pick(badCounts) : draw.pick(['0', '1', '3', '7', '-1', '-40']);
}

export const hashes: Family = {
  name: 'hashes',
  weight: 10,
  generators: [
    command('HSET', 14, keyAndPairs),
    filling,
    command('HMSET', 3, keyAndPairs),
    command('HSETNX', 4, (draw) => [draw.key(), ...pair(draw)]),
    command('HGET', 5, keyAndField),
    command('HMGET', 4, keyAndFields),
    command('HGETALL', 4, key, { rule: unorderedPairs }),
    command('HKEYS', 3, key, { rule: unordered }),
    command('HVALS', 3, key, { rule: unordered }),
    command('HDEL', 7, keyAndFields),
    command('HDEL', 1, (draw) => [draw.key(), ...run(draw)]),
    command('HEXISTS', 3, keyAndField),
    command('HLEN', 3, key),
    command('HSTRLEN', 3, keyAndField),
    ...increments,
    counting,
    command('HRANDFIELD', 2, key, { rule: sameType }),
    command('HRANDFIELD', 4, (draw) => [draw.key(), randomCount(draw)], { rule: sameLength }),
    command('HRANDFIELD', 1, (draw) => [draw.key(), '100000'], { rule: unordered, intact: true }),
    command(
      'HRANDFIELD',
      3,
      (draw) => [draw.key(), randomCount(draw), draw.inSomeCase('WITHVALUES')],
      { rule: sameLength, words: ['WITHVALUES'] },
    ),
    command('OBJECT|ENCODING', 4, key),
    command('COPY', 2, (draw) => draw.keys(2, 2)),
    command('RENAME', 1, (draw) => draw.keys(2, 2)),
    command('DEL', 2, key),
    scan,
  ],
};
