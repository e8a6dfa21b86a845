/** Moving elements from list to list, and waiting for them. */
import { valueType } from '#keyspace/entry.ts';
import { Slice } from '#memory/slice.ts';
import { timeout, timeoutMsOf } from '../blocking.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { key } from '../grammar.ts';
import {
  checkHowMany,
  hasEnough,
  howMany,
  manyElements,
  moveElements,
  oneElement,
  type Wanted,
} from './move.ts';
import { endOf } from './shared.ts';

const bLMove = command({
  name: 'blmove',
  since: '6.2.0',
  group: 'list',
  complexity: 'O(1)',
  summary:
    'Pops an element from a list, pushes it to another list and returns it. Blocks until an element is available otherwise. Deletes the list if the last element was moved.',
  flags: ['write', 'denyoom', 'noscript', 'blocking'],
  args: [
    key('source', 'RW', 'access', 'delete'),
    key('destination', 'RW', 'insert'),
    endOf('wherefrom'),
    endOf('whereto'),
    timeout,
  ],
  reply: ['bulk', 'nil'],
  run(context, source, destination, from, to, seconds) {
    const wanted = oneElement(from === 'LEFT', to === 'LEFT');
    moveOrWait(context, source, destination, seconds, wanted);
  },
});

const bLMoveM = command({
  name: 'blmovem',
  since: '8.10.0',
  group: 'list',
  complexity: 'O(N) where N is the number of elements moved.',
  summary:
    'Moves up to (or exactly) a number of elements from one list to another and returns them. Blocks until the elements are available otherwise. Deletes the source list if it becomes empty.',
  flags: ['write', 'denyoom', 'blocking'],
  args: [
    key('source', 'RW', 'access', 'delete'),
    key('destination', 'RW', 'insert'),
    endOf('wherefrom'),
    endOf('whereto'),
    timeout,
  ],
  options: howMany,
  repeatsOptions: false,
  checkOptions: checkHowMany,
  reply: ['array', 'nil'],
  run(context, source, destination, from, to, seconds, options) {
    const wanted = manyElements(from === 'LEFT', to === 'LEFT', options);
    moveOrWait(context, source, destination, seconds, wanted);
  },
});

const bRPopLPush = command({
  name: 'brpoplpush',
  since: '2.2.0',
  group: 'list',
  complexity: 'O(1)',
  summary:
    'Pops an element from a list, pushes it to another list and returns it. Block until an element is available otherwise. Deletes the list if the last element was popped.',
  flags: ['write', 'denyoom', 'noscript', 'blocking'],
  args: [key('source', 'RW', 'access', 'delete'), key('destination', 'RW', 'insert'), timeout],
  reply: ['bulk', 'nil'],
  deprecated: { since: '6.2.0', replacedBy: '`BLMOVE` with the `RIGHT` and `LEFT` arguments' },
  history: [['6.0.0', '`timeout` is interpreted as a double instead of an integer.']],
  run(context, source, destination, seconds) {
    moveOrWait(context, source, destination, seconds, oneElement(false, true));
  },
});

/** Moves what is wanted, or waits until the source has it. */
function moveOrWait(
  context: Context,
  source: Slice,
  destination: Slice,
  seconds: number,
  wanted: Wanted,
): void {
  if (moveAndRecord(context, source, destination, wanted)) return;
  const from = new Slice(source.copy());
  const to = new Slice(destination.copy());
  context.block({
    keys: [from.bytes],
    changes: [to.bytes],
    timeoutMs: timeoutMsOf(seconds),
    // One who waits for several may leave what is there to others.
    ...(wanted.isExact ? {} : { takes: valueType.list }),
    serve: (woken) =>
      hasEnough(woken.database.peek(from), wanted) && moveAndRecord(woken, from, to, wanted),
    expire: (reply) => reply.nilArray(),
  });
}

/** Moves like {@link moveElements}, and says so as a command that does not wait. */
function moveAndRecord(
  context: Context,
  source: Slice,
  destination: Slice,
  wanted: Wanted,
): boolean {
  const { effects } = context.services;
  if (!effects.isWanted) return moveElements(context, source, destination, wanted);
  const { fromFirst, toFirst, count, isExact, isMany, reverses } = wanted;
  const words = [source, destination, fromFirst ? 'LEFT' : 'RIGHT', toFirst ? 'LEFT' : 'RIGHT'];
  if (!isMany) effects.record('LMOVE', ...words);
  else {
    const order = reverses ? 'OBO' : 'BULK';
    effects.record('LMOVEM', ...words, isExact ? 'EXACTLY' : 'COUNT', count, order);
  }
  return moveElements(context, source, destination, wanted);
}

export const blockingMoveCommands = [bLMove, bLMoveM, bRPopLPush];
