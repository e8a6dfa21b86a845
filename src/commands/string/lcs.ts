/** What two strings have in common. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { type CommonRun, LcsTrace, lcsLength, lcsTableBytes } from '#types/lcs.ts';
import { isOtherType } from '#types/strings.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { flag, integer, key, option } from '../grammar.ts';
import type { Reply } from '../reply.ts';

const first = new Slice();
const second = new Slice();

const lcs = command({
  name: 'lcs',
  since: '7.0.0',
  group: 'string',
  complexity: 'O(N*M) where N and M are the lengths of s1 and s2, respectively',
  summary: 'Finds the longest common substring.',
  flags: ['readonly'],
  args: [key('key1', 'RO', 'access'), key('key2', 'RO', 'access')],
  options: {
    len: flag('LEN'),
    idx: flag('IDX'),
    minMatchLength: option('MINMATCHLEN', integer('min-match-len')),
    withMatchLength: flag('WITHMATCHLEN'),
  },
  readsOptionsInOrder: true,
  reply: ['bulk', 'integer', 'map'],
  run(context, key1, key2, { len, idx, minMatchLength, withMatchLength }) {
    const { database, reply } = context;
    const a = database.read(key1);
    const b = database.read(key2, database.secondary);
    if (isOtherType(a) || isOtherType(b)) return reply.error(errors.lcsOfOtherType);
    if (len && idx) return reply.error(errors.lcsLengthAndIndexes);
    pointAtValue(a, first);
    pointAtValue(b, second);
    if (isTooBig(context)) return reply.error(errors.lcsTooBig);
    if (len) return reply.integer(lcsLength(first, second));
    const trace = traceOf();
    if (trace === undefined) return reply.error(errors.lcsNoMemory);
    if (!idx) return reply.bulk(trace.bytes, 0, trace.bytes.length);
    const least = minMatchLength.token === null ? 0 : minMatchLength.integer;
    replyWithRuns(reply, trace, least, withMatchLength);
  },
});

function pointAtValue(cursor: KeyCursor, slice: Slice): void {
  if (cursor.exists) slice.point(cursor.bytes, cursor.valueAt, cursor.valueLength);
  else slice.length = 0;
}

function isTooBig({ services }: Context): boolean {
  const tableBytes = lcsTableBytes(first.length, second.length);
  return tableBytes > services.config.get('proto-max-bulk-len');
}

function traceOf(): LcsTrace | undefined {
  try {
    return new LcsTrace(first, second);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function replyWithRuns(reply: Reply, trace: LcsTrace, least: number, withLength: boolean): void {
  const runs = trace.runs.filter((run) => lengthOf(run) >= least);
  reply.map(2);
  reply.text('matches');
  reply.array(runs.length);
  for (const run of runs) {
    reply.array(withLength ? 3 : 2);
    reply.array(2);
    reply.integer(run.aFirst);
    reply.integer(run.aLast);
    reply.array(2);
    reply.integer(run.bFirst);
    reply.integer(run.bLast);
    if (withLength) reply.integer(lengthOf(run));
  }
  reply.text('len');
  reply.integer(trace.bytes.length);
}

function lengthOf({ aFirst, aLast }: CommonRun): number {
  return aLast - aFirst + 1;
}

export const lcsCommands = [lcs];
