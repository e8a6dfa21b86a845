/**
 * Streams and consumer groups up to Redis 7.0. Ids are explicit and crowded into a few milliseconds; those that the
 * servers make are compared by their shape and deleted at once. A group comes with all its consumers, because since 7.2 a
 * consumer exists from its first read on, in 7.0 from the first that finds something. Idle times are either nothing or
 * longer than any test.
 */
import type { Argument } from '../../kit/resp-client.ts';
import type { Draw } from '../draw.ts';
import { type CommandGenerator, command, exchange, type Family, none } from '../family.ts';
import { sameType, streamFacts, withoutIdleTimes } from '../reply-rules.ts';

const highestId = '18446744073709551615-18446744073709551615';
const oddIds = [
  '0-0',
  '0',
  '1-',
  '-1',
  'abc',
  '',
  '1-2-3',
  '01-02',
  ' 1-1',
  '1-x',
  '5-18446744073709551615',
  highestId,
];
const oddBounds = ['(', '(-', '(+', '((1', '[1', `(${highestId}`, '(0-0', '18446744073709551616'];
const consumers = ['c1', 'c2', 'c3\0x'];
const longMs = '100000000';
const longerMs = '5000000000';

const key = (draw: Draw): Argument[] => [draw.pick(['a', 'b', 'c', 'hello'])];
const group = (draw: Draw): Argument =>
  draw.chance(0.04) ? 'nosuch' : draw.pick(['g1', 'g2', '']);
const consumer = (draw: Draw): Argument => draw.pick(consumers);
const plainId = (draw: Draw): string => `${draw.integer(0, 6)}-${draw.integer(0, 3)}`;
const id = (draw: Draw): Argument => {
  if (draw.chance(0.05)) return draw.pick(oddIds);
  return draw.chance(0.2) ? String(draw.integer(0, 7)) : plainId(draw);
};
const ids = (draw: Draw): Argument[] => draw.times(1, 4, () => [id(draw)]);
const newId = (draw: Draw): Argument => {
  if (draw.chance(0.04)) return draw.pick(oddIds);
  // Later ones too, so that a stream goes on growing.
  const ms = draw.chance(0.6) ? draw.integer(1, 60) : draw.integer(1, 6);
  return draw.chance(0.4) ? `${ms}-*` : `${ms}-${draw.integer(0, 3)}`;
};
const bound = (draw: Draw, all: string): Argument => {
  if (draw.chance(0.5)) return all;
  if (draw.chance(0.06)) return draw.pick(oddBounds);
  const open = draw.chance(0.3) ? '(' : '';
  return draw.chance(0.3) ? `${open}${draw.integer(0, 7)}` : `${open}${plainId(draw)}`;
};
const range = (draw: Draw): Argument[] => [bound(draw, '-'), bound(draw, '+')];
const field = (draw: Draw): Argument => draw.pick(['f', 'field', '', 'x'.repeat(200)]);
const fields = (draw: Draw): Argument[] =>
  draw.chance(0.6)
    ? ['f', draw.value(), 'g', draw.value()]
    : draw.times(1, 3, () => [field(draw), draw.value()]);

const count = (draw: Draw) => [draw.chance(0.1) ? draw.integerOrNot() : String(draw.integer(0, 4))];

function trim(draw: Draw): Argument[] {
  const sign = draw.pick([[], ['='], ['~']]);
  const limit = draw.chance(0.2) ? ['LIMIT', ...count(draw)] : [];
  return draw.chance(0.5)
    ? [
        'MAXLEN',
        ...sign,
        ...(draw.chance(0.9) ? [String(draw.integer(0, 30))] : count(draw)),
        ...limit,
      ]
    : ['MINID', ...sign, id(draw), ...limit];
}

/** Some entries at once, and a node now and then, so that nodes come and go. */
const many: CommandGenerator = {
  name: 'XADD',
  weight: 4,
  options: [],
  draw: (draw) => {
    const [name = 'a'] = key(draw);
    return Array.from({ length: draw.integer(2, 12) }, () =>
      exchange(['XADD', name, newId(draw), ...fields(draw)]),
    );
  },
};

const ownId: CommandGenerator = {
  name: 'XADD',
  weight: 1,
  options: [],
  draw: (draw) => {
    const [name = 'a'] = key(draw);
    const words = ['XADD', name, ...draw.maybe(0.3, () => trim(draw)), '*', ...fields(draw)];
    return [exchange(words, sameType), exchange(['XLEN', name]), exchange(['DEL', name])];
  },
};

const newGroup: CommandGenerator = {
  name: 'XGROUP|CREATE',
  weight: 4,
  intact: true,
  options: ['MKSTREAM', 'ENTRIESREAD'],
  draw: (draw) => {
    const [name = 'a'] = key(draw);
    const which = group(draw);
    const options = [
      ...draw.maybe(0.4, () => ['MKSTREAM']),
      ...draw.maybe(0.3, () => ['ENTRIESREAD', String(draw.integer(-2, 12))]),
    ];
    const from = draw.chance(0.3) ? '$' : draw.chance(0.5) ? '0' : id(draw);
    return [
      exchange(['XGROUP', 'CREATE', name, which, from, ...options]),
      ...consumers.map((each) => exchange(['XGROUP', 'CREATECONSUMER', name, which, each])),
    ];
  },
};

/** A consumer goes and comes back. */
const renewed: CommandGenerator = {
  name: 'XGROUP|DELCONSUMER',
  intact: true,
  weight: 1,
  options: [],
  draw: (draw) => {
    const words = [...key(draw), group(draw), consumer(draw)];
    return [
      exchange(['XGROUP', 'DELCONSUMER', ...words]),
      exchange(['XGROUP', 'CREATECONSUMER', ...words]),
    ];
  },
};

/** A last id above all that were deleted, which only later versions ask for; nothing can be added after it. */
const lastId: CommandGenerator = {
  name: 'XSETID',
  weight: 2,
  options: ['ENTRIESADDED', 'MAXDELETEDID'],
  intact: true,
  draw: (draw) => {
    const [name = 'a'] = key(draw);
    const words = draw.optionsOf({
      ENTRIESADDED: () => [String(draw.integer(-1, 20))],
      MAXDELETEDID: () => [draw.chance(0.3) ? '62' : id(draw)],
    });
    const last = draw.chance(0.1) ? draw.pick(['x', '-', '+', '']) : `61-${draw.integer(0, 3)}`;
    return [
      exchange(['XSETID', name, last, ...words]),
      exchange(['XINFO', 'STREAM', name], streamFacts),
      exchange(['DEL', name]),
    ];
  },
};

/** Reading, with a stream or two. */
const streams = (draw: Draw, from: () => Argument): Argument[] => {
  const [one = 'a'] = key(draw);
  if (draw.chance(0.8)) return ['STREAMS', one, from()];
  const other = one === 'a' ? 'b' : 'a';
  return ['STREAMS', one, other, from(), from()];
};

const options = (draw: Draw): Argument[] => [...draw.maybe(0.5, () => ['COUNT', ...count(draw)])];

const groupRead = (draw: Draw): Argument[] => [
  ...['GROUP', group(draw), consumer(draw)],
  ...options(draw),
  ...draw.maybe(0.15, () => ['NOACK']),
  ...streams(draw, () => (draw.chance(0.7) ? '>' : id(draw))),
];

const minIdle = (draw: Draw): Argument => draw.pick(['0', '0', '0', '-5', longMs, longerMs, 'x']);

const claims = {
  IDLE: (draw: Draw) => [draw.pick([longMs, longerMs, '0', '-1', 'x'])],
  TIME: (draw: Draw) => [draw.pick(['1000', '-1', '99999999999999', 'x'])],
  RETRYCOUNT: (draw: Draw) => [draw.pick(['0', '3', '-1', 'x'])],
  FORCE: none,
  JUSTID: none,
  LASTID: (draw: Draw) => [id(draw)],
};

const pending = (draw: Draw): Argument[] => {
  const asked = [...key(draw), group(draw)];
  if (draw.chance(0.3)) return asked;
  return [
    ...asked,
    ...draw.maybe(0.3, () => ['IDLE', draw.pick([longMs, longerMs, '-1', 'x'])]),
    ...range(draw),
    ...(draw.chance(0.9) ? ['10'] : count(draw)),
    ...draw.maybe(0.3, () => [consumer(draw)]),
  ];
};

export const streamsFamily: Family = {
  name: 'streams',
  weight: 8,
  onlyIfKnown: 'XADD',
  reset: [['CONFIG', 'SET', 'stream-node-max-entries', '100']],
  generators: [
    command(
      'XADD',
      10,
      (draw) => [
        ...key(draw),
        ...draw.maybe(0.1, () => ['NOMKSTREAM']),
        ...draw.maybe(0.2, () => trim(draw)),
        newId(draw),
        ...fields(draw),
      ],
      { words: ['NOMKSTREAM', 'MAXLEN', 'MINID', 'LIMIT'], intact: true },
    ),
    many,
    ownId,
    command('CONFIG|SET', 0.5, (draw) => [
      'stream-node-max-entries',
      draw.pick(['0', '1', '3', '10']),
    ]),
    command('XLEN', 2, key),
    command('XRANGE', 4, (draw) => [...key(draw), ...range(draw)], { options: { COUNT: count } }),
    command('XREVRANGE', 4, (draw) => [...key(draw), ...range(draw).reverse()], {
      options: { COUNT: count },
    }),
    command('XDEL', 4, (draw) => [...key(draw), ...ids(draw)]),
    command('XTRIM', 3, (draw) => [...key(draw), ...trim(draw)], {
      words: ['MAXLEN', 'MINID', 'LIMIT'],
    }),
    lastId,
    command(
      'XREAD',
      3,
      (draw) => [...options(draw), ...streams(draw, () => (draw.chance(0.1) ? '$' : id(draw)))],
      { words: ['COUNT', 'STREAMS'] },
    ),
    newGroup,
    renewed,
    command('XGROUP|CREATECONSUMER', 1, (draw) => [...key(draw), group(draw), consumer(draw)], {
      intact: true,
    }),
    command(
      'XGROUP|SETID',
      2,
      (draw) => [...key(draw), group(draw), draw.chance(0.3) ? '$' : id(draw)],
      {
        options: { ENTRIESREAD: (draw) => [String(draw.integer(-2, 12))] },
      },
    ),
    command('XGROUP|DESTROY', 1, (draw) => [...key(draw), group(draw)]),
    command('XREADGROUP', 8, groupRead, {
      words: ['GROUP', 'COUNT', 'NOACK', 'STREAMS'],
      intact: true,
    }),
    command('XACK', 3, (draw) => [...key(draw), group(draw), ...ids(draw)]),
    command('XPENDING', 4, pending, { rule: withoutIdleTimes, words: ['IDLE'] }),
    command(
      'XCLAIM',
      4,
      (draw) => [...key(draw), group(draw), consumer(draw), minIdle(draw), ...ids(draw)],
      {
        options: claims,
        intact: true,
      },
    ),
    command(
      'XAUTOCLAIM',
      3,
      (draw) => [...key(draw), group(draw), consumer(draw), minIdle(draw), bound(draw, '-')],
      {
        options: { COUNT: (draw) => [draw.pick(['1', '2', '0', '-1', 'x', '100'])], JUSTID: none },
        intact: true,
      },
    ),
    command('XINFO|STREAM', 3, key, {
      rule: streamFacts,
      options: { FULL: none },
    }),
    command('XINFO|GROUPS', 3, key, { rule: streamFacts }),
    command('XINFO|CONSUMERS', 1, (draw) => [...key(draw), group(draw)], { rule: streamFacts }),
  ],
};
