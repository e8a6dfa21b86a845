/** A session: a client's state and everything its commands run with. One for each connection. */
import type { Wait } from '#commands/blocking.ts';
import type { Client } from '#commands/client.ts';
import type { Context } from '#commands/context.ts';
import type { Reply } from '#commands/reply.ts';
import type { Request } from '#commands/request.ts';
import type { Services } from '#commands/services.ts';
import type { Database } from '#keyspace/database.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';

export interface SessionParts {
  readonly keyspace: Keyspace;
  readonly database: Database;
  readonly request: Request;
  readonly reply: Reply;
  readonly client: Client;
  readonly services: Services;
  /** Whether the bytes of a request stay for the rest of a turn, at the end of which the door settles what is queued. */
  readonly inputStays?: boolean;
}

export class Session implements Context {
  /** What commands work on: inside an interactive transaction, its view. */
  keyspace: Keyspace;
  database: Database;
  /** The one being executed. */
  request: Request;
  readonly reply: Reply;
  readonly client: Client;
  readonly services: Services;
  readonly inputStays: boolean;

  constructor(parts: SessionParts) {
    const { keyspace, database, request, reply, client, services, inputStays = false } = parts;
    this.keyspace = keyspace;
    this.database = database;
    this.request = request;
    this.reply = reply;
    this.client = client;
    this.services = services;
    this.inputStays = inputStays;
  }

  /** Where what comes next is going to be executed; undefined where it is going to be queued. */
  get databaseOfNext(): Database | undefined {
    return this.client.transaction.queue === undefined ? this.database : undefined;
  }

  block(wait: Wait): void {
    const isInTransaction = this.keyspace.base !== undefined;
    if (this.client.transaction.isExecuting || isInTransaction) wait.expire(this.reply);
    else this.services.blocked.block(this, wait);
  }
}
