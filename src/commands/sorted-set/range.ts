/** Parts of a sorted set: by rank, by score or by member. */
import { Slice } from '#memory/slice.ts';
import { RankRange } from '#types/sorted-set-bounds.ts';
import { isNoSortedSet, SortedSetView } from '#types/sorted-set-view.ts';
import { storeRange } from '#types/sorted-sets-store.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { bytes, flag, integer, key, oneOf, option } from '../grammar.ts';
import { sortedSetLimits } from './limits.ts';
import { RangeArguments, type RangeForm } from './range-arguments.ts';
import { nestsPairs, writeMembers, writePairs } from './range-reply.ts';

const args = new RangeArguments();
const range = new RankRange();
const view = new SortedSetView();
const source = new Slice();
const destination = new Slice();

const by = oneOf({ BYSCORE: [], BYLEX: [] });
const limit = option('LIMIT', integer('offset'), integer('count'));
const withScores = flag('WITHSCORES');

const zRange = command({
  name: 'zrange',
  since: '1.2.0',
  group: 'sorted-set',
  complexity:
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.',
  summary: 'Returns members in a sorted set within a range of indexes.',
  flags: ['readonly'],
  args: [key('key', 'RO', 'access'), bytes('start'), bytes('stop')],
  options: { by, reverse: flag('REV'), limit, withScores },
  manual: true,
  reply: ['array'],
  history: [['6.2.0', 'Added the `REV`, `BYSCORE`, `BYLEX` and `LIMIT` options.']],
  run: (context) => writeRangeOf(context, { kind: undefined, reverse: undefined, stores: false }),
});

const zRangeStore = command({
  name: 'zrangestore',
  since: '6.2.0',
  group: 'sorted-set',
  complexity:
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements stored into the destination key.',
  summary: 'Stores a range of members from sorted set in a key.',
  flags: ['write', 'denyoom'],
  args: [key('dst', 'OW', 'update'), key('src', 'RO', 'access'), bytes('min'), bytes('max')],
  options: { by, reverse: flag('REV'), limit },
  manual: true,
  reply: ['integer'],
  run(context) {
    const { database, reply, request } = context;
    const problem = args.parse(request, 3, { kind: undefined, reverse: undefined, stores: true });
    if (problem !== undefined) return reply.error(problem);
    const from = database.read(request.into(2, source));
    if (isNoSortedSet(from)) return reply.error(errors.wrongType);
    args.find(from, range);
    const target = database.write(request.into(1, destination), database.secondary);
    if (range.length > 0) {
      storeRange(from, range, target, 'zrangestore', sortedSetLimits(context.services));
    } else if (target.exists) target.remove('del');
    reply.integer(range.length);
  },
});

const zRevRange = command({
  name: 'zrevrange',
  since: '1.2.0',
  group: 'sorted-set',
  complexity:
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.',
  summary: 'Returns members in a sorted set within a range of indexes in reverse order.',
  flags: ['readonly'],
  args: [key('key', 'RO', 'access'), integer('start'), integer('stop')],
  options: { withScores },
  manual: true,
  reply: ['array'],
  deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` argument' },
  run: (context) => writeRangeOf(context, { kind: 'rank', reverse: true, stores: false }),
});

const zRangeByScore = command({
  name: 'zrangebyscore',
  since: '1.0.5',
  group: 'sorted-set',
  complexity:
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).',
  summary: 'Returns members in a sorted set within a range of scores.',
  flags: ['readonly'],
  args: [key('key', 'RO', 'access'), bytes('min', 'double'), bytes('max', 'double')],
  options: { withScores, limit },
  manual: true,
  reply: ['array'],
  deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `BYSCORE` argument' },
  history: [['2.0.0', 'Added the `WITHSCORES` modifier.']],
  run: (context) => writeRangeOf(context, { kind: 'score', reverse: false, stores: false }),
});

const zRevRangeByScore = command({
  name: 'zrevrangebyscore',
  since: '2.2.0',
  group: 'sorted-set',
  complexity:
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).',
  summary: 'Returns members in a sorted set within a range of scores in reverse order.',
  flags: ['readonly'],
  args: [key('key', 'RO', 'access'), bytes('max', 'double'), bytes('min', 'double')],
  options: { withScores, limit },
  manual: true,
  reply: ['array'],
  deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` and `BYSCORE` arguments' },
  history: [['2.1.6', '`min` and `max` can be exclusive.']],
  run: (context) => writeRangeOf(context, { kind: 'score', reverse: true, stores: false }),
});

const zRangeByLex = command({
  name: 'zrangebylex',
  since: '2.8.9',
  group: 'sorted-set',
  complexity:
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).',
  summary: 'Returns members in a sorted set within a lexicographical range.',
  flags: ['readonly'],
  args: [key('key', 'RO', 'access'), bytes('min'), bytes('max')],
  options: { limit },
  manual: true,
  reply: ['array'],
  deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `BYLEX` argument' },
  run: (context) => writeRangeOf(context, { kind: 'lex', reverse: false, stores: false }),
});

const zRevRangeByLex = command({
  name: 'zrevrangebylex',
  since: '2.8.9',
  group: 'sorted-set',
  complexity:
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).',
  summary: 'Returns members in a sorted set within a lexicographical range in reverse order.',
  flags: ['readonly'],
  args: [key('key', 'RO', 'access'), bytes('max'), bytes('min')],
  options: { limit },
  manual: true,
  reply: ['array'],
  deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` and `BYLEX` arguments' },
  run: (context) => writeRangeOf(context, { kind: 'lex', reverse: true, stores: false }),
});

function writeRangeOf(context: Context, form: RangeForm): void {
  const { database, reply, request } = context;
  const problem = args.parse(request, 2, form);
  if (problem !== undefined) return reply.error(problem);
  const cursor = database.read(request.into(1, source));
  if (isNoSortedSet(cursor)) return reply.error(errors.wrongType);
  args.find(cursor, range);
  if (range.length === 0) return reply.array(0);
  view.point(cursor);
  if (args.withScores) writePairs(reply, view, range, args.reverse, nestsPairs(context));
  else writeMembers(reply, view, range, args.reverse);
}

export const sortedSetRangeCommands = [
  zRange,
  zRangeStore,
  zRevRange,
  zRangeByScore,
  zRevRangeByScore,
  zRangeByLex,
  zRevRangeByLex,
];
