/** Estimates of how many different elements were added. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { count, isHyperLogLog, Union } from '#types/hyperloglog.ts';
import { HyperLogLogEdit } from '#types/hyperloglog-edit.ts';
import { placeOf } from '#types/hyperloglog-hash.ts';
import { isOtherType } from '#types/strings.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, errors } from '../errors.ts';
import { anyNumber, bytes, type Groups, key, repeat } from '../grammar.ts';
import type { Reply } from '../reply.ts';

const argument = new Slice();
const edit = new HyperLogLogEdit();
const union = new Union();

/** Redis notifies of a merge as of an addition. */
const pfAddEvent = 'pfadd';

const pfAdd = command({
  name: 'pfadd',
  since: '2.8.9',
  group: 'hyperloglog',
  complexity: 'O(1) to add every element.',
  summary: "Adds elements to a HyperLogLog key. Creates the key if it doesn't exist.",
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'insert')],
  rest: anyNumber(bytes('element')),
  reply: ['integer'],
  run({ database, reply, services }, key, elements) {
    const cursor = database.write(key);
    const problem = problemOf(cursor);
    if (problem !== undefined) return reply.error(problem);
    edit.open(cursor, pfAddEvent, services.config.get('hll-sparse-max-bytes'));
    let isSound = true;
    for (let i = 0; i < elements.length && isSound; i++) {
      const { bytes, at, length } = elements.into(i, 0, argument);
      isSound = edit.offer(placeOf(bytes, at, length));
    }
    // What came before the corruption stays.
    const hasChanged = edit.close();
    if (isSound) reply.integer(hasChanged ? 1 : 0);
    else reply.error(errors.hyperLogLogCorrupted);
  },
});

const pfCount = command({
  name: 'pfcount',
  since: '2.8.9',
  group: 'hyperloglog',
  complexity:
    'O(1) with a very small average constant time when called with a single key. O(N) with N being the number of keys, and much bigger constant times, when called with multiple keys.',
  summary: 'Returns the approximated cardinality of the set(s) observed by the HyperLogLog key(s).',
  // A count is kept with the key, so it is a write of sorts.
  flags: ['readonly', 'may_replicate'],
  rest: repeat(key('key', 'RW', 'access')),
  reply: ['integer'],
  run(context, keys) {
    const { database, reply } = context;
    if (keys.length > 1) {
      union.clear();
      const problem = addAll(context, keys);
      if (problem === undefined) replyCount(reply, union.count());
      else reply.error(problem);
      return;
    }
    const cursor = database.read(keys.into(0, 0, argument));
    const problem = problemOf(cursor);
    if (problem !== undefined) reply.error(problem);
    else if (cursor.exists) replyCount(reply, count(cursor));
    else reply.integer(0);
  },
});

const pfMerge = command({
  name: 'pfmerge',
  since: '2.8.9',
  group: 'hyperloglog',
  complexity: 'O(N) to merge N HyperLogLogs, but with high constant times.',
  summary: 'Merges one or more HyperLogLog values into a single key.',
  flags: ['write', 'denyoom'],
  args: [key('destkey', 'RW', 'access', 'insert')],
  rest: anyNumber(key('sourcekey', 'RO', 'access')),
  reply: ['ok'],
  run(context, destination, sources) {
    const { database, reply, services } = context;
    union.clear();
    const problem = add(database.read(destination)) ?? addAll(context, sources);
    if (problem !== undefined) return reply.error(problem);
    const cursor = database.write(destination);
    edit.open(cursor, pfAddEvent, services.config.get('hll-sparse-max-bytes'));
    edit.raiseAll(union.registers, union.hasDense);
    edit.close();
    reply.ok();
  },
});

/** What is wrong with the key, if it exists, for a HyperLogLog. */
export function problemOf(cursor: KeyCursor): ErrorReply | undefined {
  if (!cursor.exists) return undefined;
  if (isOtherType(cursor)) return errors.wrongType;
  return isHyperLogLog(cursor) ? undefined : errors.notHyperLogLog;
}

function addAll({ database }: Context, keys: Groups): ErrorReply | undefined {
  for (let i = 0; i < keys.length; i++) {
    const problem = add(database.read(keys.into(i, 0, argument)));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Adds a key to the union; one that does not exist adds nothing. */
function add(cursor: KeyCursor): ErrorReply | undefined {
  const problem = problemOf(cursor);
  if (problem !== undefined || !cursor.exists) return problem;
  return union.add(cursor) ? undefined : errors.hyperLogLogCorrupted;
}

function replyCount(reply: Reply, counted: number | bigint | undefined): void {
  if (typeof counted === 'number') reply.integer(counted);
  else if (counted === undefined) reply.error(errors.hyperLogLogCorrupted);
  else reply.bigInteger(counted);
}

export const hyperLogLogCommands = [pfAdd, pfCount, pfMerge];
