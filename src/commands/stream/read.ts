/** XREAD and XREADGROUP, which may wait for entries. */

import { valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { findGroup } from '#types/stream-groups.ts';
import { isOtherType } from '#types/stream-root.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { bytes, flag, integer, key, option, repeat } from '../grammar.ts';
import { noGroupToRead, type ReadCall, type ReadSource, readArguments } from './read-arguments.ts';
import { planGroupRead, planRead, type ReadPlan, replyPlan } from './read-plan.ts';

const keyName = new Slice();
const groupName = new Slice();

function open({ database }: Context, { key: name }: ReadSource): KeyCursor {
  return database.peek(keyName.point(name, 0, name.length));
}

/** Replies with what there is to read, or that a group is gone. Returns false where there is nothing. */
function serve(context: Context, call: ReadCall): boolean {
  const { reply } = context;
  if (call.group !== undefined && !groupsAreThere(context, call, call.group)) return true;
  const { budget } = call;
  budget.start(reply.protocol);
  const plans: ReadPlan[] = [];
  for (const source of call.sources) {
    budget.enter(source.key);
    if (budget.isSpent) break;
    const cursor = open(context, source);
    if (!cursor.exists || cursor.type !== valueType.stream) continue;
    const plan = planOf(context, cursor, source, call);
    if (plan !== undefined) plans.push(plan);
  }
  if (plans.length === 0) return false;
  const isMap = reply.protocol === 3;
  if (isMap) reply.map(plans.length);
  else reply.array(plans.length);
  for (const plan of plans) {
    if (!isMap) reply.array(2);
    const { key: name } = plan.source;
    reply.bulk(name, 0, name.length);
    replyPlan(context, open(context, plan.source), plan);
  }
  return true;
}

function planOf(
  context: Context,
  cursor: KeyCursor,
  source: ReadSource,
  call: ReadCall,
): ReadPlan | undefined {
  if (call.group === undefined) return planRead(cursor, source, call);
  const group = findGroup(cursor, groupName.point(call.group, 0, call.group.length));
  return planGroupRead(context, cursor, group, source, call);
}

/** Whether each stream still has the group; replies with an error if not. */
function groupsAreThere(context: Context, { sources }: ReadCall, group: Buffer): boolean {
  groupName.point(group, 0, group.length);
  for (const source of sources) {
    const cursor = open(context, source);
    if (isOtherType(cursor)) {
      context.reply.error(errors.wrongType);
      return false;
    }
    if (cursor.exists && findGroup(cursor, groupName) !== 0) continue;
    context.reply.error(noGroupToRead(source.key, group));
    return false;
  }
  return true;
}

function read(context: Context, isGroup: boolean): void {
  const { reply } = context;
  const call = readArguments(context, isGroup);
  if ('code' in call) return reply.error(call);
  if (serve(context, call)) return;
  if (call.blockMs < 0) return reply.nilArray();
  context.block({
    keys: call.sources.map((source) => source.key),
    timeoutMs: call.blockMs,
    serve: (woken) => serve(woken, call),
    expire: (late) => late.nilArray(),
  });
}

const limitsAdded = ['8.10.0', 'Added the `MAXCOUNT` and `MAXSIZE` options.'] as const;
const streams = repeat(bytes('streams'), key('key', 'RO', 'access'), bytes('id'));

const xRead = command({
  name: 'xread',
  since: '5.0.0',
  group: 'stream',
  complexity:
    'For each stream mentioned: O(N) with N being the number of elements being returned, it means that XREAD-ing with a fixed COUNT is O(1). Note that when the BLOCK option is used, XADD will pay O(M) time in order to serve the M clients blocked on the stream getting new data.',
  summary:
    'Returns messages from multiple streams with IDs greater than the ones requested. Blocks until a message is available otherwise.',
  flags: ['readonly', 'blocking'],
  options: {
    count: option('COUNT', integer('count')),
    maxCount: option('MAXCOUNT', integer('maxcount')),
    maxSize: option('MAXSIZE', integer('maxsize')),
    block: option('BLOCK', integer('milliseconds')),
  },
  rest: streams,
  keysAfter: { keyword: 'STREAMS', from: 1 },
  manual: true,
  reply: ['array', 'map', 'nil', 'none'],
  history: [limitsAdded],
  run: (context) => read(context, false),
});

const xReadGroup = command({
  name: 'xreadgroup',
  since: '5.0.0',
  group: 'stream',
  complexity:
    'For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1). On the other side when XREADGROUP blocks, XADD will pay the O(N) time in order to serve the N clients blocked on the stream getting new data.',
  summary:
    'Returns new or historical messages from a stream for a consumer in a group. Blocks until a message is available otherwise.',
  flags: ['write', 'blocking'],
  args: [bytes('token'), bytes('group'), bytes('consumer')],
  options: {
    count: option('COUNT', integer('count')),
    maxCount: option('MAXCOUNT', integer('maxcount')),
    maxSize: option('MAXSIZE', integer('maxsize')),
    block: option('BLOCK', integer('milliseconds')),
    claim: option('CLAIM', integer('min-idle-time')),
    noAck: flag('NOACK'),
  },
  rest: streams,
  keysAfter: { keyword: 'STREAMS', from: 4 },
  manual: true,
  reply: ['array', 'map', 'nil', 'none'],
  history: [['8.4.0', 'Added the `CLAIM` option.'], limitsAdded],
  run: (context) => read(context, true),
});

export const streamReadCommands = [xRead, xReadGroup];
