/** The typed calls for the bits of strings, and for HyperLogLogs. */
import { BitOperation, type BitRange } from '#proto/zippy/v1/bits.ts';
import type { Argument } from '../../local/request-writer.ts';
import type { CallsOf } from './call.ts';
import { flag, integer, nothing } from './decode.ts';
import { oneOf } from './words.ts';

const operations = {
  [BitOperation.AND]: 'AND',
  [BitOperation.OR]: 'OR',
  [BitOperation.XOR]: 'XOR',
  [BitOperation.NOT]: 'NOT',
};

export const bitCalls = {
  getBit: {
    words: ({ key, offset }) => ['GETBIT', key, offset],
    response: (reply) => ({ bit: flag(reply) }),
  },
  setBit: {
    words: ({ key, offset, bit }) => ['SETBIT', key, offset, Number(bit)],
    response: (reply) => ({ previous: flag(reply) }),
  },
  bitCount: {
    words: ({ key, range }) => ['BITCOUNT', key, ...rangeWords(range)],
    response: (reply) => ({ count: integer(reply) }),
  },
  bitPos: {
    words: ({ key, bit, range }) => ['BITPOS', key, Number(bit), ...rangeWords(range)],
    response: (reply) => ({ position: integer(reply) }),
  },
  bitOp: {
    words: ({ operation, destination, keys }) => [
      'BITOP',
      oneOf('operation', operation, operations),
      destination,
      ...keys,
    ],
    response: (reply) => ({ length: integer(reply) }),
  },
  pfAdd: {
    words: ({ key, elements }) => ['PFADD', key, ...elements],
    response: (reply) => ({ changed: flag(reply) }),
  },
  pfCount: {
    words: ({ keys }) => ['PFCOUNT', ...keys],
    response: (reply) => ({ count: integer(reply) }),
  },
  pfMerge: {
    words: ({ destination, keys }) => ['PFMERGE', destination, ...keys],
    response: nothing,
  },
} satisfies CallsOf<
  'getBit' | 'setBit' | 'bitCount' | 'bitPos' | 'bitOp' | 'pfAdd' | 'pfCount' | 'pfMerge'
>;

function rangeWords(range: BitRange | undefined): readonly Argument[] {
  return range === undefined ? [] : [range.start, range.end, range.bits ? 'BIT' : 'BYTE'];
}
