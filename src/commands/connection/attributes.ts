/** What clients call themselves, and how CLIENT LIST shows them: one line of fields that nothing may break. */
import type { Client } from '../client.ts';

/** What the structures of a connection take beside its buffers, roughly. */
const connectionBytes = 2048;

/** Whether text fits in a field of CLIENT LIST: printable ASCII without spaces. Empty stands for none. */
export function isAttribute(text: string): boolean {
  return /^[!-~]*$/.test(text);
}

/** The kinds of clients that CLIENT LIST and KILL tell apart. */
export type ClientType = 'normal' | 'master' | 'replica' | 'pubsub';

/** The type that a word names in any case; undefined if none. `slave` is the old name of `replica`. */
export function clientTypeNamed(word: string): ClientType | undefined {
  switch (word.toLowerCase()) {
    case 'normal':
      return 'normal';
    case 'master':
      return 'master';
    case 'slave':
    case 'replica':
      return 'replica';
    case 'pubsub':
      return 'pubsub';
    default:
      return undefined;
  }
}

/** Somebody who monitors is a normal client; replicas come with what makes them. */
export function clientTypeOf({ subscriptions }: Client): ClientType {
  return subscriptions.isEmpty ? 'normal' : 'pubsub';
}

/** A client's line in CLIENT LIST, line end included: Redis 8.0's fields in its order. */
export function describeClient(client: Client, nowMs: number): string {
  const { connection, subscriptions, transaction } = client;
  const { inputBytes, inputCapacityBytes, outputBytes } = connection;
  const fields: readonly (readonly [name: string, value: string | number])[] = [
    ['id', client.id],
    ['addr', connection.remoteAddress],
    ['laddr', connection.localAddress],
    ['fd', connection.descriptor],
    ['name', client.name],
    ['age', seconds(nowMs - client.createdAtMs)],
    ['idle', seconds(nowMs - client.lastActiveAtMs)],
    ['flags', flagsOf(client)],
    ['db', client.databaseIndex],
    ['sub', subscriptions.channel.size],
    ['psub', subscriptions.pattern.size],
    ['ssub', subscriptions.shard.size],
    ['multi', transaction.queue?.count ?? -1],
    ['watch', transaction.watchedCount],
    ['qbuf', inputBytes],
    ['qbuf-free', inputCapacityBytes - inputBytes],
    ['argv-mem', 0],
    ['multi-mem', 0],
    ['rbs', 0],
    ['rbp', 0],
    ['obl', 0],
    ['oll', outputBytes > 0 ? 1 : 0],
    ['omem', outputBytes],
    ['tot-mem', connectionBytes + inputCapacityBytes + outputBytes],
    ['events', outputBytes > 0 ? 'rw' : 'r'],
    ['cmd', client.lastCommand],
    ['user', client.user],
    ['redir', -1],
    ['resp', connection.protocol],
    ['lib-name', client.libraryName],
    ['lib-ver', client.libraryVersion],
    ['io-thread', 0],
    ['tot-net-in', client.inputBytes],
    ['tot-net-out', client.outputBytes],
    ['tot-cmds', client.commands],
  ];
  return `${fields.map(([name, value]) => `${name}=${value}`).join(' ')}\n`;
}

function seconds(milliseconds: number): number {
  return Math.max(0, Math.floor(milliseconds / 1000));
}

function flagsOf(client: Client): string {
  const { connection } = client;
  let flags = '';
  if (client.isMonitor) flags += 'O';
  if (!client.subscriptions.isEmpty) flags += 'P';
  if (client.tracking !== undefined) flags += 't';
  if (client.tracking?.isBroadcast) flags += 'B';
  if (client.isBlocked) flags += 'b';
  if (client.transaction.queue !== undefined) flags += 'x';
  if (client.transaction.isStale) flags += 'd';
  if (connection.isClosing) flags += 'c';
  if (connection.isUnix) flags += 'U';
  if (client.noEvict) flags += 'e';
  if (client.noTouch) flags += 'T';
  return flags === '' ? 'N' : flags;
}
