/** String commands up to Redis 7.0, with all their options. */
import type { Argument } from '../../kit/resp-client.ts';
import type { Draw } from '../draw.ts';
import { type CommandGenerator, command, exchange, type Family, none } from '../family.ts';

const expiries = {
  EX: (draw: Draw) => [draw.seconds()],
  PX: (draw: Draw) => [draw.milliseconds()],
  EXAT: (draw: Draw) => [draw.unixSeconds()],
  PXAT: (draw: Draw) => [draw.unixMilliseconds()],
};

const key = (draw: Draw): Argument[] => [draw.key()];
const keyAndValue = (draw: Draw): Argument[] => [draw.key(), draw.value()];

const counters: readonly CommandGenerator[] = [
  command('INCR', 1, key),
  command('DECR', 1, key),
  command('INCRBY', 2, (draw) => [draw.key(), draw.integerText()]),
  command('DECRBY', 2, (draw) => [draw.key(), draw.integerText()]),
  command('INCRBYFLOAT', 3, (draw) => [draw.key(), draw.floatText()]),
];

/** A number and a few counting commands on it: random keys alone hold numbers too seldom. */
const counting: CommandGenerator = {
  name: 'INCRBY',
  weight: 5,
  options: [],
  draw: (draw) => {
    const counter = draw.key();
    const start = draw.chance(0.3) ? draw.floatText() : draw.integerText();
    const count = draw.integer(1, 3);
    return draw.withKey(counter, () => [
      exchange(['SET', counter, start]),
      ...Array.from({ length: count }, () => draw.pickWeighted(counters).draw(draw)).flat(),
    ]);
  },
};

export const strings: Family = {
  name: 'strings',
  weight: 10,
  generators: [
    command('SET', 14, keyAndValue, {
      options: { NX: none, XX: none, GET: none, KEEPTTL: none, ...expiries },
    }),
    command('GET', 6, key),
    command('GETEX', 4, key, { options: { PERSIST: none, ...expiries } }),
    command('GETDEL', 2, key),
    command('GETSET', 2, keyAndValue),
    command('SETNX', 2, keyAndValue),
    command('SETEX', 2, (draw) => [draw.key(), draw.seconds(), draw.value()]),
    command('PSETEX', 2, (draw) => [draw.key(), draw.milliseconds(), draw.value()]),
    command('GETRANGE', 3, (draw) => [draw.key(), draw.index(), draw.index()]),
    command('SUBSTR', 1, (draw) => [draw.key(), draw.index(), draw.index()]),
    command('SETRANGE', 3, (draw) => [draw.key(), draw.writeOffset(), draw.value()]),
    command('APPEND', 3, keyAndValue),
    command('STRLEN', 3, key),
    command('MSET', 3, (draw) => draw.times(1, 4, () => keyAndValue(draw))),
    command('MSETNX', 2, (draw) => draw.times(1, 3, () => keyAndValue(draw))),
    command('MGET', 3, (draw) => draw.keys(1, 5)),
    counting,
    command('INCR', 3, key),
    command('DECR', 3, key),
    command('INCRBY', 3, (draw) => [draw.key(), draw.integerOrNot()]),
    command('DECRBY', 3, (draw) => [draw.key(), draw.integerOrNot()]),
    command('INCRBYFLOAT', 4, (draw) => [draw.key(), draw.floatText()]),
    command('LCS', 3, (draw) => draw.keys(2, 2), {
      options: {
        LEN: none,
        IDX: none,
        WITHMATCHLEN: none,
        MINMATCHLEN: (draw) => [draw.integerOrNot()],
      },
    }),
  ],
};
