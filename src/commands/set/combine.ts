/** What several sets have in common, have together, and have without others: replied, counted or stored. */
import { Slice } from '#memory/slice.ts';
import { intersect, subtract, unite } from '#types/set-algebra.ts';
import { Member } from '#types/set-member.ts';
import { SetSources } from '#types/set-sources.ts';
import { CountedMembers, DistinctMembers, DraftedSet, type SetTarget } from '#types/set-targets.ts';
import { isNoSet } from '#types/set-view.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { countedOr, flag, type Groups, integer, key, option, repeat } from '../grammar.ts';
import { setLimits } from './limits.ts';
import { writeMember } from './member-reply.ts';

/** One of the ways to combine sets. */
type Combine = (sources: SetSources, target: SetTarget, limit?: number) => void;

const argument = new Slice();
const member = new Member();
const sources = new SetSources();
const distinct = new DistinctMembers();

const keys = repeat(key('key', 'RO', 'access'));
const countedKeys = countedOr(
  { invalid: errors.numkeysNotPositive, tooMany: errors.numkeysTooMany },
  'numkeys',
  key('key', 'RO', 'access'),
);
const limitOption = option(
  'LIMIT',
  integer('limit', errors.limitNegative, (limit) => (limit < 0 ? errors.limitNegative : undefined)),
);

const interComplexity =
  'O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.';
const unionComplexity = 'O(N) where N is the total number of elements in all given sets.';

const sInter = command({
  name: 'sinter',
  since: '1.0.0',
  group: 'set',
  complexity: interComplexity,
  summary: 'Returns the intersect of multiple sets.',
  flags: ['readonly'],
  tips: ['nondeterministic_output_order'],
  rest: keys,
  reply: ['set'],
  run: (context, keys) => replyCombined(context, keys, intersect),
});

const sUnion = command({
  name: 'sunion',
  since: '1.0.0',
  group: 'set',
  complexity: unionComplexity,
  summary: 'Returns the union of multiple sets.',
  flags: ['readonly'],
  tips: ['nondeterministic_output_order'],
  rest: keys,
  reply: ['set'],
  run: (context, keys) => replyCombined(context, keys, unite),
});

const sDiff = command({
  name: 'sdiff',
  since: '1.0.0',
  group: 'set',
  complexity: unionComplexity,
  summary: 'Returns the difference of multiple sets.',
  flags: ['readonly'],
  tips: ['nondeterministic_output_order'],
  rest: keys,
  reply: ['set'],
  run: (context, keys) => replyCombined(context, keys, subtract),
});

const sInterStore = command({
  name: 'sinterstore',
  since: '1.0.0',
  group: 'set',
  complexity: interComplexity,
  summary: 'Stores the intersect of multiple sets in a key.',
  flags: ['write', 'denyoom'],
  args: [key('destination', 'OW', 'update')],
  rest: keys,
  reply: ['integer'],
  run: (context, destination, keys) =>
    storeCombined(context, 'sinterstore', destination, keys, intersect),
});

const sUnionStore = command({
  name: 'sunionstore',
  since: '1.0.0',
  group: 'set',
  complexity: unionComplexity,
  summary: 'Stores the union of multiple sets in a key.',
  flags: ['write', 'denyoom'],
  args: [key('destination', 'OW', 'update')],
  rest: keys,
  reply: ['integer'],
  run: (context, destination, keys) =>
    storeCombined(context, 'sunionstore', destination, keys, unite),
});

const sDiffStore = command({
  name: 'sdiffstore',
  since: '1.0.0',
  group: 'set',
  complexity: unionComplexity,
  summary: 'Stores the difference of multiple sets in a key.',
  flags: ['write', 'denyoom'],
  args: [key('destination', 'OW', 'update')],
  rest: keys,
  reply: ['integer'],
  run: (context, destination, keys) =>
    storeCombined(context, 'sdiffstore', destination, keys, subtract),
});

const sInterCard = command({
  name: 'sintercard',
  since: '7.0.0',
  group: 'set',
  complexity: interComplexity,
  summary: 'Returns the number of members of the intersect of multiple sets.',
  flags: ['readonly'],
  rest: countedKeys,
  options: { limit: limitOption },
  readsOptionsInOrder: true,
  reply: ['integer'],
  run(context, { limit }, keys) {
    // Those that are in all sets are met once, in the smallest: there is nothing to tell apart.
    const limitGiven = limit.token === null ? 0 : limit.integer;
    replyCount(context, keys, intersect, new CountedMembers(), limitGiven);
  },
});

const sUnionCard = command({
  name: 'sunioncard',
  since: '8.10.0',
  group: 'set',
  complexity: unionComplexity,
  summary: 'Returns the number of members of the union of multiple sets.',
  flags: ['readonly'],
  rest: countedKeys,
  // APPROX allows an estimate; the exact number is one.
  options: { approx: flag('APPROX'), limit: limitOption },
  readsOptionsInOrder: true,
  reply: ['integer'],
  run(context, { limit }, keys) {
    const limitGiven = limit.token === null ? 0 : limit.integer;
    replyCount(context, keys, unite, distinctOf(context), limitGiven);
  },
});

const sDiffCard = command({
  name: 'sdiffcard',
  since: '8.10.0',
  group: 'set',
  complexity: unionComplexity,
  summary:
    'Returns the number of members of the difference between the first set and all successive sets.',
  flags: ['readonly'],
  rest: countedKeys,
  options: { limit: limitOption },
  readsOptionsInOrder: true,
  reply: ['integer'],
  run(context, { limit }, keys) {
    const limitGiven = limit.token === null ? 0 : limit.integer;
    replyCount(context, keys, subtract, distinctOf(context), limitGiven);
  },
});

/** Opens the sets. Returns false, having said so, where a key holds something else. */
function openOrReply({ database, reply }: Context, keys: Groups): boolean {
  sources.clear();
  for (let i = 0; i < keys.length; i++) {
    const cursor = database.read(keys.into(i, 0, argument));
    if (isNoSet(cursor)) {
      reply.error(errors.wrongType);
      return false;
    }
    sources.add(cursor);
  }
  return true;
}

/** The list of members that all commands use in turn. */
function distinctOf({ keyspace }: Context): DistinctMembers {
  return distinct.clear(keyspace.seed);
}

function replyCombined(context: Context, keys: Groups, combine: Combine): void {
  if (!openOrReply(context, keys)) return;
  const { reply } = context;
  const found = distinctOf(context);
  combine(sources, found);
  reply.set(found.count);
  for (found.begin(); found.next(member); ) writeMember(reply, member);
  release(context);
}

function replyCount(
  context: Context,
  keys: Groups,
  combine: Combine,
  target: SetTarget,
  limit: number,
): void {
  if (!openOrReply(context, keys)) return;
  combine(sources, target, limit);
  context.reply.integer(limit > 0 ? Math.min(limit, target.count) : target.count);
  release(context);
}

/** Gives back what a large command took. */
function release({ keyspace }: Context): void {
  sources.clear();
  distinct.clear(keyspace.seed);
}

function storeCombined(
  context: Context,
  event: string,
  destination: Slice,
  keys: Groups,
  combine: Combine,
): void {
  if (!openOrReply(context, keys)) return;
  const cursor = context.database.write(destination);
  const target = new DraftedSet(cursor, setLimits(context.services));
  try {
    combine(sources, target);
  } catch (error) {
    cursor.abandon();
    throw error;
  }
  if (target.count > 0) cursor.publish(event);
  else if (cursor.exists) cursor.remove('del');
  context.reply.integer(target.count);
}

export const setCombineCommands = [
  sInter,
  sUnion,
  sDiff,
  sInterStore,
  sUnionStore,
  sDiffStore,
  sInterCard,
  sUnionCard,
  sDiffCard,
];
