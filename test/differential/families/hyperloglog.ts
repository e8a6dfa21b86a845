/**
 * HyperLogLog commands. Most steps end with GET, so that the representations are compared byte by byte; many plant one that
 * a client made up or damaged.
 */
import type { Argument } from '../../kit/resp-client.ts';
import type { Draw } from '../draw.ts';
import { type CommandGenerator, command, exchange, type Family, type Step } from '../family.ts';

/** An element of a value, 38, that only a dense HyperLogLog holds. */
const rare = Buffer.from([49, 95, 221, 15]);

/** Elements, from few enough to meet again to many enough to make a HyperLogLog dense. */
function elements(draw: Draw, countMin: number): Argument[] {
  const kind = draw.integer(0, 9);
  if (draw.chance(0.03)) return [rare];
  if (kind <= 5) return draw.times(countMin, 4, () => [draw.value()]);
  const countMax = kind === 9 && draw.chance(0.3) ? 2_500 : 60;
  return draw.times(countMin, countMax, () => [String(draw.integer(0, 1e6))]);
}

/** A few steps of one key, and then its bytes. */
function seen(name: string, weight: number, words: (draw: Draw) => Argument[]): CommandGenerator {
  return {
    name,
    weight,
    options: [],
    draw: (draw) => {
      const key = draw.key();
      return draw.withKey(key, () => [
        exchange([draw.inSomeCase(name), key, ...words(draw)]),
        exchange(['GET', key]),
      ]);
    },
  };
}

/** A run of registers: zeros, many zeros, or up to four of a value. */
function run(draw: Draw): { bytes: number[]; length: number } {
  const kind = draw.integer(0, 3);
  if (kind === 0) {
    const length = draw.integer(1, 64);
    return { bytes: [length - 1], length };
  }
  if (kind === 1) {
    const length = draw.integer(1, draw.chance(0.5) ? 100 : 6_000);
    return { bytes: [0x40 | ((length - 1) >> 8), (length - 1) & 255], length };
  }
  const length = draw.integer(1, 4);
  // Few values, so that neighbours are equal now and then.
  const value = draw.chance(0.8) ? draw.integer(1, 3) : draw.integer(1, 32);
  return { bytes: [0x80 | ((value - 1) << 2) | (length - 1)], length };
}

/**
 * A sparse representation of any runs, of 16384 registers if it is `sound`. It never ends within a run: the byte that is
 * missing is whatever redis-server has in memory there.
 */
function sparse(draw: Draw, isSound: boolean): number[] {
  const runs: number[] = [];
  let left = 16_384;
  for (let count = draw.integer(0, 200); count > 0 && left > 0; count--) {
    const { bytes, length } = run(draw);
    if (isSound && length > left) continue;
    runs.push(...bytes);
    left -= length;
  }
  if (left > 0 && (isSound || draw.chance(0.7))) {
    runs.push(0x40 | ((left - 1) >> 8), (left - 1) & 255);
  }
  if (!isSound && draw.chance(0.5)) runs.push(...run(draw).bytes);
  return runs;
}

function planted(draw: Draw): Buffer {
  const isSparse = draw.chance(0.8);
  const registers = isSparse ? sparse(draw, draw.chance(0.7)) : dense(draw);
  const cardinality = [draw.integer(0, 255), 0, 0, 0, draw.integer(0, 3), 0, 0, 0];
  cardinality[7] = draw.chance(0.8) ? 0x80 : draw.integer(0, 255);
  const bytes = Buffer.from([
    ...header(draw),
    isSparse ? 1 : 0,
    0,
    0,
    0,
    ...cardinality,
    ...registers,
  ]);
  return draw.chance(0.05) ? bytes.subarray(0, draw.integer(0, 16)) : bytes;
}

function header(draw: Draw): Buffer {
  return Buffer.from(draw.chance(0.97) ? 'HYLL' : 'HYLM');
}

function dense(draw: Draw): Buffer {
  const registers = Buffer.alloc(12_288, draw.pick([0, 0, 0xff, 0x41, 0x34]));
  for (let count = draw.integer(0, 60); count > 0; count--) {
    registers[draw.integer(0, registers.length - 1)] = draw.integer(0, 255);
  }
  return registers;
}

/** Plants a representation, has a few commands work on it, and reads it. */
const plant: CommandGenerator = {
  name: 'SET',
  weight: 4,
  options: [],
  intact: true,
  draw: (draw): Step => {
    const key = draw.key();
    const [set, get] = [exchange(['SET', key, planted(draw)]), exchange(['GET', key])];
    const work = draw.withKey(key, () =>
      Array.from({ length: draw.integer(1, 3) }, () => draw.pickWeighted(commands).draw(draw)),
    );
    return [set, ...work.flat(), get, exchange(['OBJECT', 'ENCODING', key])];
  },
};

const commands: readonly CommandGenerator[] = [
  seen('PFADD', 8, (draw) => elements(draw, 0)),
  seen('PFCOUNT', 3, () => []),
  command('PFCOUNT', 3, (draw) => draw.keys(1, 4)),
  seen('PFMERGE', 4, (draw) => draw.keys(0, 3)),
  command('PFDEBUG', 2, (draw) => [
    draw.inSomeCase(draw.pick(['GETREG', 'DECODE', 'DECODE', 'ENCODING', 'TODENSE', 'NONE'])),
    draw.key(),
  ]),
];

export const hyperLogLog: Family = {
  name: 'hyperloglog',
  weight: 3,
  generators: [
    ...commands,
    plant,
    command('CONFIG|SET', 0.5, (draw) => [
      'hll-sparse-max-bytes',
      draw.pick(['0', '18', '30', '100', '3000', '3000', '16000']),
    ]),
  ],
  reset: [['CONFIG', 'SET', 'hll-sparse-max-bytes', '3000']],
};
