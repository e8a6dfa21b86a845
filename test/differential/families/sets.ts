/**
 * Set commands up to Redis 7.0, with all their options. What SPOP takes is chance, so a step that pops removes the
 * rest of the set too; the members that stay are compared by the model in src/types.
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
import { sameLength, sameType, unordered } from '../reply-rules.ts';

const key = (draw: Draw): Argument[] => [draw.key()];
const keys = (draw: Draw): Argument[] => draw.keys(1, 4);

/** Few members, so that sets have some in common: words, integers of every width, and at the length that counts. */
function member(draw: Draw): Argument {
  const kind = draw.integer(0, 9);
  if (kind <= 3) return String(draw.integer(-3, 12));
  if (kind <= 6) return draw.pick(['a', 'b', 'c', 'hello', '', '007', '-0', '1.0']);
  if (kind === 7) return draw.integerText();
  if (kind === 8) return draw.pick(['32767', '32768', '-32769', '2147483648', '4294967296']);
  return draw.chance(0.5) ? 'm'.repeat(draw.integer(63, 66)) : draw.bytes(draw.integer(1, 3));
}

const members = (draw: Draw): Argument[] => draw.times(1, 6, () => [member(draw)]);
const keyAndMembers = (draw: Draw): Argument[] => [draw.key(), ...members(draw)];
const keyAndMember = (draw: Draw): Argument[] => [draw.key(), member(draw)];

/** A run of members, long enough to change how the set is kept. */
function run(draw: Draw): Argument[] {
  const prefix = draw.pick(['', '', '', 'w', '100000']);
  const first = draw.integer(0, 300);
  const count = draw.pick([20, 126, 129, 300, 510, 514]);
  return Array.from({ length: count }, (_, index) => `${prefix}${first + index}`);
}

const countOf = (draw: Draw): Argument => draw.pick(['0', '1', '2', '3', '5', '100', '1000']);
const badCounts = ['abc', '', '-1', '1.5', '9223372036854775808', '-9223372036854775808'];

/** A pop and the end of what is left. */
const pop: CommandGenerator = {
  name: 'SPOP',
  weight: 5,
  options: [],
  draw: (draw) => {
    const popped = draw.key();
    const count = draw.maybe(0.6, () => [draw.chance(0.1) ? draw.pick(badCounts) : countOf(draw)]);
    return [
      exchange(
        [draw.inSomeCase('SPOP'), popped, ...count],
        count.length > 0 ? sameLength : sameType,
      ),
      exchange(['SCARD', popped]),
      exchange(['DEL', popped]),
    ];
  },
};

/** A pop of all there is, whose members are known. */
const popAll: CommandGenerator = {
  name: 'SPOP',
  weight: 2,
  options: [],
  draw: (draw) => {
    const popped = draw.key();
    return [
      exchange(['SPOP', popped, '100000'], unordered),
      exchange(['EXISTS', popped]),
      exchange(['DEL', popped]),
    ];
  },
};

const scanOptions: Readonly<Record<string, OptionArguments>> = {
  MATCH: (draw) => [draw.pick(['*', 'h*', '?', '[0-9]', '-*', '1*', '', 'm*'])],
  COUNT: (draw) => [
    draw.chance(0.15) ? draw.pick(['0', '-1', 'abc', '']) : String(draw.integer(1, 1000)),
  ],
};

const scan: CommandGenerator = {
  name: 'SSCAN',
  weight: 4,
  options: Object.keys(scanOptions),
  draw: (draw) => [fullScan(['SSCAN', draw.key()], draw.optionsOf(scanOptions))],
};

const limit: OptionArguments = (draw) => [
  draw.chance(0.2) ? draw.pick(badCounts) : draw.pick(['0', '1', '2', '100']),
];

/** A count of keys, mostly the right one. */
function counted(draw: Draw): Argument[] {
  const named = keys(draw);
  if (draw.chance(0.9)) return [String(named.length), ...named];
  return [draw.pick(['0', '-1', 'abc', '5', '9223372036854775808', '']), ...named];
}

export const sets: Family = {
  name: 'sets',
  weight: 10,
  generators: [
    command('SADD', 14, keyAndMembers),
    command('SADD', 3, (draw) => [draw.key(), ...run(draw)]),
    command('SREM', 6, keyAndMembers),
    command('SREM', 1, (draw) => [draw.key(), ...run(draw)]),
    command('SISMEMBER', 4, keyAndMember),
    command('SMISMEMBER', 3, keyAndMembers),
    command('SMEMBERS', 4, key, { rule: unordered }),
    command('SCARD', 3, key),
    command('SMOVE', 5, (draw) => [draw.key(), draw.key(), member(draw)]),
    command(
      'SRANDMEMBER',
      5,
      (draw) => [
        draw.key(),
        draw.chance(0.1) ? draw.pick(badCounts) : draw.pick(['0', '1', '3', '7', '-1', '-40']),
      ],
      { rule: sameLength },
    ),
    command('SRANDMEMBER', 1, (draw) => [draw.key(), '100000'], { rule: unordered, intact: true }),
    command('SRANDMEMBER', 2, key, { rule: sameType }),
    command('SINTER', 4, keys, { rule: unordered }),
    command('SUNION', 4, keys, { rule: unordered }),
    command('SDIFF', 5, keys, { rule: unordered }),
    command('SINTERSTORE', 4, (draw) => [draw.key(), ...keys(draw)]),
    command('SUNIONSTORE', 4, (draw) => [draw.key(), ...keys(draw)]),
    command('SDIFFSTORE', 5, (draw) => [draw.key(), ...keys(draw)]),
    command('SINTERCARD', 5, counted, { options: { LIMIT: limit } }),
    command('OBJECT|ENCODING', 4, key),
    command('COPY', 2, (draw) => draw.keys(2, 2)),
    command('RENAME', 1, (draw) => draw.keys(2, 2)),
    command('DEL', 2, key),
    pop,
    popAll,
    scan,
  ],
};
