/**
 * What a command sees of the world around it while it runs: the data, the request, where to answer, and whom
 * it serves. Made by the session floor, once for each connection, and used for all its commands.
 */
import type { Database } from '#keyspace/database.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { Wait } from './blocking.ts';
import type { Client } from './client.ts';
import type { Reply } from './reply.ts';
import type { Request } from './request.ts';
import type { Services } from './services.ts';

export interface Context {
  readonly keyspace: Keyspace;
  /** The database the client has selected. */
  database: Database;
  readonly request: Request;
  readonly reply: Reply;
  readonly client: Client;
  readonly services: Services;
  /** Lets the client wait for a key instead of answering it now. To be called once, as a command's last step. */
  block(wait: Wait): void;
}
