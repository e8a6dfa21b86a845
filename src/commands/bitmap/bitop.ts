/** Combining strings bit by bit. */
import { Slice } from '#memory/slice.ts';
import { type BitOperation, BitSources, combine, setsFirstApart } from '#types/bitmaps-combine.ts';
import { isOtherType } from '#types/strings.ts';
import { command } from '../command.ts';
import { bitopFewSources, errors } from '../errors.ts';
import { bytes, key, repeat } from '../grammar.ts';
import { isWord } from './arguments.ts';

const source = new Slice();
const sources = new BitSources();

const bitOp = command({
  name: 'bitop',
  since: '2.6.0',
  group: 'bitmap',
  complexity: 'O(N)',
  summary: 'Performs bitwise operations on multiple strings, and stores the result.',
  flags: ['write', 'denyoom'],
  args: [bytes('operation'), key('destkey', 'OW', 'update')],
  rest: repeat(key('key', 'RO', 'access')),
  reply: ['integer'],
  history: [['8.2.0', 'Added the `DIFF`, `DIFF1`, `ANDOR`, and `ONE` operations.']],
  run({ database, reply }, word, destination, keys) {
    const operation = operationOf(word);
    if (operation === undefined) return reply.error(errors.syntax);
    if (operation === 'not' && keys.length !== 1) return reply.error(errors.bitopNotSources);
    if (setsFirstApart(operation) && keys.length < 2) {
      return reply.error(bitopFewSources(operation.toUpperCase()));
    }
    try {
      for (let i = 0; i < keys.length; i++) {
        const cursor = database.read(keys.into(i, 0, source));
        if (isOtherType(cursor)) return reply.error(errors.wrongType);
        sources.add(cursor);
      }
      reply.integer(combine(operation, sources, database.write(destination)));
    } finally {
      // They hold on to arenas, which a flush drops whole.
      sources.clear();
    }
  },
});

const operations: readonly (readonly [word: Buffer, operation: BitOperation])[] = (
  ['and', 'or', 'xor', 'not', 'diff', 'diff1', 'andor', 'one'] as const
).map((operation) => [Buffer.from(operation), operation]);

function operationOf(word: Slice): BitOperation | undefined {
  for (const [name, operation] of operations) if (isWord(word, name)) return operation;
  return undefined;
}

export const bitopCommands = [bitOp];
