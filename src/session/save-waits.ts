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
import type { Database } from '#keyspace/database.ts';
import { fieldExpireAtMs } from '#keyspace/entry.ts';
import type { Keeper } from '#keyspace/keeper.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import { Slice } from '#memory/slice.ts';
import { keyRangeOf } from './acl/access-words.ts';
import { LockPlan, mayChangeKeys } from './interactive/lock-plan.ts';
import { lockMode } from './locking/lock-mode.ts';
import type { Session } from './session.ts';

export class SaveWaits {
  private readonly keyspace: Keyspace;
  private readonly plan: LockPlan;
  private readonly key = new Slice();
  private readonly waiting = new Set<Client>();

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
    this.plan = new LockPlan(keyspace, false);
    keyspace.onSaved = () => this.wake();
  }

  /** Whether the session's request has to wait, while there is a keeper. Its client is blocked then. O(keys). */
  mustWait(command: Command, session: Session, keeper: Keeper): boolean {
    const { client } = session;
    if (client.connection.isSynchronous === true) return false;
    const isExec = command.fullName === 'exec';
    const changes = mayChangeKeys(command);
    if (!isExec && !changes && !keeper.concernsReads) return false;
    const { isFixed } = keyRangeOf(command);
    const isPlain = isFixed && !isExec && command.facts.alsoIn === undefined;
    const waits = isPlain
      ? this.claimsNamed(command, session, changes, keeper)
      : this.claimsPlanned(command, session, keeper);
    if (!waits) return false;
    client.isBlocked = true;
    this.waiting.add(client);
    return true;
  }

  // Both claim all that have to be saved, which are one after another. Most commands name their keys in a row.

  private claimsNamed(
    command: Command,
    { database, request }: Session,
    changes: boolean,
    keeper: Keeper,
  ): boolean {
    const { first, last, step } = keyRangeOf(command);
    const end = Math.min(last < 0 ? request.count + last : last, request.count - 1);
    let claims = false;
    for (let at = first; at <= end; at += step) {
      if (this.claims(database, request.into(at, this.key), changes, keeper)) claims = true;
    }
    return claims;
  }

  private claimsPlanned(command: Command, session: Session, keeper: Keeper): boolean {
    const { plan, keyspace } = this;
    plan.fill(command, session);
    let claims = false;
    for (let at = 0; at < plan.length; at++) {
      const { database: index, isKey, key, mode } = plan.at(at);
      const database = isKey ? keyspace.database(index) : undefined;
      if (database === undefined) continue;
      if (this.claims(database, key, mode === lockMode.exclusive, keeper)) claims = true;
    }
    return claims;
  }

  private claims(database: Database, key: Slice, changes: boolean, keeper: Keeper): boolean {
    const cursor = database.find(key);
    if (!cursor.exists) return false;
    if (changes) {
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
