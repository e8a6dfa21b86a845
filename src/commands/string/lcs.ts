/** What two strings have in common. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { parseRounded } from '#types/int64.ts';
import { type CommonRun, LcsTrace, lcsLength, lcsTableBytes } from '#types/lcs.ts';
import { isOtherType } from '#types/strings.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, errors } from '../errors.ts';
import { flag, integer, key, option } from '../grammar.ts';
import type { Reply } from '../reply.ts';
import type { Request } from '../request.ts';

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
  reply: ['bulk', 'integer', 'map'],
  // Redis looks at the keys before it looks at the options.
  manual: true,
  run(context) {
    const { database, reply, request } = context;
    const a = database.read(request.into(1, first));
    const b = database.read(request.into(2, second), database.secondary);
    if (isOtherType(a) || isOtherType(b)) return reply.error(errors.lcsOfOtherType);
    const options = optionsOf(request);
    if ('code' in options) return reply.error(options);
    const { len, idx, least, withMatchLength } = options;
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

interface LcsOptions {
  len: boolean;
  idx: boolean;
  withMatchLength: boolean;
  /** The length that a run has to have to be told. */
  least: number;
}

/** The options of a request, or the first mistake in them. */
function optionsOf(request: Request): LcsOptions | ErrorReply {
  const options = { len: false, idx: false, withMatchLength: false, least: 0 };
  for (let i = 3; i < request.count; i++) {
    const word = request.latin1(i).toUpperCase();
    if (word === 'LEN') options.len = true;
    else if (word === 'IDX') options.idx = true;
    else if (word === 'WITHMATCHLEN') options.withMatchLength = true;
    else if (word === 'MINMATCHLEN' && i + 1 < request.count) {
      i++;
      options.least = parseRounded(request.bytes, request.at(i), request.length(i));
      if (Number.isNaN(options.least)) return errors.notInteger;
    } else return errors.syntax;
  }
  return options;
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
