/** Walking over a sorted set in steps, and picking members by chance. */
import { Slice } from '#memory/slice.ts';
import { formatDouble } from '#types/double.ts';
import { pickDistinctRanks } from '#types/random-ranks.ts';
import { Member } from '#types/set-member.ts';
import { randomBelow } from '#types/set-view.ts';
import { isNoSortedSet, SortedSetView } from '#types/sorted-set-view.ts';
import { FoundPairs, scanPairs } from '#types/sorted-sets-scan.ts';
import { CollectionScan } from '../collection-scan.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { checkSign, errors } from '../errors.ts';
import { bytes, cursor, flag, int64, integer, key, option, optional } from '../grammar.ts';
import { writeMember } from '../set/member-reply.ts';
import { beginPairs, nestsPairs, writePair } from './range-reply.ts';

const found = new FoundPairs();
const member = new Member();
const name = new Slice();
const scan = new CollectionScan();
const view = new SortedSetView();

/** Redis doubles the count where scores are wanted too. */
const pairsMax = 2 ** 62;

const zScan = command({
  name: 'zscan',
  since: '2.8.0',
  group: 'sorted-set',
  complexity:
    'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.',
  summary: 'Iterates over members and scores of a sorted set.',
  flags: ['readonly'],
  tips: ['nondeterministic_output'],
  args: [key('key', 'RO', 'access'), cursor('cursor')],
  options: {
    match: option('MATCH', bytes('pattern')),
    count: option('COUNT', integer('count')),
  },
  manual: true,
  reply: ['array'],
  run(context) {
    const { database, reply, request } = context;
    const from = scan.takeCursor(request, 2);
    if (from === undefined) return reply.error(errors.invalidCursor);
    const opened = database.read(request.into(1, name));
    if (isNoSortedSet(opened)) return reply.error(errors.wrongType);
    found.clear();
    let next = 0;
    if (opened.exists) {
      const problem = scan.takeOptions(request, 3);
      if (problem !== undefined) return reply.error(problem);
      next = scanPairs(opened, from, scan.count, scan.pattern, found);
    }
    reply.array(2);
    reply.text(String(next));
    reply.array(found.scores.length * 2);
    for (const [index, score] of found.scores.entries()) {
      found.members.read(index, member);
      writeMember(reply, member);
      reply.text(formatDouble(score));
    }
  },
});

const zRandMember = command({
  name: 'zrandmember',
  since: '6.2.0',
  group: 'sorted-set',
  complexity: 'O(N) where N is the number of members returned',
  constantWords: 2,
  summary: 'Returns one or more random members from a sorted set.',
  flags: ['readonly'],
  tips: ['nondeterministic_output'],
  args: [key('key', 'RO', 'access'), optional(int64('count', undefined, checkSign))],
  options: { withScores: flag('WITHSCORES') },
  repeatsOptions: false,
  readsOptionsInOrder: true,
  reply: ['bulk', 'nil', 'array'],
  run(context, key, count, { withScores }) {
    const { database, reply } = context;
    const wanted = count === undefined ? undefined : Number(count);
    if (withScores && wanted !== undefined && Math.abs(wanted) >= pairsMax) {
      return reply.error(errors.tooManyDraws);
    }
    const opened = database.read(key);
    if (isNoSortedSet(opened)) return reply.error(errors.wrongType);
    if (wanted !== undefined) {
      if (!opened.exists || wanted === 0) return reply.array(0);
      view.point(opened);
      writeRandom(context, wanted, withScores);
    } else if (opened.exists) {
      view.point(opened).seek(randomBelow(view.count, context.keyspace.nextRandom));
      writeMember(reply, view.read(member));
    } else reply.nil();
  },
});

/** Writes so many random members, distinct ones, or where the count is negative any. */
function writeRandom(context: Context, count: number, withScores: boolean): void {
  const { reply, keyspace } = context;
  const isNested = nestsPairs(context);
  const size = view.count;
  const length = count < 0 ? -count : Math.min(count, size);
  if (withScores) beginPairs(reply, length, isNested);
  else reply.array(length);
  const write = (rank: number) => {
    view.seek(rank);
    if (withScores) writePair(reply, view, isNested);
    else writeMember(reply, view.read(member));
  };
  if (count > 0) pickDistinctRanks(length, size, keyspace.nextRandom, write);
  else for (let i = 0; i < length; i++) write(randomBelow(size, keyspace.nextRandom));
}

export const sortedSetScanCommands = [zScan, zRandMember];
