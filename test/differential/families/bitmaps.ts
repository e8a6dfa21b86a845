/** Bitmap commands up to Redis 7.0. */
import type { Argument } from '../../kit/resp-client.ts';
import type { Draw } from '../draw.ts';
import { command, type Family } from '../family.ts';

const units = ['BYTE', 'BIT'];

/** `[start [end [BYTE | BIT]]]`, whole or cut short. */
function range(draw: Draw, countMin: number): Argument[] {
  const words = [draw.index(), draw.index(), draw.inSomeCase(draw.pick(units))];
  return words.slice(0, draw.integer(countMin, words.length));
}

/** A field type: signed up to 64 bits, unsigned up to 63, rarely one that is refused. */
function fieldType(draw: Draw): string {
  if (draw.chance(0.06)) return draw.pick(['u64', 'i65', 'u0', 'i0', '8', '', 'x8', 'u', 'u-1']);
  if (draw.chance(0.3)) {
    return draw.pick([
      'i64',
      'i63',
      'u63',
      'i54',
      'u54',
      'u53',
      'i33',
      'u32',
      'i1',
      'u1',
      'I8',
      'i08',
    ]);
  }
  return draw.pick(['i', 'u']) + draw.integer(1, 40);
}

/** A value to set or add: often one about the limit of some width. */
function fieldValue(draw: Draw): string {
  if (draw.chance(0.4)) return draw.integerOrNot();
  const limit = 2n ** BigInt(draw.integer(0, 63)) + BigInt(draw.integer(-2, 1));
  return String(draw.chance(0.5) ? limit : -limit);
}

/** A field's place: a bit offset, or with # a multiple of its width. */
function fieldOffset(draw: Draw): string {
  if (draw.chance(0.03)) return draw.pick(['#', '##1', '#-1', '# 1', '#01', '#4294967296']);
  return draw.chance(0.3) ? `#${draw.integer(0, 20)}` : draw.bitOffset();
}

function get(draw: Draw): Argument[] {
  return [draw.inSomeCase('GET'), fieldType(draw), fieldOffset(draw)];
}

function fieldOperation(draw: Draw): Argument[] {
  const kind = draw.integer(0, 3);
  if (kind === 0) return get(draw);
  if (kind === 3) {
    const behaviour = draw.chance(0.05)
      ? draw.pick(['ROUND', '', 'WRA'])
      : draw.pick(['WRAP', 'SAT', 'FAIL']);
    return [draw.inSomeCase('OVERFLOW'), draw.inSomeCase(behaviour)];
  }
  const verb = draw.inSomeCase(kind === 1 ? 'SET' : 'INCRBY');
  return [verb, fieldType(draw), fieldOffset(draw), fieldValue(draw)];
}

export const bitmaps: Family = {
  name: 'bitmaps',
  weight: 5,
  generators: [
    command('SETBIT', 5, (draw) => [
      draw.key(),
      draw.bitOffset(),
      draw.chance(0.05) ? draw.pick(['2', '-1', 'x', '', '01', '1 ']) : draw.pick(['0', '1', '1']),
    ]),
    command('GETBIT', 3, (draw) => [draw.key(), draw.bitOffset()]),
    command('BITCOUNT', 4, (draw) => [draw.key(), ...draw.maybe(0.7, () => range(draw, 2))], {
      words: units,
    }),
    command(
      'BITPOS',
      4,
      (draw) => [
        draw.key(),
        draw.chance(0.05) ? draw.pick(['2', '-1', 'x']) : draw.pick(['0', '1']),
        ...range(draw, 0),
      ],
      { words: units },
    ),
    command(
      'BITOP',
      4,
      (draw) => {
        const operation = draw.pick(['AND', 'OR', 'XOR', 'NOT']);
        const sources = operation === 'NOT' && draw.chance(0.9) ? 1 : 3;
        return [draw.inSomeCase(operation), draw.key(), ...draw.keys(1, sources)];
      },
      { words: ['AND', 'OR', 'XOR', 'NOT'] },
    ),
    command(
      'BITFIELD',
      6,
      (draw) => [draw.key(), ...draw.times(0, 5, () => fieldOperation(draw))],
      { words: ['GET', 'SET', 'INCRBY', 'OVERFLOW', 'WRAP', 'SAT', 'FAIL'] },
    ),
    command(
      'BITFIELD_RO',
      2,
      (draw) => [
        draw.key(),
        ...draw.times(0, 3, () => (draw.chance(0.9) ? get(draw) : fieldOperation(draw))),
      ],
      { words: ['GET'] },
    ),
  ],
};
