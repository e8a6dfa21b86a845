/** The link to a store in the same process: connections of its local door. */
import type {
  BeginOptions,
  Link,
  Message,
  Subscription,
  SubscriptionLink,
  TransactionLink,
} from '#client/link.ts';
import type { Reply, Words } from '#client/reply.ts';
import { ZippyError } from '#client/zippy-error.ts';
import type { LocalConnection } from '#protocols/local/connection.ts';
import type { LocalDoor } from '#protocols/local/door.ts';
import { ReplyError, type ReplyValue } from '#protocols/local/reply-value.ts';

export class LocalLink implements Link {
  readonly connection: LocalConnection;
  private readonly door: LocalDoor;

  constructor(door: LocalDoor) {
    this.door = door;
    this.connection = door.connect();
  }

  call(words: Words): Promise<Reply> {
    return this.connection.call(words);
  }

  async callWaiting(words: Words, signal?: AbortSignal): Promise<Reply> {
    const connection = await this.connectAlike();
    const abort = () => connection.close();
    // It may have been while the connection was made.
    if (signal?.aborted === true) abort();
    signal?.addEventListener('abort', abort);
    try {
      return await connection.call(words);
    } finally {
      signal?.removeEventListener('abort', abort);
      connection.close();
    }
  }

  async callAll(commands: readonly Words[], atomic: boolean): Promise<readonly Reply[]> {
    const { connection } = this;
    if (!atomic) return Promise.all(commands.map((words) => connection.call(words)));
    // Calls are executed in order, so nobody else's come between these.
    const replies = [['MULTI'], ...commands, ['EXEC']].map((words) => connection.call(words));
    const [, ...queued] = await Promise.all(replies);
    const results = queued.pop() ?? null;
    if (Array.isArray(results)) return results;
    return queued.map((reply) => (reply instanceof ReplyError ? reply : results));
  }

  async begin({ readonly, timeoutMs }: BeginOptions): Promise<TransactionLink> {
    const connection = await this.connectAlike();
    const timeout = timeoutMs === undefined ? [] : ['TIMEOUT', timeoutMs];
    try {
      await done(connection, ['BEGIN', ...(readonly === true ? ['READONLY'] : []), ...timeout]);
    } catch (error) {
      connection.close();
      throw error;
    }
    return new LocalTransaction(connection);
  }

  async subscribe(
    { channels, patterns }: Subscription,
    onMessage: (message: Message<Uint8Array>) => void,
    onClose: () => void,
  ): Promise<SubscriptionLink> {
    const connection = this.door.connect();
    connection.onMessage = (values) => {
      const message = messageOf(values);
      if (message !== undefined) onMessage(message);
    };
    connection.onClose = onClose;
    if (channels.length > 0) await done(connection, ['SUBSCRIBE', ...channels]);
    if (patterns.length > 0) await done(connection, ['PSUBSCRIBE', ...patterns]);
    return { close: async () => connection.close() };
  }

  async close(): Promise<void> {
    this.connection.close();
  }

  /** Another connection, to the same database. */
  private async connectAlike(): Promise<LocalConnection> {
    const connection = this.door.connect();
    const { databaseIndex } = this.connection.client;
    if (databaseIndex !== 0) await done(connection, ['SELECT', databaseIndex]);
    return connection;
  }
}

class LocalTransaction implements TransactionLink {
  private readonly connection: LocalConnection;

  constructor(connection: LocalConnection) {
    this.connection = connection;
  }

  call(words: Words): Promise<Reply> {
    return this.connection.call(words);
  }

  async commit(): Promise<void> {
    try {
      await done(this.connection, ['COMMIT']);
    } finally {
      this.connection.close();
    }
  }

  /** A connection that goes takes its transaction with it, also one that was rolled back already. */
  async rollback(): Promise<void> {
    await this.connection.call(['ROLLBACK']);
    this.connection.close();
  }
}

/** Executes a command that has nothing to say but that it failed. */
async function done(connection: LocalConnection, words: Words): Promise<void> {
  const reply = await connection.call(words);
  if (reply instanceof ReplyError) throw new ZippyError(reply.message, { code: reply.code });
}

/** A message, if it is one of a channel. */
function messageOf(values: readonly ReplyValue[]): Message<Uint8Array> | undefined {
  const [kind, first, second, third] = values.map((value) =>
    Buffer.isBuffer(value) ? value : Buffer.from(String(value)),
  );
  if (first === undefined || second === undefined) return undefined;
  if (String(kind) === 'message') return { channel: String(first), message: second };
  if (String(kind) !== 'pmessage' || third === undefined) return undefined;
  return { pattern: String(first), channel: String(second), message: third };
}
