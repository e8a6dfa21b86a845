/**
 * Geo commands up to Redis 7.0, with all their options. Distances are asked for in an order, as the order of squares
 * is each version's own; places are some way apart, so that no two are equally far from anywhere.
 */
import type { Argument } from '../../kit/resp-client.ts';
import type { Draw } from '../draw.ts';
import {
  type CommandGenerator,
  command,
  exchange,
  type Family,
  none,
  type OptionArguments,
} from '../family.ts';
import { unordered } from '../reply-rules.ts';

/** Keys of their own: what is no score of a place is decoded as each server's processor likes. */
const sources = ['places:1', 'places:2', 'places:3'];

/** One of them, or the one that a step is about. */
const source = (draw: Draw): Argument => draw.pinned() ?? draw.pick(sources);

const key = (draw: Draw): Argument[] => [source(draw)];
const names = ['Palermo', 'Catania', 'a', 'b', 'c', 'pole', 'edge', ''];

const member = (draw: Draw): Argument => draw.pick(names);

function longitude(draw: Draw): string {
  if (draw.chance(0.05)) return draw.pick(['180', '-180', '0', '181', 'abc', '', 'inf', '1e300']);
  if (draw.chance(0.5)) return (12 + draw.integer(0, 40_000) / 10_000).toFixed(5);
  return (draw.integer(-179_999, 179_999) / 1000).toFixed(4);
}

function latitude(draw: Draw): string {
  if (draw.chance(0.05)) return draw.pick(['85.05112878', '-85.05112878', '0', '86', 'abc', 'nan']);
  if (draw.chance(0.5)) return (36 + draw.integer(0, 40_000) / 10_000).toFixed(5);
  return (draw.integer(-84_999, 84_999) / 1000).toFixed(4);
}

const place = (draw: Draw): Argument[] => [longitude(draw), latitude(draw)];

function unit(draw: Draw): Argument {
  return draw.chance(0.04)
    ? draw.pick(['', 'cm', 'mm'])
    : draw.inSomeCase(draw.pick(['M', 'KM', 'FT', 'MI']));
}

function length(draw: Draw): string {
  if (draw.chance(0.05)) return draw.pick(['-1', 'abc', '', '0', '1e9', 'inf']);
  return draw.pick(['1', '50.5', '200', '1000', '5000', '100000', '2000000', '20000000']);
}

const radius = (draw: Draw): Argument[] => [length(draw), unit(draw)];

const count: OptionArguments = (draw) => {
  // Any of more than there are is all.
  if (draw.chance(0.15)) return ['100', draw.inSomeCase('ANY')];
  if (draw.chance(0.08)) return [draw.pick(['0', '-1', 'abc', '9223372036854775808'])];
  return [String(draw.integer(1, 9))];
};

const telling = { WITHDIST: none, WITHHASH: none, WITHCOORD: none };
const limiting = { COUNT: count };
const store: OptionArguments = (draw) => [draw.key()];

/** Places of which there are enough, in place of what the key was. */
function onPlaces(generator: CommandGenerator): CommandGenerator {
  return {
    ...generator,
    draw: (draw) => {
      const places = source(draw);
      const added = names.flatMap((name, index) => [
        (12.3 + index * 0.731).toFixed(4),
        (35.7 + index * index * 0.113).toFixed(4),
        name,
      ]);
      return [
        exchange(['DEL', places]),
        exchange(['GEOADD', places, ...added]),
        ...draw.withKey(places, () => generator.draw(draw)),
      ];
    },
  };
}

function from(draw: Draw): Argument[] {
  if (draw.chance(0.04)) return [];
  return draw.chance(0.5) ? ['FROMMEMBER', member(draw)] : ['FROMLONLAT', ...place(draw)];
}

function by(draw: Draw): Argument[] {
  if (draw.chance(0.04)) return [];
  return draw.chance(0.5)
    ? ['BYRADIUS', ...radius(draw)]
    : ['BYBOX', length(draw), length(draw), unit(draw)];
}

const searchWords = ['FROMMEMBER', 'FROMLONLAT', 'BYRADIUS', 'BYBOX', 'ASC', 'DESC', 'ANY'];

const sorted = (draw: Draw): Argument[] => [draw.inSomeCase(draw.pick(['ASC', 'DESC']))];

const searches: readonly CommandGenerator[] = [
  command('GEOSEARCH', 6, (draw) => [source(draw), ...from(draw), ...by(draw), ...sorted(draw)], {
    options: { ...telling, ...limiting },
    words: searchWords,
  }),
  command('GEOSEARCH', 3, (draw) => [source(draw), ...from(draw), ...by(draw)], {
    options: { ...telling, ANY: none },
    words: searchWords,
    rule: unordered,
  }),
  command(
    'GEOSEARCHSTORE',
    4,
    (draw) => [
      draw.pick(['a', 'b', 'places:4']),
      source(draw),
      ...from(draw),
      ...by(draw),
      ...sorted(draw),
    ],
    { options: { ...limiting, ...telling }, words: searchWords },
  ),
  command(
    'GEORADIUS',
    4,
    (draw) => [source(draw), ...place(draw), ...radius(draw), ...sorted(draw)],
    {
      options: { ...telling, ...limiting, STORE: store },
      words: ['ASC', 'DESC', 'ANY'],
    },
  ),
  command(
    'GEORADIUS_RO',
    2,
    (draw) => [source(draw), ...place(draw), ...radius(draw), ...sorted(draw)],
    {
      options: { ...telling, ...limiting, STORE: store },
      words: ['ASC', 'DESC', 'ANY'],
    },
  ),
  command(
    'GEORADIUSBYMEMBER',
    4,
    (draw) => [source(draw), member(draw), ...radius(draw), ...sorted(draw)],
    {
      options: { ...telling, ...limiting, STORE: store },
      words: ['ASC', 'DESC', 'ANY'],
    },
  ),
  command(
    'GEORADIUSBYMEMBER_RO',
    2,
    (draw) => [source(draw), member(draw), ...radius(draw), ...sorted(draw)],
    { options: { ...telling, ...limiting }, words: ['ASC', 'DESC', 'ANY'] },
  ),
];

/**
 * Distances as scores are only compared by the order they make: the last digits are up to the libraries' sines.
 */
function storingDistances(
  name: string,
  drawArguments: (draw: Draw, target: Argument) => Argument[],
): CommandGenerator {
  return onPlaces({
    name,
    weight: 2,
    options: ['STOREDIST'],
    draw: (draw) => [
      exchange([name, ...drawArguments(draw, 'distances')]),
      exchange(['ZRANGE', 'distances', '0', '-1']),
      exchange(['DEL', 'distances']),
    ],
  });
}

export const geo: Family = {
  name: 'geo',
  weight: 6,
  onlyIfKnown: 'GEOADD',
  generators: [
    command('SET', 1, (draw) => [source(draw), 'no place']),
    {
      ...command('GEOADD', 10, (draw) => [
        source(draw),
        ...draw.optionsOf({ NX: none, XX: none, CH: none }),
        ...draw.times(1, 4, () => [...place(draw), member(draw)]),
      ]),
      options: ['NX', 'XX', 'CH'],
    },
    onPlaces(
      command('GEODIST', 4, (draw) => [
        source(draw),
        member(draw),
        member(draw),
        ...draw.maybe(0.6, () => [unit(draw)]),
      ]),
    ),
    onPlaces(
      command('GEOPOS', 3, (draw) => [...key(draw), ...draw.times(0, 4, () => [member(draw)])]),
    ),
    onPlaces(
      command('GEOHASH', 3, (draw) => [...key(draw), ...draw.times(0, 4, () => [member(draw)])]),
    ),
    storingDistances('GEORADIUS', (draw, target) => [
      source(draw),
      ...place(draw),
      ...radius(draw),
      'STOREDIST',
      target,
    ]),
    storingDistances('GEORADIUSBYMEMBER', (draw, target) => [
      source(draw),
      member(draw),
      ...radius(draw),
      'STOREDIST',
      target,
    ]),
    storingDistances('GEOSEARCHSTORE', (draw, target) => [
      target,
      source(draw),
      ...from(draw),
      ...by(draw),
      'STOREDIST',
    ]),
    ...searches.map(onPlaces),
    ...searches,
  ],
};
