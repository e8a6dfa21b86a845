/**
 * The commands of a history: those that the differential test draws for the types of data, transactions among them, and a few
 * whose deadlines come while the history runs.
 */
import type { Draw } from '../../../test/differential/draw.ts';
import { families } from '../../../test/differential/families.ts';
import { exchange, type Family } from '../../../test/differential/family.ts';

const usedFamilies = [
  'strings',
  'hashes',
  'sets',
  'bitmaps',
  'hyperloglog',
  'sorted-sets',
  'geo',
  'lists',
  'keys',
  'sort',
  'streams',
  'transactions',
];

/** These change how a HyperLogLog is kept, which can be seen in its bytes, and are no writes. */
const untold = /^(pfcount|pfdebug|config)$/i;

const soonMs = (draw: Draw) => String(draw.integer(1, 3000));

const shortLives: Family = {
  name: 'short-lives',
  weight: 8,
  generators: [
    {
      name: 'PEXPIRE',
      weight: 1,
      options: [],
      draw: (draw) => [exchange(['PEXPIRE', draw.key(), soonMs(draw)])],
    },
    {
      name: 'SET',
      weight: 1,
      options: [],
      draw: (draw) => [exchange(['SET', draw.key(), draw.value(), 'PX', soonMs(draw)])],
    },
    {
      name: 'HPEXPIRE',
      weight: 1,
      options: [],
      draw: (draw) => {
        const key = draw.key();
        return [
          exchange(['HSET', key, 'f', draw.value(), 'g', draw.value()]),
          exchange(['HPEXPIRE', key, soonMs(draw), 'FIELDS', '1', draw.pick(['f', 'g'])]),
        ];
      },
    },
    {
      name: 'SELECT',
      weight: 0.3,
      options: [],
      draw: (draw) => [exchange(['SELECT', draw.pick(['0', '0', '1', '2'])])],
    },
  ],
};

/** The histories' families: all that are named above, so that a new name there is not overlooked. */
const drawn: readonly Family[] = [
  shortLives,
  ...usedFamilies.map((name) => {
    const family = families.find((each) => each.name === name);
    if (family === undefined) throw new Error(`there is no family ${name}`);
    // Half a transaction is what a crash likes to leave.
    return name === 'transactions' ? { ...family, weight: 8 } : family;
  }),
];

/** Draws the commands of one step. */
export function drawCommands(draw: Draw): Buffer[][] {
  const family = draw.pickWeighted(drawn);
  const step = draw.pickWeighted(family.generators).draw(draw);
  return step
    .flatMap((part) => (part.kind === 'exchange' ? [[...part.command]] : []))
    .filter(([name]) => !untold.test(String(name)));
}
