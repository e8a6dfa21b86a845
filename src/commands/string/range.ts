/** Parts of a string. */
import type { Slice } from '#memory/slice.ts';
import { append, isOtherType, writeAt } from '#types/strings.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { bytes, integer, key } from '../grammar.ts';

const empty = Buffer.alloc(0);

const appendCommand = command({
  name: 'append',
  since: '2.0.0',
  group: 'string',
  complexity:
    'O(1). The amortized time complexity is O(1) assuming the appended value is small and the already present value is of any size, since the dynamic string library used by Redis will double the free space available on every reallocation.',
  summary: "Appends a string to the value of a key. Creates the key if it doesn't exist.",
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'insert'), bytes('value')],
  reply: ['integer'],
  run(context, key, value) {
    const { database, reply } = context;
    const cursor = database.write(key);
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    const before = cursor.exists ? cursor.valueLength : 0;
    if (isTooLong(context, before + value.length)) return reply.error(errors.stringTooLong);
    reply.integer(append(cursor, value));
  },
});

const setRange = command({
  name: 'setrange',
  since: '2.2.0',
  group: 'string',
  complexity:
    'O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.',
  summary:
    "Overwrites a part of a string value with another by an offset. Creates the key if it doesn't exist.",
  flags: ['write', 'denyoom'],
  args: [key('key', 'RW', 'update'), integer('offset'), bytes('value')],
  reply: ['integer'],
  run(context, key, offset, value) {
    const { database, reply } = context;
    if (offset < 0) return reply.error(errors.offsetOutOfRange);
    const cursor = database.write(key);
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    if (value.length === 0) return reply.integer(cursor.exists ? cursor.valueLength : 0);
    if (isTooLong(context, offset + value.length)) return reply.error(errors.stringTooLong);
    reply.integer(writeAt(cursor, offset, value));
  },
});

const rangeComplexity =
  'O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.';

const getRange = command({
  name: 'getrange',
  since: '2.4.0',
  group: 'string',
  complexity: rangeComplexity,
  summary: 'Returns a substring of the string stored at a key.',
  flags: ['readonly'],
  args: [key('key', 'RO', 'access'), integer('start'), integer('end')],
  reply: ['bulk'],
  run: replyWithRange,
});

const subStr = command({
  name: 'substr',
  since: '1.0.0',
  group: 'string',
  complexity: rangeComplexity,
  summary: 'Returns a substring from a string value.',
  flags: ['readonly'],
  args: [key('key', 'RO', 'access'), integer('start'), integer('end')],
  reply: ['bulk'],
  deprecated: { since: '2.0.0', replacedBy: '`GETRANGE`' },
  run: replyWithRange,
});

/** Answers with the bytes from `start` to `end`, both included; negative ones count from the end of the string. */
function replyWithRange(
  { database, reply }: Context,
  key: Slice,
  start: number,
  end: number,
): void {
  const cursor = database.read(key);
  if (!cursor.exists) return reply.bulk(empty, 0, 0);
  if (isOtherType(cursor)) return reply.error(errors.wrongType);
  const length = cursor.valueLength;
  if (start < 0 && end < 0 && start > end) return reply.bulk(empty, 0, 0);
  const first = Math.max(0, start < 0 ? start + length : start);
  const last = Math.min(length - 1, Math.max(0, end < 0 ? end + length : end));
  if (first > last) return reply.bulk(empty, 0, 0);
  reply.bulk(cursor.bytes, cursor.valueAt + first, last - first + 1);
}

function isTooLong({ services }: Context, length: number): boolean {
  return length > services.config.get('proto-max-bulk-len');
}

export const rangeCommands = [appendCommand, setRange, getRange, subStr];
