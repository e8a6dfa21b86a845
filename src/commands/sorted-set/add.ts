/** Giving members scores. */
import { Slice } from '#memory/slice.ts';
import { parseDouble } from '#types/double.ts';
import { Member } from '#types/set-member.ts';
import { isNoSortedSet } from '#types/sorted-set-view.ts';
import { condition, putScore, result } from '#types/sorted-sets.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { bytes, flag, type Groups, key, repeat } from '../grammar.ts';
import { sortedSetLimits } from './limits.ts';

const argument = new Slice();
const member = new Member();

/** The scores of a command, read before anything is changed. */
let scores = new Float64Array(16);
/** Room for more scores than this is not kept. */
const keptScoresMax = 4096;

interface AddOptions {
  readonly nx: boolean;
  readonly xx: boolean;
  readonly gt: boolean;
  readonly lt: boolean;
  readonly incr: boolean;
}

const zAdd = command({
  name: 'zadd',
  since: '1.2.0',
  group: 'sorted-set',
  complexity: 'O(log(N)) for each item added, where N is the number of elements in the sorted set.',
  constantWords: 4,
  summary:
    "Adds one or more members to a sorted set, or updates their scores. Creates the key if it doesn't exist.",
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'update')],
  options: {
    nx: flag('NX'),
    xx: flag('XX'),
    gt: flag('GT'),
    lt: flag('LT'),
    ch: flag('CH'),
    incr: flag('INCR'),
  },
  rest: { ...repeat(bytes('score', 'double'), bytes('member')), incomplete: errors.syntax },
  reply: ['integer', 'double', 'nil'],
  history: [
    ['2.4.0', 'Accepts multiple elements.'],
    ['3.0.2', 'Added the `XX`, `NX`, `CH` and `INCR` options.'],
    ['6.2.0', 'Added the `GT` and `LT` options.'],
  ],
  checkOptions({ nx, xx, gt, lt }) {
    if (nx && xx) return errors.zaddConditions;
    return (gt && nx) || (lt && nx) || (gt && lt) ? errors.zaddOrders : undefined;
  },
  run(context, key, options, pairs) {
    const { reply } = context;
    const { ch, incr } = options;
    if (incr && pairs.length > 1) return reply.error(errors.zaddIncrement);
    if (!readScores(pairs)) return reply.error(errors.notValidFloat);
    if (incr) {
      pairs.into(0, 1, argument);
      increment(context, key, scores[0] as number, argument, conditionsOf(options));
      return;
    }
    const cursor = context.database.write(key);
    if (isNoSortedSet(cursor)) return reply.error(errors.wrongType);
    const conditions = conditionsOf(options);
    const limits = sortedSetLimits(context.services);
    let event: string | undefined = 'zadd';
    let added = 0;
    let updated = 0;
    for (let i = 0; i < pairs.length; i++) {
      member.ofArgument(pairs.into(i, 1, argument));
      // In range: every pair's score was read.
      const outcome = putScore(cursor, event, member, scores[i] as number, conditions, limits);
      if (outcome === 'added') added++;
      else if (outcome === 'updated') updated++;
      if (added + updated > 0) event = undefined;
    }
    reply.integer(ch ? added + updated : added);
  },
});

const zIncrBy = command({
  name: 'zincrby',
  since: '1.2.0',
  group: 'sorted-set',
  complexity: 'O(log(N)) where N is the number of elements in the sorted set.',
  constantWords: 4,
  summary: 'Increments the score of a member in a sorted set.',
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'access', 'update'), bytes('increment', 'double'), bytes('member')],
  reply: ['double'],
  run(context, key, { bytes, at, length }, name) {
    const by = parseDouble(bytes, at, length);
    if (!Number.isNaN(by)) return increment(context, key, by, name, condition.increment);
    // To Redis this is a ZADD, whose options come first.
    const isOption = addOption.test(bytes.toString('latin1', at, at + length));
    context.reply.error(isOption ? errors.syntax : errors.notValidFloat);
  },
});

const addOption = /^(nx|xx|gt|lt|ch|incr)$/i;

function conditionsOf({ nx, xx, gt, lt, incr }: AddOptions): number {
  return (
    (nx ? condition.onlyNew : 0) |
    (xx ? condition.onlyExisting : 0) |
    (gt ? condition.onlyGreater : 0) |
    (lt ? condition.onlyLess : 0) |
    (incr ? condition.increment : 0)
  );
}

/** Reads all scores. Returns whether all are numbers. */
function readScores(pairs: Groups): boolean {
  if (scores.length < pairs.length || scores.length > keptScoresMax) {
    scores = new Float64Array(Math.max(16, pairs.length));
  }
  for (let i = 0; i < pairs.length; i++) {
    const { bytes, at, length } = pairs.into(i, 0, argument);
    const score = parseDouble(bytes, at, length);
    if (Number.isNaN(score)) return false;
    scores[i] = score;
  }
  return true;
}

function increment(
  { database, reply, services }: Context,
  key: Slice,
  by: number,
  name: Slice,
  conditions: number,
): void {
  const cursor = database.write(key);
  if (isNoSortedSet(cursor)) return reply.error(errors.wrongType);
  member.ofArgument(name);
  const limits = sortedSetLimits(services);
  const outcome = putScore(cursor, 'zincr', member, by, conditions, limits);
  if (outcome === 'not a number') reply.error(errors.scoreNotNumber);
  else if (outcome === 'refused') reply.nil();
  else reply.double(result.score);
}

export const sortedSetAddCommands = [zAdd, zIncrBy];
