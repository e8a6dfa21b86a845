/**
 * Clients that wait for a value to be saved. A save writes a big value in pieces, while nobody may change it (Keeper): a request
 * that would waits, as one for a lock does, and has that value saved next. Others go on meanwhile.
 *
 * It waits before it begins, for what its declaration says that it changes. What cannot be told from that (keys that a script does not
 * name), or cannot wait (a synchronous call), changes the value all the same, and the save then writes the rest of it at once. Removing needs
 * no wait: the save keeps what is removed.
 */
import type { Client } from '#commands/client.ts';
import type { Command } from '#commands/command.ts';
import { fieldExpireAtMs } from '#keyspace/entry.ts';
import type { Keeper } from '#keyspace/keeper.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import { type LockNeed, LockPlan, mayChangeKeys } from './interactive/lock-plan.ts';
import { lockMode } from './locking/lock-mode.ts';
import type { Session } from './session.ts';

export class SaveWaits {
  private readonly keyspace: Keyspace;
  private readonly plan: LockPlan;
  private readonly waiting = new Set<Client>();

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
    this.plan = new LockPlan(keyspace);
    keyspace.onSaved = () => this.wake();
  }

  /** Whether the session's request has to wait, while there is a keeper. Its client is blocked then. O(keys). */
  mustWait(command: Command, session: Session, keeper: Keeper): boolean {
    const { client } = session;
    if (client.connection.isSynchronous === true) return false;
    const isExec = command.fullName === 'exec';
    if (!isExec && !mayChangeKeys(command) && !keeper.concernsReads) return false;
    const { plan } = this;
    plan.fill(command, session);
    let waits = false;
    // All that have to be saved are, one after another.
    for (let at = 0; at < plan.length; at++) if (this.claims(plan.at(at), keeper)) waits = true;
    if (!waits) return false;
    client.isBlocked = true;
    this.waiting.add(client);
    return true;
  }

  private claims({ database: index, isKey, key, mode }: LockNeed, keeper: Keeper): boolean {
    const database = this.keyspace.database(index);
    if (!isKey || database === undefined) return false;
    const cursor = database.find(key);
    if (!cursor.exists) return false;
    if (mode === lockMode.exclusive) {
      // What has expired is only removed.
      return !database.isExpired(cursor) && keeper.claim(cursor);
    }
    // Reading a value removes the members whose time has come.
    const memberAtMs = fieldExpireAtMs(cursor.arena, cursor.entry);
    return memberAtMs !== 0 && memberAtMs <= this.keyspace.nowMs && keeper.claim(cursor);
  }

  private wake(): void {
    const clients = [...this.waiting];
    this.waiting.clear();
    for (const client of clients) {
      client.isBlocked = false;
      if (!client.connection.isClosing) client.connection.resume();
    }
  }
}
