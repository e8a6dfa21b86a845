/** Commands that redis-server 7.0 does not know, and what the differential test leaves out for having no one answer. */

import type { Draw } from '../differential/draw.ts';
import { command, exchange, type Family } from '../differential/family.ts';
import type { Argument } from '../kit/resp-client.ts';

const stream = (draw: Draw): Argument => draw.pick(['s', 's', 's', 'a']);
const hash = (draw: Draw): Argument => draw.pick(['{t}x', '{t}y', 'h']);
const set = (draw: Draw): Argument => draw.pick(['hallo', 'key:1', 'm']);
const field = (draw: Draw): Argument => draw.pick(['f', 'g', '', 'x\0y']);
const fields = (draw: Draw): Argument[] => ['FIELDS', '2', field(draw), draw.pick(['i', 'j'])];
const pairs = (draw: Draw): Argument[] => ['f', String(draw.integer(0, 3)), 'g', 'v'];
const time = (draw: Draw): Argument[] =>
  draw.pick([
    ['EX', draw.seconds()],
    ['PX', draw.milliseconds()],
    ['PXAT', draw.unixMilliseconds()],
  ]);
const group = (draw: Draw): Argument => draw.pick(['g1', 'g1', 'g1', '']);
const id = (draw: Draw): Argument => `${draw.integer(1, 5)}-${draw.integer(0, 9) === 0 ? 0 : 1}`;
const ids = (draw: Draw): Argument[] => ['IDS', '3', id(draw), id(draw), id(draw)];
const policy = (draw: Draw): Argument[] => draw.pick([[], ['KEEPREF'], ['DELREF'], ['ACKED']]);
const trim = (draw: Draw): Argument[] => [
  draw.pick(['MAXLEN', 'MAXLEN', 'MINID']),
  draw.pick(['~', '=']),
  String(draw.integer(1, 20)),
];
const producer = (draw: Draw): Argument[] =>
  draw.pick([
    ['IDMP', 'p', draw.pick(['1', '2', '3'])],
    ['IDMPAUTO', 'q'],
  ]);

export const newer: Family = {
  name: 'newer',
  weight: 1,
  generators: [
    {
      name: 'XREADGROUP',
      weight: 4,
      options: [],
      draw: (draw) => [
        exchange(['DEL', 's']),
        exchange(['XGROUP', 'CREATE', 's', 'g1', '0', 'MKSTREAM']),
        ...[1, 2, 3, 4].map((ms) => exchange(['XADD', 's', `${ms}-1`, 'f', 'v'])),
        exchange(['XREADGROUP', 'GROUP', 'g1', 'c1', 'COUNT', '3', 'STREAMS', 's', '>']),
        ...(draw.chance(0.5)
          ? []
          : [exchange(['XDEL', 's', '1-1']), exchange(['XAUTOCLAIM', 's', 'g1', 'c2', '0', '0'])]),
      ],
    },
    command('XDEL', 2, (draw) => [stream(draw), id(draw), id(draw)]),
    command('XADD', 3, (draw) => [
      stream(draw),
      ...draw.maybe(0.3, () => trim(draw)),
      ...policy(draw),
      '*',
      ...pairs(draw),
    ]),
    command('XADD', 2, (draw) => [
      stream(draw),
      ...producer(draw),
      ...draw.maybe(0.3, () => trim(draw)),
      '*',
      ...pairs(draw),
    ]),
    command('XTRIM', 1, (draw) => [stream(draw), ...trim(draw), ...policy(draw)]),
    command('XCFGSET', 0.3, (draw) => [
      stream(draw),
      'IDMP-DURATION',
      '86400',
      'IDMP-MAXSIZE',
      draw.pick(['1', '2', '100']),
    ]),
    command('XDELEX', 1, (draw) => [stream(draw), ...policy(draw), ...ids(draw)]),
    command('XACKDEL', 1, (draw) => [stream(draw), group(draw), ...policy(draw), ...ids(draw)]),
    command('XNACK', 1, (draw) => [
      stream(draw),
      group(draw),
      draw.pick(['SILENT', 'FAIL', 'FATAL']),
      ...ids(draw),
      ...draw.maybe(0.3, () => ['FORCE']),
    ]),
    command('XREADGROUP', 2, (draw) => [
      'GROUP',
      group(draw),
      draw.pick(['c1', 'c2']),
      'CLAIM',
      draw.pick(['0', '20']),
      'STREAMS',
      stream(draw),
      '>',
    ]),
    command('XREADGROUP', 2, (draw) => [
      'GROUP',
      group(draw),
      draw.pick(['c1', 'new']),
      ...draw.maybe(0.3, () => ['NOACK']),
      'STREAMS',
      stream(draw),
      draw.pick(['>', '>', '0']),
    ]),
    command('XAUTOCLAIM', 2, (draw) => [
      stream(draw),
      group(draw),
      'c2',
      draw.pick(['0', '5', '20']),
      '0',
      ...draw.maybe(0.3, () => ['JUSTID']),
    ]),
    command('XCLAIM', 2, (draw) => [
      stream(draw),
      group(draw),
      'c1',
      draw.pick(['0', '5', '20']),
      id(draw),
      id(draw),
      ...draw.maybe(0.3, () => ['IDLE', '10']),
    ]),
    command('XGROUP', 2, (draw) => [
      'CREATE',
      stream(draw),
      group(draw),
      draw.pick(['0', '$']),
      'MKSTREAM',
    ]),
    command('SPOP', 2, (draw) => [
      set(draw),
      ...draw.maybe(0.5, () => [String(draw.integer(0, 4))]),
    ]),
    command('SADD', 2, (draw) => [set(draw), ...draw.times(1, 30, () => [draw.integerText()])]),
    command('SADD', 1, (draw) => [set(draw), ...draw.times(1, 30, () => [draw.value()])]),
    command('SORT', 1, (draw) => [set(draw), 'BY', 'nosort', 'STORE', draw.key()]),
    command('HSET', 1, (draw) => [hash(draw), ...pairs(draw)]),
    command('HSETEX', 1, (draw) => [
      hash(draw),
      ...draw.maybe(0.3, () => [draw.pick(['FNX', 'FXX'])]),
      ...time(draw),
      'FIELDS',
      '2',
      ...pairs(draw),
    ]),
    command('HGETEX', 1, (draw) => [
      hash(draw),
      ...draw.pick([time(draw), ['PERSIST']]),
      ...fields(draw),
    ]),
    command('HGETDEL', 1, (draw) => [hash(draw), ...fields(draw)]),
    command('HEXPIRE', 1, (draw) => [hash(draw), draw.seconds(), ...fields(draw)]),
    command('HPEXPIREAT', 1, (draw) => [hash(draw), draw.unixMilliseconds(), ...fields(draw)]),
    command('HPERSIST', 1, (draw) => [hash(draw), ...fields(draw)]),
    command('HINCRBYFLOAT', 1, (draw) => [hash(draw), field(draw), draw.floatText()]),
    command('INCREX', 1, (draw) => [
      draw.key(),
      'BYINT',
      draw.integerText(),
      ...draw.maybe(0.5, () => time(draw)),
    ]),
    command('MSETEX', 1, (draw) => [
      '2',
      draw.key(),
      draw.value(),
      draw.key(),
      draw.value(),
      ...time(draw),
    ]),
    command('GETEX', 1, (draw) => [draw.key(), ...time(draw)]),
    command('LMOVEM', 1, (draw) => [draw.key(), draw.key(), 'LEFT', 'RIGHT', 'COUNT', '2', 'OBO']),
    command('DELEX', 1, (draw) => [draw.key(), 'IFEQ', draw.value()]),
    command('RESTORE', 1, (draw) => [draw.key(), draw.milliseconds(), dumped, 'REPLACE']),
    {
      name: 'CONFIG|SET',
      weight: 0.3,
      options: [],
      draw: (draw) => [
        exchange(['CONFIG', 'SET', 'stream-node-max-entries', draw.pick(['2', '5', '100'])]),
      ],
    },
  ],
};

/** The string `v` as DUMP gives it, made when it is needed. */
const dumped = Buffer.from('0001760b0000000000000000', 'hex');
