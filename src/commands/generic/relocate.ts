/** Keys that get another name, another database, or an equal. */
import { equalBytes } from '#memory/bytes.ts';
import type { Slice } from '#memory/slice.ts';
import { parseInteger } from '#types/int64.ts';
import { copyKey, moveKey, renameKey } from '#types/keys.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { flag, integer, key, option } from '../grammar.ts';
import type { Request } from '../request.ts';
import { checkDatabaseIndex } from './database-index.ts';

const rename = command({
  name: 'rename',
  since: '1.0.0',
  group: 'generic',
  complexity: 'O(N) where N is the length of a string.',
  summary: 'Renames a key and overwrites the destination.',
  flags: ['write'],
  args: [key('key', 'RW', 'access', 'delete'), key('newkey', 'OW', 'update')],
  reply: ['ok'],
  run(context, key, newKey) {
    const outcome = renameTo(context, key, newKey, false);
    if (outcome === 'missing') context.reply.error(errors.noSuchKey);
    else context.reply.ok();
  },
});

const renameNx = command({
  name: 'renamenx',
  since: '1.0.0',
  group: 'generic',
  complexity: 'O(N) where N is the length of a string.',
  summary: "Renames a key only when the target key name doesn't exist.",
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'access', 'delete'), key('newkey', 'OW', 'insert')],
  reply: ['integer'],
  history: [
    [
      '3.2.0',
      'The command no longer returns an error when source and destination names are the same.',
    ],
  ],
  run(context, key, newKey) {
    const outcome = renameTo(context, key, newKey, true);
    if (outcome === 'missing') context.reply.error(errors.noSuchKey);
    else context.reply.integer(outcome === 'renamed' ? 1 : 0);
  },
});

type RenameOutcome = 'renamed' | 'missing' | 'same' | 'taken';

function renameTo(
  { database }: Context,
  key: Slice,
  newKey: Slice,
  onlyIfFree: boolean,
): RenameOutcome {
  const source = database.write(key);
  if (!source.exists) return 'missing';
  if (isSame(key, newKey)) return 'same';
  const target = database.write(newKey, database.secondary);
  if (onlyIfFree && target.exists) return 'taken';
  renameKey(source, target);
  return 'renamed';
}

function isSame(a: Slice, b: Slice): boolean {
  return a.length === b.length && equalBytes(a.bytes, a.at, b.bytes, b.at, a.length);
}

const copy = command({
  name: 'copy',
  since: '6.2.0',
  group: 'generic',
  complexity:
    'O(N) worst case for collections, where N is the number of nested items. O(N) for strings, where N is the length.',
  summary: 'Copies the value of a key to a new key.',
  flags: ['write', 'denyoom'],
  args: [key('source', 'RO', 'access'), key('destination', 'OW', 'update')],
  alsoIn: { keyAt: 2, databaseOf: (request) => databaseAfter(request, 3) },
  options: {
    destination: option('DB', integer('destination-db', undefined, checkDatabaseIndex)),
    replace: flag('REPLACE'),
  },
  readsOptionsInOrder: true,
  reply: ['integer'],
  run({ database, keyspace, reply }, key, newKey, { destination, replace }) {
    const other = destination.token === null ? undefined : keyspace.database(destination.integer);
    const to = other ?? database;
    if (to === database && isSame(key, newKey)) return reply.error(errors.sameObject);
    const source = database.read(key);
    if (!source.exists) return reply.integer(0);
    const target = to.write(newKey, to.secondary);
    if (target.exists && !replace) return reply.integer(0);
    copyKey(source, target);
    reply.integer(1);
  },
});

/** The number behind the last `DB` from a word on. */
function databaseAfter(request: Request, from: number): number | undefined {
  let database: number | undefined;
  for (let at = from; at + 1 < request.count; at++) {
    if (request.latin1(at).toLowerCase() === 'db') database = integerAt(request, at + 1);
  }
  return database;
}

function integerAt(request: Request, at: number): number | undefined {
  const value = parseInteger(request.bytes, request.at(at), request.length(at));
  return Number.isNaN(value) ? undefined : value;
}

const move = command({
  name: 'move',
  since: '1.0.0',
  group: 'generic',
  complexity: 'O(1)',
  summary: 'Moves a key to another database.',
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'access', 'update'), integer('db', undefined, checkDatabaseIndex)],
  alsoIn: { keyAt: 1, databaseOf: (request) => integerAt(request, 2) },
  reply: ['integer'],
  run({ database, keyspace, reply }, key, index) {
    const to = keyspace.database(index) ?? database;
    if (to === database) return reply.error(errors.sameObject);
    const source = database.write(key);
    if (!source.exists) return reply.integer(0);
    const target = to.write(key, to.secondary);
    if (target.exists) return reply.integer(0);
    moveKey(source, target);
    reply.integer(1);
  },
});

export const relocateCommands = [rename, renameNx, copy, move];
