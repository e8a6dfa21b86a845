/** Fields by chance. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { countFields } from '#types/hashes.ts';
import { type Field, isNoHash } from '#types/hashes-form.ts';
import { drawFields, sampleFields } from '#types/hashes-walk.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { checkSign, errors } from '../errors.ts';
import { int64, key, optional, word } from '../grammar.ts';

/** The most fields that one command draws one by one: no reply may need more memory than there is. */
const drawsMax = 2 ** 24;
/** Of the least int64 there is no positive counterpart. */
/** Redis doubles the count, in an int64, where values are wanted too. */
const countWithValuesMax = 2n ** 62n - 1n;

const hRandField = command({
  name: 'hrandfield',
  since: '6.2.0',
  group: 'hash',
  complexity: 'O(N) where N is the number of fields returned',
  constantWords: 2,
  summary: 'Returns one or more random fields from a hash.',
  flags: ['readonly'],
  tips: ['nondeterministic_output'],
  args: [
    key('key', 'RO', 'access'),
    optional(int64('count', undefined, checkSign)),
    optional(word('withvalues', 'WITHVALUES')),
  ],
  unknownOption: () => errors.syntax,
  readsOptionsInOrder: true,
  reply: ['bulk', 'nil', 'array'],
  run(context, key, count, withValues) {
    const { database, reply } = context;
    if (withValues !== undefined && isBeyond(count ?? 0)) return reply.error(errors.tooManyDraws);
    const cursor = database.read(key);
    if (isNoHash(cursor)) return reply.error(errors.wrongType);
    if (count !== undefined)
      return replySome(context, cursor, Number(count), withValues !== undefined);
    if (!cursor.exists) return reply.nil();
    drawFields(cursor, 1, (field) => writeName(context, cursor, field));
  },
});

function isBeyond(count: number | bigint): boolean {
  return count > countWithValuesMax || count < -countWithValuesMax;
}

function replySome(context: Context, cursor: KeyCursor, count: number, withValues: boolean): void {
  const { reply } = context;
  const size = countFields(cursor);
  const wanted = size === 0 ? 0 : count;
  if (-wanted > drawsMax) return reply.error(errors.tooManyDraws);
  const length = Math.min(Math.abs(wanted), wanted < 0 ? drawsMax : size);
  // RESP3 pairs what RESP2 strings together.
  const pairs = withValues && reply.protocol === 3;
  reply.array(withValues && !pairs ? length * 2 : length);
  if (length === 0) return;
  const visit = (field: Field) => {
    if (pairs) reply.array(2);
    writeName(context, cursor, field);
    if (withValues) reply.stored(cursor.arena, field.valueAt, field.valueLength);
  };
  if (wanted < 0) drawFields(cursor, length, visit);
  else sampleFields(cursor, length, visit);
}

function writeName({ reply }: Context, { arena }: KeyCursor, field: Field): void {
  reply.stored(arena, field.fieldAt, field.fieldLength);
}

export const hashRandomCommands = [hRandField];
