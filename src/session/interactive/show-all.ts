/**
 * SHOWALL: the keys and values of the selected database as they were last committed, and the open transactions with what each has
 * pending. A value is what the command that reads all of its type answers.
 */
import type { Command } from '#commands/command.ts';
import { Request } from '#commands/request.ts';
import { type ValueType, valueType } from '#keyspace/entry.ts';
import { Slice } from '#memory/slice.ts';
import { FoundKeys, findKeys } from '#types/scan.ts';
import { traitsOf } from '#types/values.ts';
import type { Session } from '../session.ts';
import type { OpenTransaction } from './open-transaction.ts';
import type { Workspace } from './workspace.ts';

/** The command that reads a value of a type, and its words after the key. */
const readers: Readonly<Record<ValueType, readonly [name: string, ...words: readonly string[]]>> = {
  [valueType.string]: ['get'],
  [valueType.list]: ['lrange', '0', '-1'],
  [valueType.set]: ['smembers'],
  [valueType.zset]: ['zrange', '0', '-1', 'WITHSCORES'],
  [valueType.hash]: ['hgetall'],
  [valueType.stream]: ['xrange', '-', '+'],
};

const everyKey = new Slice(Buffer.from('*'));
const slice = new Slice();

export function showAll(
  session: Session,
  transactions: Iterable<OpenTransaction>,
  workspace: Workspace,
): void {
  const { reply, database } = session;
  const keys = keysIn(session);
  reply.map(2);
  reply.text('keys');
  reply.array(keys.length);
  for (const key of keys) {
    reply.array(3);
    showKey(session, key);
  }
  reply.text('transactions');
  const open = [...transactions];
  reply.array(open.length);
  for (const transaction of open) {
    workspace.show(session, transaction, () => showTransaction(session, transaction));
  }
  session.database = database;
}

function keysIn({ database }: Session): Buffer[] {
  const found = new FoundKeys();
  findKeys(database, everyKey, found);
  const keys: Buffer[] = [];
  found.each((bytes, at, length) => keys.push(Buffer.from(bytes.subarray(at, at + length))));
  return keys;
}

function showTransaction(session: Session, transaction: OpenTransaction): void {
  const { reply, keyspace } = session;
  const { id, user, isReadOnly, changes, owner, beganAtMs } = transaction;
  reply.map(7);
  reply.text('id');
  reply.integer(id);
  reply.text('user');
  reply.text(user);
  reply.text('mode');
  reply.text(isReadOnly ? 'readonly' : 'readwrite');
  reply.text('began-at-ms');
  reply.integer(beganAtMs);
  reply.text('waiting');
  reply.integer(owner.request === undefined ? 0 : 1);
  reply.text('emptied');
  reply.array(changes.flushed.size);
  for (const index of changes.flushed) reply.integer(index);
  reply.text('pending');
  const pending = [...changes.keys()].filter(({ isChanged }) => isChanged);
  reply.array(pending.length);
  for (const { database: index, bytes } of pending) {
    session.database = keyspace.database(index) ?? session.database;
    reply.array(4);
    reply.integer(index);
    showKey(session, bytes);
  }
}

/** Writes three values: the key, its type and what it holds. */
function showKey(session: Session, key: Buffer): void {
  const { reply, database, services } = session;
  reply.bulk(key, 0, key.length);
  const cursor = database.peek(slice.point(key, 0, key.length));
  if (!cursor.exists) {
    reply.text('none');
    reply.nil();
    return;
  }
  reply.text(traitsOf(cursor).name);
  const [name, ...words] = readers[cursor.type];
  // Every type's reader is in the table of commands.
  const reader = services.commands.named(name) as Command;
  const { request } = session;
  session.request = requestOf([Buffer.from(name), key, ...words.map((word) => Buffer.from(word))]);
  reader.call(session);
  session.request = request;
}

function requestOf(words: readonly Buffer[]): Request {
  const request = new Request();
  request.reset(Buffer.concat(words));
  let at = 0;
  for (const { length } of words) {
    request.push(at, length);
    at += length;
  }
  return request;
}
