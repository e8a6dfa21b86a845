/**
 * The other end of an HTTP/2 connection, and the clients it is. Unary calls share clients: one for all calls with the same
 * credentials and database, which authenticates once. A call that may wait, and each stream, has a client of its own.
 */
import type { Metadata } from '@grpc/grpc-js';
import { errors } from '#commands/errors.ts';
import type { LocalConnection } from '../local/connection.ts';
import type { LocalDoor, Peer } from '../local/door.ts';
import { ReplyError } from '../local/reply-value.ts';
import { credentialsKey, credentialsOf, textOf } from './credentials.ts';
import { mistake } from './status.ts';
import { ValueWriter } from './value-writer.ts';

/** How a client's replies are had: as values, to be put into messages, or as the bytes of `Value` messages. */
export type Form = 'values' | 'messages';

/** Different clients that one connection may share among its calls; the one that was made first goes. */
const sharedMax = 16;
const databasePattern = /^\d{1,9}$/;

export class GrpcPeer {
  private readonly door: LocalDoor;
  private readonly peer: Peer;
  private readonly clients = new Set<LocalConnection>();
  private readonly shared = new Map<string, LocalConnection>();

  constructor(door: LocalDoor, peer: Peer) {
    this.door = door;
    this.peer = peer;
  }

  /** The client for a call that others may share, or why there is none. */
  sharedClient(metadata: Metadata, form: Form): LocalConnection | ReplyError {
    const key = `${form}\n${textOf(metadata, 'zippy-database')}\n${credentialsKey(metadata)}`;
    const existing = this.shared.get(key);
    if (existing !== undefined) return existing;
    const client = this.ownClient(metadata, form);
    if (client instanceof ReplyError) return client;
    if (this.shared.size >= sharedMax) this.closeOldest();
    this.shared.set(key, client);
    const { onClose } = client;
    client.onClose = () => {
      this.shared.delete(key);
      onClose();
    };
    return client;
  }

  /** A client for one call, to be closed after it; or why there is none. */
  ownClient(metadata: Metadata, form: Form): LocalConnection | ReplyError {
    const credentials = credentialsOf(metadata);
    if (credentials instanceof ReplyError) return credentials;
    const client = this.door.admit(
      this.peer,
      form === 'messages' ? { makeReplies: () => new ValueWriter() } : {},
    );
    if (client instanceof ReplyError) return client;
    if (credentials !== undefined && !client.authenticate(credentials.user, credentials.password)) {
      client.close();
      return ReplyError.of(errors.wrongPassword);
    }
    const problem = selectDatabase(client, textOf(metadata, 'zippy-database'));
    if (problem !== undefined) {
      client.close();
      return problem;
    }
    this.clients.add(client);
    client.onClose = () => this.clients.delete(client);
    return client;
  }

  /** The connection is gone. */
  close(): void {
    for (const client of this.clients) client.close();
  }

  private closeOldest(): void {
    for (const client of this.shared.values()) {
      client.close();
      return;
    }
  }
}

function selectDatabase(client: LocalConnection, database: string): ReplyError | undefined {
  if (database === '' || database === '0') return undefined;
  if (!databasePattern.test(database)) return mistake('zippy-database is not a number');
  const reply = client.callNow(['SELECT', database]);
  return reply instanceof ReplyError ? reply : undefined;
}
