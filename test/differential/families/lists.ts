/**
 * List commands up to Redis 7.0, with all their options. Elements are few, so that searching finds them, and sometimes so
 * long or so many that a list changes its form. Those that block do so for a moment: nobody else could wake them.
 */
import type { Argument } from '../../kit/resp-client.ts';
import type { Draw } from '../draw.ts';
import { type CommandGenerator, command, exchange, type Family } from '../family.ts';

const key = (draw: Draw): Argument[] => [draw.key()];

function element(draw: Draw): Argument {
  if (draw.chance(0.15)) return draw.value();
  if (draw.chance(0.03)) return 'long '.repeat(draw.integer(200, 2200));
  return draw.pick(['a', 'b', 'c', 'x', '', '1', '-7', 'ohmytext', Buffer.from([0, 255, 13, 10])]);
}

const elements = (draw: Draw): Argument[] => draw.times(1, 6, () => [element(draw)]);
const keyAndElements = (draw: Draw): Argument[] => [draw.key(), ...elements(draw)];

const ends = ['LEFT', 'RIGHT'];

function end(draw: Draw): Argument {
  if (draw.chance(0.04)) return draw.pick(['MIDDLE', '', 'LEF', 'LEFTY']);
  return draw.inSomeCase(draw.pick(ends));
}

function timeout(draw: Draw): Argument {
  if (draw.chance(0.1)) return draw.pick(['-1', '-0.5', 'abc', '', ' 1']);
  return draw.pick(['0.001', '0.002', '1e-3', '.001']);
}

const count = (draw: Draw): Argument => draw.pick(['0', '1', '2', '3', '10', draw.integerOrNot()]);

/** `numkeys` and keys, mostly as many as it says. */
function countedKeys(draw: Draw): Argument[] {
  const drawn = draw.keys(1, 3);
  const numkeys = draw.chance(0.05) ? draw.integerOrNot() : String(drawn.length);
  return [numkeys, ...drawn];
}

/** A list with so many elements that it is spread, and some commands on it. */
const large: CommandGenerator = {
  name: 'RPUSH',
  weight: 3,
  options: [],
  draw: (draw) => {
    const list = draw.key();
    const many = draw.times(60, 400, () => [`${draw.integer(0, 40)}`.repeat(draw.integer(1, 30))]);
    const some = [
      command('LRANGE', 1, range),
      command('LINDEX', 1, keyAndIndex),
      command('LTRIM', 1, range),
      command('LSET', 1, (inner) => [...keyAndIndex(inner), element(inner)]),
      command('LPOP', 1, (inner) => [inner.key(), String(inner.integer(1, 300))]),
      command('LREM', 1, (inner) => [inner.key(), inner.pick(['0', '3', '-3']), '7']),
    ];
    return draw.withKey(list, () => [
      exchange([draw.pick(['RPUSH', 'LPUSH']), list, ...many]),
      ...Array.from({ length: draw.integer(1, 5) }, () => draw.pick(some).draw(draw)).flat(),
    ]);
  },
};

const index = (draw: Draw): Argument => {
  if (draw.chance(0.06)) return draw.integerOrNot();
  return String(draw.integer(-12, 12) * (draw.chance(0.2) ? 20 : 1));
};
const keyAndIndex = (draw: Draw): Argument[] => [draw.key(), index(draw)];
const range = (draw: Draw): Argument[] => [draw.key(), index(draw), index(draw)];

export const lists: Family = {
  name: 'lists',
  weight: 10,
  onlyIfKnown: 'RPUSH',
  generators: [
    command('LPUSH', 8, keyAndElements),
    command('RPUSH', 8, keyAndElements),
    command('LPUSHX', 2, keyAndElements),
    command('RPUSHX', 2, keyAndElements),
    large,
    command('LPOP', 4, (draw) => [draw.key(), ...draw.maybe(0.4, () => [count(draw)])]),
    command('RPOP', 4, (draw) => [draw.key(), ...draw.maybe(0.4, () => [count(draw)])]),
    command('LLEN', 2, key),
    command('LRANGE', 4, range),
    command('LINDEX', 3, keyAndIndex),
    command('LSET', 4, (draw) => [...keyAndIndex(draw), element(draw)]),
    command(
      'LINSERT',
      4,
      (draw) => {
        const where = draw.chance(0.05) ? 'BESIDE' : draw.pick(['BEFORE', 'AFTER']);
        return [draw.key(), draw.inSomeCase(where), element(draw), element(draw)];
      },
      { words: ['BEFORE', 'AFTER'] },
    ),
    command('LREM', 4, (draw) => [
      draw.key(),
      draw.chance(0.1) ? draw.integerOrNot() : String(draw.integer(-3, 3)),
      element(draw),
    ]),
    command('LTRIM', 3, range),
    command('LPOS', 5, (draw) => [draw.key(), element(draw)], {
      options: {
        RANK: (draw) => [draw.chance(0.2) ? draw.integerOrNot() : String(draw.integer(-3, 3))],
        COUNT: (draw) => [draw.chance(0.2) ? draw.integerOrNot() : String(draw.integer(0, 3))],
        MAXLEN: (draw) => [draw.chance(0.2) ? draw.integerOrNot() : String(draw.integer(0, 9))],
      },
    }),
    command('LMOVE', 4, (draw) => [...draw.keys(2, 2), end(draw), end(draw)], { words: ends }),
    command('RPOPLPUSH', 3, (draw) => draw.keys(2, 2)),
    command('LMPOP', 4, (draw) => [...countedKeys(draw), end(draw)], {
      options: { COUNT: (draw) => [count(draw)] },
      words: ends,
    }),
    command('BLPOP', 2, (draw) => [...draw.keys(1, 3), timeout(draw)], { intact: true }),
    command('BRPOP', 2, (draw) => [...draw.keys(1, 3), timeout(draw)], { intact: true }),
    command('BLMOVE', 2, (draw) => [...draw.keys(2, 2), end(draw), end(draw), timeout(draw)], {
      words: ends,
      intact: true,
    }),
    command('BRPOPLPUSH', 2, (draw) => [...draw.keys(2, 2), timeout(draw)], { intact: true }),
    command('BLMPOP', 2, (draw) => [timeout(draw), ...countedKeys(draw), end(draw)], {
      options: { COUNT: (draw) => [count(draw)] },
      words: ends,
      intact: true,
    }),
  ],
};
