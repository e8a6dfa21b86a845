/**
 * Keys that have expired and were not yet noticed: each step gives a key a TTL of 1 ms, lets the server
 * sleep past it, runs a command on it, and looks at it, so that no later count (DBSIZE) depends on
 * whether the server's own cleaning was faster.
 */
import type { Argument } from '../../kit/resp-client.ts';
import type { Draw } from '../draw.ts';
import { type CommandGenerator, exchange, type Family, type Step } from '../family.ts';
import { bitmaps } from './bitmaps.ts';
import { keys } from './keys.ts';
import { strings } from './strings.ts';

/** Keys commands that count keys nobody has noticed to be expired, or take them where they are not looked at. */
const beyondOneKey = new Set(['DBSIZE', 'SWAPDB']);

const users: readonly CommandGenerator[] = [
  ...strings.generators,
  ...bitmaps.generators,
  ...keys.generators.filter(({ name }) => !beyondOneKey.has(name)),
];

/** Gives the key a value and a TTL of 1 ms, in one of the ways there are. */
function expireSoon(draw: Draw, key: Argument): Argument[][] {
  const set = ['SET', key, draw.value()];
  switch (draw.integer(0, 3)) {
    case 0:
      return [[...set, 'PX', '1']];
    case 1:
      return [['PSETEX', key, '1', draw.value()]];
    case 2:
      return [set, ['PEXPIRE', key, '1']];
    default:
      return [set, ['GETEX', key, 'PX', '1']];
  }
}

function draw(draw: Draw): Step {
  const key = draw.key();
  const user = draw.withKey(key, () => draw.pickWeighted(users).draw(draw));
  return [
    ...expireSoon(draw, key).map((command) => exchange(command)),
    exchange(['DEBUG', 'SLEEP', '0.003']),
    ...user,
    exchange(['EXISTS', key]),
  ];
}

export const expiry: Family = {
  name: 'expiry',
  weight: 0.3,
  generators: [{ name: 'DEBUG|SLEEP', weight: 1, options: [], draw }],
};
