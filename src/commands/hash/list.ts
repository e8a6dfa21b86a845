/** All fields of a hash, or in steps. */
import type { Arena } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import { countFields } from '#types/hashes.ts';
import { isNoHash } from '#types/hashes-form.ts';
import { FieldWalk, scanFields } from '#types/hashes-walk.ts';
import { CollectionScan } from '../collection-scan.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { bytes, cursor, flag, integer, key, option } from '../grammar.ts';
import type { Reply } from '../reply.ts';

const walk = new FieldWalk();
const scan = new CollectionScan();
const name = new Slice();

const shared = {
  group: 'hash',
  complexity: 'O(N) where N is the size of the hash.',
  flags: ['readonly'],
  tips: ['nondeterministic_output_order'],
  args: [key('key', 'RO', 'access')],
} as const;

const hGetAll = command({
  ...shared,
  name: 'hgetall',
  since: '2.0.0',
  summary: 'Returns all fields and values in a hash.',
  reply: ['map'],
  run: (context, key) => list(context, key, true, true),
});

const hKeys = command({
  ...shared,
  name: 'hkeys',
  since: '2.0.0',
  summary: 'Returns all fields in a hash.',
  reply: ['array'],
  run: (context, key) => list(context, key, true, false),
});

const hVals = command({
  ...shared,
  name: 'hvals',
  since: '2.0.0',
  summary: 'Returns all values in a hash.',
  reply: ['array'],
  run: (context, key) => list(context, key, false, true),
});

function list(
  { database, reply }: Context,
  key: Slice,
  withFields: boolean,
  withValues: boolean,
): void {
  const opened = database.read(key);
  if (isNoHash(opened)) return reply.error(errors.wrongType);
  const count = countFields(opened);
  if (withFields && withValues) reply.map(count);
  else reply.array(count);
  if (count === 0) return;
  const { arena } = opened;
  const { field } = walk;
  for (walk.begin(opened); walk.next(); ) {
    if (withFields) reply.stored(arena, field.fieldAt, field.fieldLength);
    if (withValues) reply.stored(arena, field.valueAt, field.valueLength);
  }
}

const hScan = command({
  name: 'hscan',
  since: '2.8.0',
  group: 'hash',
  complexity:
    'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.',
  summary: 'Iterates over fields and values of a hash.',
  flags: ['readonly'],
  tips: ['nondeterministic_output'],
  args: [key('key', 'RO', 'access'), cursor('cursor')],
  options: {
    match: option('MATCH', bytes('pattern')),
    count: option('COUNT', integer('count')),
    noValues: flag('NOVALUES'),
  },
  manual: true,
  reply: ['array'],
  history: [['7.4.0', 'Added the `NOVALUES` option.']],
  run({ database, reply, request }) {
    const from = scan.takeCursor(request, 2);
    if (from === undefined) return reply.error(errors.invalidCursor);
    const opened = database.read(request.into(1, name));
    if (isNoHash(opened)) return reply.error(errors.wrongType);
    let next = 0;
    /** Where each string to reply begins, and its length. */
    const places: number[] = [];
    if (opened.exists) {
      const problem = scan.takeOptions(request, 3, true);
      if (problem !== undefined) return reply.error(problem);
      next = scanFields(opened, from, scan.count, scan.pattern, (field) => {
        places.push(field.fieldAt, field.fieldLength);
        if (!scan.omitsValues) places.push(field.valueAt, field.valueLength);
      });
    }
    reply.array(2);
    reply.text(String(next));
    writePlaces(reply, opened.arena, places);
  },
});

function writePlaces(reply: Reply, arena: Arena, places: readonly number[]): void {
  reply.array(places.length / 2);
  for (let i = 0; i < places.length; i += 2)
    reply.stored(arena, places[i] ?? 0, places[i + 1] ?? 0);
}

export const hashListCommands = [hGetAll, hKeys, hVals, hScan];
