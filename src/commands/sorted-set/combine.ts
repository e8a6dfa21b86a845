/** What several sorted sets have in common, have together, and have without others: replied, counted or stored. */
import { Slice } from '#memory/slice.ts';
import { ScoredMembers } from '#types/scored-members.ts';
import { Member } from '#types/set-member.ts';
import {
  countIntersection,
  intersect,
  storeMembers,
  subtract,
  unite,
} from '#types/sorted-set-algebra.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { bytes, counted, flag, integer, key, option } from '../grammar.ts';
import { writeMember } from '../set/member-reply.ts';
import { CombineArguments, type CombineForm } from './combine-arguments.ts';
import { sortedSetLimits } from './limits.ts';
import { beginPairs, nestsPairs } from './range-reply.ts';

type Operation = 'union' | 'inter' | 'diff';

const args = new CombineArguments();
const found = new ScoredMembers();
const gathered = new ScoredMembers();
const member = new Member();
const name = new Slice();

const keys = counted('numkeys', key('key', 'RO', 'access'));
const destination = key('destination', 'OW', 'update');
const weighing = {
  weights: option('WEIGHTS', bytes('weight', 'double')),
  aggregate: option('AGGREGATE', bytes('aggregate')),
};
const withScores = flag('WITHSCORES');
const countHistory = [['8.8.0', 'Added the `COUNT` aggregate option.']] as const;

const zUnion = command({
  name: 'zunion',
  since: '6.2.0',
  group: 'sorted-set',
  complexity:
    'O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.',
  summary: 'Returns the union of multiple sorted sets.',
  flags: ['readonly'],
  rest: keys,
  options: { ...weighing, withScores },
  manual: true,
  reply: ['array'],
  history: countHistory,
  run: (context) => replyCombined(context, 'union'),
});

const zInter = command({
  name: 'zinter',
  since: '6.2.0',
  group: 'sorted-set',
  complexity:
    'O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.',
  summary: 'Returns the intersect of multiple sorted sets.',
  flags: ['readonly'],
  rest: keys,
  options: { ...weighing, withScores },
  manual: true,
  reply: ['array'],
  history: countHistory,
  run: (context) => replyCombined(context, 'inter'),
});

const zDiff = command({
  name: 'zdiff',
  since: '6.2.0',
  group: 'sorted-set',
  complexity:
    'O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.',
  summary: 'Returns the difference between multiple sorted sets.',
  flags: ['readonly'],
  rest: keys,
  options: { withScores },
  manual: true,
  reply: ['array'],
  run: (context) => replyCombined(context, 'diff'),
});

const zUnionStore = command({
  name: 'zunionstore',
  since: '2.0.0',
  group: 'sorted-set',
  complexity:
    'O(N)+O(M log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.',
  summary: 'Stores the union of multiple sorted sets in a key.',
  flags: ['write', 'denyoom'],
  args: [destination],
  rest: keys,
  options: weighing,
  manual: true,
  reply: ['integer'],
  history: countHistory,
  run: (context) => storeCombined(context, 'union'),
});

const zInterStore = command({
  name: 'zinterstore',
  since: '2.0.0',
  group: 'sorted-set',
  complexity:
    'O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.',
  summary: 'Stores the intersect of multiple sorted sets in a key.',
  flags: ['write', 'denyoom'],
  args: [destination],
  rest: keys,
  options: weighing,
  manual: true,
  reply: ['integer'],
  history: countHistory,
  run: (context) => storeCombined(context, 'inter'),
});

const zDiffStore = command({
  name: 'zdiffstore',
  since: '6.2.0',
  group: 'sorted-set',
  complexity:
    'O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.',
  summary: 'Stores the difference of multiple sorted sets in a key.',
  flags: ['write', 'denyoom'],
  args: [destination],
  rest: keys,
  manual: true,
  reply: ['integer'],
  run: (context) => storeCombined(context, 'diff'),
});

const zInterCard = command({
  name: 'zintercard',
  since: '7.0.0',
  group: 'sorted-set',
  complexity:
    'O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.',
  summary: 'Returns the number of members of the intersect of multiple sorted sets.',
  flags: ['readonly'],
  rest: keys,
  options: { limit: option('LIMIT', integer('limit')) },
  manual: true,
  reply: ['integer'],
  run(context) {
    const form = { command: 'zintercard', weighs: false, replies: false, limits: true };
    const problem = args.parse(context, 1, form);
    if (problem !== undefined) return context.reply.error(problem);
    context.reply.integer(countIntersection(args.sources.list, args.limit));
  },
});

function formOf(operation: Operation, stores: boolean): CombineForm {
  return {
    command: stores ? `z${operation}store` : `z${operation}`,
    weighs: operation !== 'diff',
    replies: !stores,
    limits: false,
  };
}

/** Lets `found` have what the operation makes of the sources. */
function combine({ keyspace }: Context, operation: Operation): void {
  const { sources, aggregate } = args;
  found.clear(keyspace.seed);
  if (operation === 'union') unite(sources.list, aggregate, found);
  else if (operation === 'inter') intersect(sources.list, aggregate, found);
  else subtract(sources.list, gathered.clear(keyspace.seed), found);
}

function replyCombined(context: Context, operation: Operation): void {
  const { reply } = context;
  const problem = args.parse(context, 1, formOf(operation, false));
  if (problem !== undefined) return reply.error(problem);
  combine(context, operation);
  const areNested = nestsPairs(context);
  if (args.withScores) beginPairs(reply, found.length, areNested);
  else reply.array(found.length);
  for (const index of found.inOrder()) {
    if (args.withScores && areNested) reply.array(2);
    found.members.read(index, member);
    writeMember(reply, member);
    if (args.withScores) reply.double(found.scoreAt(index));
  }
}

function storeCombined(context: Context, operation: Operation): void {
  const { database, reply, request, services } = context;
  const form = formOf(operation, true);
  const problem = args.parse(context, 2, form);
  if (problem !== undefined) return reply.error(problem);
  combine(context, operation);
  const target = database.write(request.into(1, name));
  reply.integer(storeMembers(found, target, form.command, sortedSetLimits(services)));
}

export const sortedSetCombineCommands = [
  zUnion,
  zInter,
  zDiff,
  zUnionStore,
  zInterStore,
  zDiffStore,
  zInterCard,
];
