/** Counting and removing the members in a part of a sorted set, and removing some by name. */
import { Slice } from '#memory/slice.ts';
import { Member } from '#types/set-member.ts';
import { RankRange } from '#types/sorted-set-bounds.ts';
import { isNoSortedSet } from '#types/sorted-set-view.ts';
import { removeMember, removeRanks } from '#types/sorted-sets.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { bytes, key, repeat } from '../grammar.ts';
import { RangeArguments, type RangeKind } from './range-arguments.ts';

const args = new RangeArguments();
const range = new RankRange();
const argument = new Slice();
const member = new Member();

const zCount = command({
  name: 'zcount',
  since: '2.0.0',
  group: 'sorted-set',
  complexity: 'O(log(N)) with N being the number of elements in the sorted set.',
  constantWords: 4,
  summary: 'Returns the count of members in a sorted set that have scores within a range.',
  flags: ['readonly', 'fast'],
  args: [key('key', 'RO', 'access'), bytes('min', 'double'), bytes('max', 'double')],
  reply: ['integer'],
  run: (context, key) => count(context, key, 'score'),
});

const zLexCount = command({
  name: 'zlexcount',
  since: '2.8.9',
  group: 'sorted-set',
  complexity: 'O(log(N)) with N being the number of elements in the sorted set.',
  constantWords: 4,
  summary: 'Returns the number of members in a sorted set within a lexicographical range.',
  flags: ['readonly', 'fast'],
  args: [key('key', 'RO', 'access'), bytes('min'), bytes('max')],
  reply: ['integer'],
  run: (context, key) => count(context, key, 'lex'),
});

const zRem = command({
  name: 'zrem',
  since: '1.2.0',
  group: 'sorted-set',
  complexity:
    'O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be removed.',
  constantWords: 3,
  summary:
    'Removes one or more members from a sorted set. Deletes the sorted set if all members were removed.',
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'delete')],
  rest: repeat(bytes('member')),
  reply: ['integer'],
  history: [['2.4.0', 'Accepts multiple elements.']],
  run({ database, reply }, key, members) {
    const cursor = database.write(key);
    if (isNoSortedSet(cursor)) return reply.error(errors.wrongType);
    let removed = 0;
    for (let i = 0; i < members.length; i++) {
      member.ofArgument(members.into(i, 0, argument));
      if (removeMember(cursor, removed === 0 ? 'zrem' : undefined, member)) removed++;
    }
    reply.integer(removed);
  },
});

const zRemRangeByRank = command({
  name: 'zremrangebyrank',
  since: '2.0.0',
  group: 'sorted-set',
  complexity:
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.',
  summary:
    'Removes members in a sorted set within a range of indexes. Deletes the sorted set if all members were removed.',
  flags: ['write'],
  args: [key('key', 'RW', 'delete'), bytes('start', 'integer'), bytes('stop', 'integer')],
  reply: ['integer'],
  run: (context, key) => removeRange(context, key, 'rank'),
});

const zRemRangeByScore = command({
  name: 'zremrangebyscore',
  since: '1.2.0',
  group: 'sorted-set',
  complexity:
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.',
  summary:
    'Removes members in a sorted set within a range of scores. Deletes the sorted set if all members were removed.',
  flags: ['write'],
  args: [key('key', 'RW', 'delete'), bytes('min', 'double'), bytes('max', 'double')],
  reply: ['integer'],
  run: (context, key) => removeRange(context, key, 'score'),
});

const zRemRangeByLex = command({
  name: 'zremrangebylex',
  since: '2.8.9',
  group: 'sorted-set',
  complexity:
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.',
  summary:
    'Removes members in a sorted set within a lexicographical range. Deletes the sorted set if all members were removed.',
  flags: ['write'],
  args: [key('key', 'RW', 'delete'), bytes('min'), bytes('max')],
  reply: ['integer'],
  run: (context, key) => removeRange(context, key, 'lex'),
});

function count({ database, reply, request }: Context, key: Slice, kind: RangeKind): void {
  const problem = args.parseBoundsOf(kind, request, 2);
  if (problem !== undefined) return reply.error(problem);
  const cursor = database.read(key);
  if (isNoSortedSet(cursor)) return reply.error(errors.wrongType);
  reply.integer(args.find(cursor, range).length);
}

function removeRange({ database, reply, request }: Context, key: Slice, kind: RangeKind): void {
  const problem = args.parseBoundsOf(kind, request, 2);
  if (problem !== undefined) return reply.error(problem);
  const cursor = database.write(key);
  if (isNoSortedSet(cursor)) return reply.error(errors.wrongType);
  const { start, end, length } = args.find(cursor, range);
  if (length > 0) removeRanks(cursor, `zremrangeby${kind}`, start, end);
  reply.integer(length);
}

export const sortedSetPartCommands = [
  zCount,
  zLexCount,
  zRem,
  zRemRangeByRank,
  zRemRangeByScore,
  zRemRangeByLex,
];
