/** What two strings have in common. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { type CommonRun, LcsTrace, lcsLength, lcsTableBytes } from '#types/lcs.ts';
import { isOtherType } from '#types/strings.ts';
import { convertNumber } from '../argument-value.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, errors } from '../errors.ts';
import { flag, integer, key, option } from '../grammar.ts';
import type { Reply } from '../reply.ts';
import type { Request } from '../request.ts';

const first = new Slice();
const second = new Slice();
const leastLength = integer('min-match-len');

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
    minMatchLength: option('MINMATCHLEN', leastLength),
    withMatchLength: flag('WITHMATCHLEN'),
  },
  manual: true,
  reply: ['bulk', 'integer', 'map'],
  run(context) {
    const { database, reply, request } = context;
    const a = database.read(request.into(1, first));
    const b = database.read(request.into(2, second), database.secondary);
    // Redis looks at the keys before it reads the options.
    if (isOtherType(a) || isOtherType(b)) return reply.error(errors.lcsOfOtherType);
    const problem = takeOptions(request);
    if (problem !== undefined) return reply.error(problem);
    const { len, idx, least, withMatchLength } = given;
    if (len && idx) return reply.error(errors.lcsLengthAndIndexes);
    pointAtValue(a, first);
    pointAtValue(b, second);
    if (isTooBig(context)) return reply.error(errors.lcsTooBig);
    if (len) return reply.integer(lcsLength(first, second));
    const trace = traceOf();
    if (trace === undefined) return reply.error(errors.lcsNoMemory);
    if (!idx) return reply.bulk(trace.bytes, 0, trace.bytes.length);
    replyWithRuns(reply, trace, least, withMatchLength);
  },
});

/** The options of the call. */
const given = { len: false, idx: false, least: 0, withMatchLength: false };

function takeOptions(request: Request): ErrorReply | undefined {
  given.len = false;
  given.idx = false;
  given.least = 0;
  given.withMatchLength = false;
  for (let at = 3; at < request.count; at++) {
    const word = request.latin1(at).toUpperCase();
    if (word === 'LEN') given.len = true;
    else if (word === 'IDX') given.idx = true;
    else if (word === 'WITHMATCHLEN') given.withMatchLength = true;
    else if (word !== 'MINMATCHLEN' || at + 1 === request.count) return errors.syntax;
    else {
      const least = convertNumber(leastLength, request, ++at);
      if (least === undefined) return errors.notInteger;
      given.least = Number(least);
    }
  }
  return undefined;
}

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
