/** Adding to the ends of a list. */
import type { Slice } from '#memory/slice.ts';
import { push } from '#types/lists.ts';
import { isOtherType } from '#types/lists-form.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { bytes, type Groups, key, repeat } from '../grammar.ts';
import { limitsFor } from './shared.ts';

const complexity =
  'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.';

const lPush = command({
  name: 'lpush',
  since: '1.0.0',
  group: 'list',
  complexity,
  summary: "Prepends one or more elements to a list. Creates the key if it doesn't exist.",
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'insert')],
  rest: repeat(bytes('element')),
  reply: ['integer'],
  history: [['2.4.0', 'Accepts multiple `element` arguments.']],
  run: (context, key, elements) => pushElements(context, key, true, elements, true),
});

const rPush = command({
  name: 'rpush',
  since: '1.0.0',
  group: 'list',
  complexity,
  summary: "Appends one or more elements to a list. Creates the key if it doesn't exist.",
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'insert')],
  rest: repeat(bytes('element')),
  reply: ['integer'],
  history: [['2.4.0', 'Accepts multiple `element` arguments.']],
  run: (context, key, elements) => pushElements(context, key, false, elements, true),
});

const lPushX = command({
  name: 'lpushx',
  since: '2.2.0',
  group: 'list',
  complexity,
  summary: 'Prepends one or more elements to a list only when the list exists.',
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'insert')],
  rest: repeat(bytes('element')),
  reply: ['integer'],
  history: [['4.0.0', 'Accepts multiple `element` arguments.']],
  run: (context, key, elements) => pushElements(context, key, true, elements, false),
});

const rPushX = command({
  name: 'rpushx',
  since: '2.2.0',
  group: 'list',
  complexity,
  summary: 'Appends an element to a list only when the list exists.',
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'insert')],
  rest: repeat(bytes('element')),
  reply: ['integer'],
  history: [['4.0.0', 'Accepts multiple `element` arguments.']],
  run: (context, key, elements) => pushElements(context, key, false, elements, false),
});

function pushElements(
  context: Context,
  key: Slice,
  isFirst: boolean,
  elements: Groups,
  creates: boolean,
): void {
  const { database, reply } = context;
  const cursor = database.write(key);
  if (isOtherType(cursor)) return reply.error(errors.wrongType);
  if (!cursor.exists && !creates) return reply.integer(0);
  reply.integer(push(cursor, isFirst, elements, limitsFor(context)));
}

export const pushCommands = [lPush, rPush, lPushX, rPushX];
