/**
 * The local door: clients without a socket. The program that the store lives in comes through it, and so do the doors whose
 * protocols are somebody else's, such as HTTP: each of their clients is a {@link LocalConnection}.
 */

import type { Account } from '#commands/access.ts';
import type { AppendLog } from '#commands/append-log.ts';
import type { Services } from '#commands/services.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import { Account as NewAccount } from '#session/acl/account.ts';
import { dismiss, refusalOf } from '#session/admission.ts';
import type { Executor } from '#session/executor.ts';
import type { Turn } from '#session/turn.ts';
import { LocalConnection } from './connection.ts';
import { ReplyError } from './reply-value.ts';
import { RequestWriter } from './request-writer.ts';
import { type ReplyMaker, ValueReply } from './value-reply.ts';

/** Who is at the other end, as CLIENT LIST and ACL LOG show it. */
export interface Peer {
  /** `host:port`. */
  readonly remoteAddress: string;
  readonly localAddress: string;
  /** Whether it is on this machine. */
  readonly isLocal: boolean;
}

export interface LocalOptions {
  /** The version of RESP whose shapes replies have; 3 by default. */
  readonly protocol?: 2 | 3;
  /** What replies become, if not {@link ReplyValue}s of their shapes: for a door that sends them in a form of its own. */
  readonly makeReplies?: () => ReplyMaker;
}

const thisProgram: Peer = { remoteAddress: '', localAddress: '', isLocal: true };

export class LocalDoor {
  readonly services: Services;
  readonly keyspace: Keyspace;
  readonly executor: Executor;
  readonly turn: Turn;
  readonly writer = new RequestWriter();
  /** Those whose replies wait for the disk. */
  readonly holding = new Set<LocalConnection>();
  private readonly appendLog: AppendLog;
  private readonly owner: Account;

  constructor(services: Services, keyspace: Keyspace, executor: Executor, turn: Turn) {
    this.services = services;
    this.keyspace = keyspace;
    this.executor = executor;
    this.turn = turn;
    this.appendLog = services.appendLog;
    this.appendLog.onSettled.add(() => this.releaseHeld());
    this.owner = ownerAccount();
  }

  /** The longest word that a request may have. */
  get wordBytesMax(): number {
    return this.services.config.get('proto-max-bulk-len');
  }

  /** A client that is the program itself: it may do everything, whatever users there are, and is never refused. */
  connect(options: LocalOptions = {}): LocalConnection {
    return this.add(thisProgram, this.owner, options);
  }

  /** A client of another door, who is the default user until it says otherwise; or why it cannot come in. */
  admit(peer: Peer, options: LocalOptions = {}): LocalConnection | ReplyError {
    const refusal = refusalOf(this.services, peer.isLocal);
    if (refusal !== undefined) return ReplyError.of(refusal);
    return this.add(peer, this.services.access.defaultAccount, options);
  }

  forget(connection: LocalConnection): void {
    this.holding.delete(connection);
    dismiss(this.services, connection.client);
  }

  private add(peer: Peer, account: Account, options: LocalOptions): LocalConnection {
    const { protocol = 3, makeReplies = () => new ValueReply(protocol) } = options;
    const connection = new LocalConnection(this, peer, account, makeReplies);
    this.services.clients.add(connection.client);
    this.services.stats.connections++;
    return connection;
  }

  private releaseHeld(): void {
    for (const connection of this.holding) connection.release(this.appendLog.settled);
  }
}

/** Whoever holds the store in its hands may do what it likes with it. */
function ownerAccount(): Account {
  const account = new NewAccount('default');
  account.isOn = true;
  account.hasNoPassword = true;
  account.isUnlimited = true;
  return account;
}
