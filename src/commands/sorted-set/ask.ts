/** What a sorted set knows of its members. */
import { Slice } from '#memory/slice.ts';
import { Member } from '#types/set-member.ts';
import { isNoSortedSet } from '#types/sorted-set-view.ts';
import { countOf, rankOf, scoreOf } from '#types/sorted-sets.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { bytes, flag, key, repeat } from '../grammar.ts';
import type { Reply } from '../reply.ts';

const argument = new Slice();
const member = new Member();

const zCard = command({
  name: 'zcard',
  since: '1.2.0',
  group: 'sorted-set',
  complexity: 'O(1)',
  summary: 'Returns the number of members in a sorted set.',
  flags: ['readonly', 'fast'],
  args: [key('key', 'RO')],
  reply: ['integer'],
  run({ database, reply }, key) {
    const cursor = database.read(key);
    if (isNoSortedSet(cursor)) return reply.error(errors.wrongType);
    reply.integer(countOf(cursor));
  },
});

const zScore = command({
  name: 'zscore',
  since: '1.2.0',
  group: 'sorted-set',
  complexity: 'O(1)',
  summary: 'Returns the score of a member in a sorted set.',
  flags: ['readonly', 'fast'],
  args: [key('key', 'RO', 'access'), bytes('member')],
  reply: ['double', 'nil'],
  run({ database, reply }, key, name) {
    const cursor = database.read(key);
    if (isNoSortedSet(cursor)) return reply.error(errors.wrongType);
    writeScore(reply, scoreOf(cursor, member.ofArgument(name)));
  },
});

const zMScore = command({
  name: 'zmscore',
  since: '6.2.0',
  group: 'sorted-set',
  complexity: 'O(N) where N is the number of members being requested.',
  constantWords: 12,
  summary: 'Returns the score of one or more members in a sorted set.',
  flags: ['readonly', 'fast'],
  args: [key('key', 'RO', 'access')],
  rest: repeat(bytes('member')),
  reply: ['array'],
  run({ database, reply }, key, members) {
    const cursor = database.read(key);
    if (isNoSortedSet(cursor)) return reply.error(errors.wrongType);
    reply.array(members.length);
    for (let i = 0; i < members.length; i++) {
      writeScore(reply, scoreOf(cursor, member.ofArgument(members.into(i, 0, argument))));
    }
  },
});

const zRank = command({
  name: 'zrank',
  since: '2.0.0',
  group: 'sorted-set',
  complexity: 'O(log(N))',
  constantWords: 3,
  summary: 'Returns the index of a member in a sorted set ordered by ascending scores.',
  flags: ['readonly', 'fast'],
  args: [key('key', 'RO', 'access'), bytes('member')],
  options: { withScore: flag('WITHSCORE') },
  wordCounts: [3, 4],
  reply: ['integer', 'array', 'nil'],
  history: [['7.2.0', 'Added the optional `WITHSCORE` argument.']],
  run: (context, key, name, { withScore }) => writeRank(context, key, name, false, withScore),
});

const zRevRank = command({
  name: 'zrevrank',
  since: '2.0.0',
  group: 'sorted-set',
  complexity: 'O(log(N))',
  constantWords: 3,
  summary: 'Returns the index of a member in a sorted set ordered by descending scores.',
  flags: ['readonly', 'fast'],
  args: [key('key', 'RO', 'access'), bytes('member')],
  options: { withScore: flag('WITHSCORE') },
  wordCounts: [3, 4],
  reply: ['integer', 'array', 'nil'],
  history: [['7.2.0', 'Added the optional `WITHSCORE` argument.']],
  run: (context, key, name, { withScore }) => writeRank(context, key, name, true, withScore),
});

function writeScore(reply: Reply, score: number | undefined): void {
  if (score === undefined) reply.nil();
  else reply.double(score);
}

function writeRank(
  { database, reply }: Context,
  key: Slice,
  name: Slice,
  fromEnd: boolean,
  withScore: boolean,
): void {
  const cursor = database.read(key);
  if (isNoSortedSet(cursor)) return reply.error(errors.wrongType);
  const rank = rankOf(cursor, member.ofArgument(name));
  if (rank < 0) {
    if (withScore) reply.nilArray();
    else reply.nil();
    return;
  }
  if (withScore) reply.array(2);
  reply.integer(fromEnd ? countOf(cursor) - 1 - rank : rank);
  if (withScore) writeScore(reply, scoreOf(cursor, member));
}

export const sortedSetAskCommands = [zCard, zScore, zMScore, zRank, zRevRank];
